// SPDX-License-Identifier: GPL-2.0

//! The device follows the device tree's node: which Adreno it is, and with `bind_dt=1` when it is there. The nodes are
//! those of `tests/device_trees/adreno.dtso`.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::thread;

use kgsl_shim::abi::device::PROPERTY_VK_DEVICE_ID;
use kgsl_shim::abi::sync::{
    SyncsourceCreate, SyncsourceFence, SYNCSOURCE_CREATE, SYNCSOURCE_CREATE_FENCE,
};
use rustix::io::Errno;

use crate::client::{Access, Bench, Context, Device, Fence, Mapping, Object, NODE};
use crate::kernel_log::Reader;
use crate::module::Module;
use crate::pm4::Commands;
use crate::suite::Suite;

/// The suite.
pub(super) const SUITE: Suite = Suite {
    name: "platform",
    groups: &[crate::tests![
        auto_takes_the_identity_and_leaves_the_node,
        a_chip_that_is_named_wins,
        the_driver_binds_the_node,
        a_chip_that_is_named_wins_over_the_bound_node,
        a_second_node_is_refused,
        unbinding_takes_the_device_and_binding_brings_it_back,
        a_node_that_no_identity_fits_is_presented_as_the_default,
        open_files_outlive_the_device,
        who_waits_is_woken_when_the_device_goes,
        fences_signal_when_the_device_goes,
        clients_come_and_go_while_the_device_does,
        removing_the_module_unbinds_the_node,
    ]],
};

/// The driver in sysfs.
const DRIVER: &str = "/sys/bus/platform/drivers/kgsl_shim";
/// The bus's devices in sysfs.
const DEVICES: &str = "/sys/bus/platform/devices";
/// The device of the node that is disabled, if there were one.
const DISABLED: &str = "f000000.gpu";
/// The device of the Adreno 635.
const A635: &str = "f100000.gpu";
/// The device of the Adreno that the module does not know.
const UNKNOWN: &str = "f200000.gpu";
/// Chip ids.
const A635_ID: u32 = 0x0603_0500;
const A660_ID: u32 = 0x0606_0001;
const A740_ID: u32 = 0x4305_0a01;
/// More than any wait takes, in milliseconds.
const LONG: u32 = 25_000;
/// What the status of a canceled fence is.
const CANCELED: i32 = -125;

fn module() -> Module {
    Module::named("kgsl_shim")
}

/// The module as the driver of the node.
fn bound() -> Module {
    module().with("bind_dt=1")
}

/// The module while it is inserted. A test that fails removes it too, so that the next one can be heard.
struct Inserted(Module);

impl Inserted {
    fn new(module: Module) -> Self {
        module.insert().expect("the module is inserted");
        Self(module)
    }

    fn remove(self) {
        self.0.remove().expect("the module is removed");
    }
}

impl Drop for Inserted {
    fn drop(&mut self) {
        // It is gone unless the test has failed.
        let _ = self.0.remove();
    }
}

fn chip_id() -> u32 {
    let device = Device::open().expect("the node opens");
    device
        .property(PROPERTY_VK_DEVICE_ID)
        .expect("the property is read")
}

/// The name of the driver that is bound to a device.
fn driver_of(device: &str) -> Option<String> {
    let link = fs::read_link(Path::new(DEVICES).join(device).join("driver")).ok()?;
    Some(link.file_name()?.to_string_lossy().into_owned())
}

fn unbind(device: &str) -> io::Result<()> {
    fs::write(Path::new(DRIVER).join("unbind"), device)
}

fn bind(device: &str) -> io::Result<()> {
    fs::write(Path::new(DRIVER).join("bind"), device)
}

fn sysfs_place() -> String {
    let place = fs::canonicalize("/sys/class/kgsl/kgsl-3d0").expect("the device is in its class");
    place.to_string_lossy().into_owned()
}

fn auto_takes_the_identity_and_leaves_the_node() {
    let inserted = Inserted::new(module());
    assert_eq!(chip_id(), A635_ID, "the disabled node was taken");
    assert_eq!(sysfs_place(), "/sys/devices/virtual/kgsl/kgsl-3d0");
    assert!(!Path::new(DRIVER).exists());
    assert_eq!(driver_of(A635), None);
    inserted.remove();
}

fn a_chip_that_is_named_wins() {
    let inserted = Inserted::new(module().with("chip=a740"));
    assert_eq!(chip_id(), A740_ID);
    inserted.remove();
}

fn the_driver_binds_the_node() {
    let inserted = Inserted::new(bound());
    assert_eq!(chip_id(), A635_ID);
    assert_eq!(driver_of(A635).as_deref(), Some("kgsl_shim"));
    assert_eq!(
        sysfs_place(),
        format!("/sys/devices/platform/{A635}/kgsl/kgsl-3d0")
    );
    assert!(!Path::new(DEVICES).join(DISABLED).exists());
    inserted.remove();
    assert_eq!(driver_of(A635), None);
}

fn a_chip_that_is_named_wins_over_the_bound_node() {
    let inserted = Inserted::new(bound().with("chip=a740"));
    assert_eq!(chip_id(), A740_ID);
    inserted.remove();
}

fn a_second_node_is_refused() {
    let mut log = Reader::from_now().expect("the kernel log opens");
    let inserted = Inserted::new(bound());
    let said = log.read().expect("the kernel log is read");
    assert!(
        said.contains("there is a device already, and no second one"),
        "{said}"
    );
    assert_eq!(driver_of(UNKNOWN), None);
    assert!(bind(UNKNOWN).is_err());
    assert_eq!(chip_id(), A635_ID);
    inserted.remove();
}

fn unbinding_takes_the_device_and_binding_brings_it_back() {
    let inserted = Inserted::new(bound());
    for _ in 0..5 {
        unbind(A635).expect("it is unbound");
        for path in [NODE, "/sys/class/kgsl"] {
            assert!(!Path::new(path).exists(), "{path} is still there");
        }
        assert!(unbind(A635).is_err(), "it is unbound already");
        assert!(module().is_loaded());
        bind(A635).expect("it is bound");
        assert_eq!(chip_id(), A635_ID);
    }
    inserted.remove();
}

fn a_node_that_no_identity_fits_is_presented_as_the_default() {
    let inserted = Inserted::new(bound());
    unbind(A635).expect("it is unbound");
    let mut log = Reader::from_now().expect("the kernel log opens");
    bind(UNKNOWN).expect("it is bound");
    let said = log.read().expect("the kernel log is read");
    assert!(
        said.contains("qcom,adreno-304.0") && said.contains("presenting a660"),
        "{said}"
    );
    assert_eq!(chip_id(), A660_ID);
    inserted.remove();
}

fn open_files_outlive_the_device() {
    let inserted = Inserted::new(bound());
    let old = Device::open().expect("the node opens");
    let object = Object::gpumem(&old, 0x1000, 0).expect("memory is allocated");
    let mapping = object.map(&old).expect("it is mapped");
    mapping.write(0, &[7]);
    unbind(A635).expect("it is unbound");
    assert_eq!(
        old.property::<u32>(PROPERTY_VK_DEVICE_ID),
        Err(Errno::NODEV)
    );
    assert_eq!(Context::new(&old).err(), Some(Errno::NODEV));
    let mapped = Mapping::new(&old, 0x1000, Access::Read, object.offset());
    assert_eq!(mapped.err(), Some(Errno::NODEV));
    assert_eq!(mapping.read(0, 1), [7]);
    assert_eq!(module().remove(), Err(Errno::AGAIN));
    bind(A635).expect("it is bound");
    let new = Device::open().expect("the node opens");
    Bench::new(&new).run(&Commands::default().nop(&[]).clone());
    assert_eq!(
        old.property::<u32>(PROPERTY_VK_DEVICE_ID),
        Err(Errno::NODEV)
    );
    drop((mapping, object, old, new));
    inserted.remove();
}

fn who_waits_is_woken_when_the_device_goes() {
    let inserted = Inserted::new(bound());
    let device = Device::open().expect("the node opens");
    let bench = Bench::new(&device);
    let timestamp = bench.block(0);
    thread::scope(|scope| {
        let wait = scope.spawn(|| bench.context.wait(timestamp, u32::MAX));
        unbind(A635).expect("it is unbound");
        let ended = wait.join().expect("the thread ends");
        // It slept when the context ended, or came after that.
        assert!(
            matches!(ended, Err(Errno::NOENT | Errno::NODEV)),
            "{ended:?}"
        );
    });
    drop(bench);
    drop(device);
    inserted.remove();
}

fn fences_signal_when_the_device_goes() {
    let inserted = Inserted::new(bound());
    let device = Device::open().expect("the node opens");
    let mut source = SyncsourceCreate::default();
    device
        .ioctl(SYNCSOURCE_CREATE, &mut source)
        .expect("a source is created");
    let mut argument = SyncsourceFence {
        id: source.id,
        ..SyncsourceFence::default()
    };
    device
        .ioctl(SYNCSOURCE_CREATE_FENCE, &mut argument)
        .expect("a fence is created");
    let fence = Fence::take(argument.fence_fd);
    unbind(A635).expect("it is unbound");
    assert!(fence.poll(LONG));
    assert_eq!(fence.status(), CANCELED);
    drop((fence, device));
    inserted.remove();
}

fn clients_come_and_go_while_the_device_does() {
    let inserted = Inserted::new(bound());
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| (0..40).for_each(|_| work_if_there_is_a_device()));
        }
        for _ in 0..20 {
            unbind(A635).expect("it is unbound");
            bind(A635).expect("it is bound");
        }
    });
    assert_eq!(chip_id(), A635_ID);
    inserted.remove();
}

/// Uses the device as long as it is there. Every error says that it is gone, or what it owned.
fn work_if_there_is_a_device() {
    let Ok(device) = Device::open() else {
        return;
    };
    let ended = (0..10).try_for_each(|_| use_once(&device));
    let gone = [Errno::NODEV, Errno::NOENT, Errno::INVAL];
    assert!(
        ended.map_or_else(|errno| gone.contains(&errno), |()| true),
        "{ended:?}"
    );
}

/// Has the GPU do nothing.
fn use_once(device: &Device) -> Result<(), Errno> {
    let object = Object::gpumem(device, 0x1000, 0)?;
    let commands = Commands::default().nop(&[]).clone();
    object.map(device)?.write(0, commands.dwords());
    let context = Context::new(device)?;
    let timestamp = context.submit(object.gpu_address, commands.dwords().len())?;
    context.wait(timestamp, LONG)?;
    context.destroy()
}

fn removing_the_module_unbinds_the_node() {
    let inserted = Inserted::new(bound());
    let mut said = String::new();
    let mut file = File::open(NODE).expect("the node opens");
    file.read_to_string(&mut said).expect("it is read");
    assert_eq!(module().remove(), Err(Errno::AGAIN));
    unbind(A635).expect("it is unbound");
    let read = file.read(&mut [0]);
    assert_eq!(
        read.err().and_then(|error| error.raw_os_error()),
        Some(Errno::NODEV.raw_os_error())
    );
    drop(file);
    bind(A635).expect("it is bound");
    inserted.remove();
    for path in [NODE, DRIVER] {
        assert!(!Path::new(path).exists(), "{path} is still there");
    }
}
