// SPDX-License-Identifier: GPL-2.0

//! The module comes and goes.

use std::fs::{self, File};
use std::os::unix::fs::FileTypeExt;
use std::path::Path;
use std::sync::mpsc;
use std::thread;

use rustix::io::Errno;

use crate::client::{Access, Bench, Context, Device, Mapping, Object, Thread, NODE};
use crate::kernel_log::Reader;
use crate::module::Module;
use crate::suite::Suite;

/// The suite.
pub(super) const SUITE: Suite = Suite {
    name: "load",
    groups: &[crate::tests![
        a_node_and_a_class_device_come_and_go,
        it_can_be_loaded_again_and_again,
        every_known_chip_loads,
        an_unknown_chip_is_refused_and_the_known_ones_are_listed,
        an_unknown_parameter_is_only_mentioned,
        without_a_node_to_bind_there_is_no_device,
        an_unknown_chip_is_refused_before_there_is_a_node,
        a_wait_of_no_time_polls_or_waits,
        what_a_wait_of_no_time_does_is_one_of_two,
        it_stays_while_a_file_is_open,
        it_stays_while_a_mapping_lives,
        it_goes_after_a_file_was_left_with_everything_open,
    ]],
};

/// The device in sysfs.
const CLASS_DEVICE: &str = "/sys/class/kgsl/kgsl-3d0";

/// Every name that `chip=` takes.
const CHIPS: [&str; 12] = [
    "auto", "a618", "a630", "a635", "a640", "a650", "a660", "a663", "a730", "a740", "a750", "a840",
];

fn module() -> Module {
    Module::named("kgsl_shim")
}

fn insert() {
    module().insert().expect("the module is inserted");
}

fn remove() {
    module().remove().expect("the module is removed");
}

fn a_node_and_a_class_device_come_and_go() {
    insert();
    assert!(fs::metadata(NODE)
        .expect("the node is there")
        .file_type()
        .is_char_device());
    let numbers = fs::read_to_string(Path::new(CLASS_DEVICE).join("dev"))
        .expect("the device is in its class");
    let (major, minor) = numbers
        .trim()
        .split_once(':')
        .expect("a device number is MAJOR:MINOR");
    let link = fs::canonicalize(format!("/sys/dev/char/{major}:{minor}"))
        .expect("the device number leads somewhere");
    assert_eq!(
        link,
        fs::canonicalize(CLASS_DEVICE).expect("the class device leads somewhere")
    );
    assert!(module().is_loaded());
    remove();
    for path in [NODE, CLASS_DEVICE, "/sys/class/kgsl"] {
        assert!(!Path::new(path).exists(), "{path} is still there");
    }
}

fn it_can_be_loaded_again_and_again() {
    for _ in 0..5 {
        insert();
        File::open(NODE).expect("the node opens");
        remove();
    }
}

fn every_known_chip_loads() {
    for chip in CHIPS {
        module()
            .with(&format!("chip={chip}"))
            .insert()
            .unwrap_or_else(|errno| panic!("chip={chip}: {errno}"));
        remove();
    }
}

fn an_unknown_chip_is_refused_and_the_known_ones_are_listed() {
    for chip in ["a999", "", "A", "660x", "a660,a618"] {
        let mut log = Reader::from_now().expect("the kernel log opens");
        assert_eq!(
            module().with(&format!("chip={chip}")).insert(),
            Err(Errno::INVAL),
            "chip={chip}"
        );
        let said = log.read().expect("the kernel log is read");
        for known in CHIPS {
            assert!(
                said.contains(known),
                "chip={chip}: {known} is not listed in {said:?}"
            );
        }
        assert!(!module().is_loaded() && !Path::new(NODE).exists());
    }
}

fn without_a_node_to_bind_there_is_no_device() {
    let mut log = Reader::from_now().expect("the kernel log opens");
    let bound = module().with("bind_dt=1");
    bound.insert().expect("the module is inserted");
    let said = log.read().expect("the kernel log is read");
    assert!(said.contains("bind_dt=1: no device yet"), "{said}");
    assert!(module().is_loaded());
    for path in [NODE, "/sys/class/kgsl"] {
        assert!(!Path::new(path).exists(), "{path} is there");
    }
    assert_eq!(bound.insert(), Err(Errno::EXIST));
    remove();
}

fn an_unknown_chip_is_refused_before_there_is_a_node() {
    let wrong = module().with("bind_dt=1").with("chip=a999");
    assert_eq!(wrong.insert(), Err(Errno::INVAL));
    assert!(!module().is_loaded());
    assert!(!Path::new("/sys/bus/platform/drivers/kgsl_shim").exists());
}

/// That is what the kernel does for every module.
fn an_unknown_parameter_is_only_mentioned() {
    let mut log = Reader::from_now().expect("the kernel log opens");
    module()
        .with("no_such_parameter=1")
        .insert()
        .expect("the module is inserted");
    let said = log.read().expect("the kernel log is read");
    assert!(
        said.contains("unknown parameter 'no_such_parameter' ignored"),
        "{said}"
    );
    remove();
}

/// Where the parameter can be read and changed.
const WAIT_ZERO: &str = "/sys/module/kgsl_shim/parameters/wait_zero";

/// Mesa's turnip polls so; the C driver waits.
fn a_wait_of_no_time_polls_or_waits() {
    insert();
    assert_eq!(fs::read_to_string(WAIT_ZERO).expect("it is read"), "poll\n");
    let device = Device::open().expect("the node opens");
    let bench = Bench::new(&device);
    let polled = bench.block(0);
    assert_eq!(bench.context.wait(polled, 0), Err(Errno::TIMEDOUT));
    bench.release(0);
    bench.wait(polled);
    assert_eq!(bench.context.wait(polled, 0), Ok(()));
    drop(bench);
    drop(device);
    remove();
    let waiting = module().with("wait_zero=forever");
    waiting.insert().expect("the module is inserted");
    let device = Device::open().expect("the node opens");
    let bench = Bench::new(&device);
    let waited = bench.block(0);
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        let bench = &bench;
        let waiter = scope.spawn(move || {
            sender.send(Thread::current()).expect("somebody listens");
            bench.context.wait(waited, 0)
        });
        let thread = receiver.recv().expect("the thread has begun");
        assert!(thread.comes_to_sleep(), "it did not wait");
        bench.release(0);
        assert_eq!(waiter.join().expect("it does not panic"), Ok(()));
    });
    drop(bench);
    drop(device);
    remove();
}

fn what_a_wait_of_no_time_does_is_one_of_two() {
    for word in ["", "0", "FOREVER", "polling", "poll,forever"] {
        let mut log = Reader::from_now().expect("the kernel log opens");
        let refused = module().with(&format!("wait_zero={word}")).insert();
        assert_eq!(refused, Err(Errno::INVAL), "{word:?}");
        let said = log.read().expect("the kernel log is read");
        assert!(said.contains("it is poll or forever"), "{word:?}: {said}");
    }
    insert();
    for word in ["forever", "poll"] {
        fs::write(WAIT_ZERO, word).expect("root may change it");
        let now = fs::read_to_string(WAIT_ZERO).expect("it is read");
        assert_eq!(now, format!("{word}\n"));
    }
    let refused = fs::write(WAIT_ZERO, "maybe").map_err(|error| error.raw_os_error());
    assert_eq!(refused, Err(Some(Errno::INVAL.raw_os_error())));
    remove();
}

fn it_stays_while_a_file_is_open() {
    insert();
    let device = Device::open().expect("the node opens");
    assert_eq!(module().remove(), Err(Errno::AGAIN));
    assert!(module().is_loaded());
    drop(device);
    remove();
}

fn it_stays_while_a_mapping_lives() {
    insert();
    let device = Device::open().expect("the node opens");
    let object = Object::gpumem(&device, 0x1000, 0).expect("memory is allocated");
    let mapping =
        Mapping::new(&device, 0x1000, Access::ReadWrite, object.offset()).expect("it is mapped");
    drop(device);
    assert_eq!(module().remove(), Err(Errno::AGAIN));
    mapping.write(0, &[1]);
    drop(mapping);
    remove();
}

fn it_goes_after_a_file_was_left_with_everything_open() {
    insert();
    let device = Device::open().expect("the node opens");
    for _ in 0..8 {
        Object::gpumem(&device, 0x10_0000, 0).expect("memory is allocated");
        Context::new(&device).expect("a context is created");
    }
    drop(device);
    remove();
}
