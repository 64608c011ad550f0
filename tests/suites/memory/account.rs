// SPDX-License-Identifier: GPL-2.0

//! Who is charged for memory: the control group of the program that allocates it, and what the kernel says of a process.

use std::fs;
use std::path::{Path, PathBuf};
use std::process;
use std::thread;
use std::time::Duration;

use kgsl_shim::abi::memory::{
    GpuobjFree, GpuobjImport, GpuobjImportUserAddress, GPUOBJ_FREE, GPUOBJ_IMPORT, MEMFLAGS_VBO,
    USER_MEM_TYPE_ADDR,
};
use kgsl_shim::abi::timeline::{
    TimelineCreate, TimelineFenceGet, TIMELINE_CREATE, TIMELINE_FENCE_GET,
};
use rustix::io::Errno;
use rustix::mount::{mount, MountFlags};

use super::{open, PAGE};
use crate::client::{address, page_pins, pinned, Device, Fence, Mapping, Object};
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    memory_is_charged_to_its_group,
    a_group_that_is_full_gets_no_memory,
    what_the_driver_keeps_for_a_program_is_charged_too,
    pinned_memory_is_told_of,
];

/// More than anything else that the process may allocate meanwhile, in bytes.
const LARGE: u64 = 16 << 20;

/// A control group with the calling process in it.
pub(super) struct Group(PathBuf);

impl Group {
    pub(super) fn new() -> Self {
        let root = Path::new("/tmp/cgroup");
        fs::create_dir_all(root).expect("the directory is made");
        match mount("cgroup2", root, "cgroup2", MountFlags::empty(), None) {
            Ok(()) | Err(Errno::BUSY) => {}
            Err(errno) => panic!("the kernel has control groups: {errno}"),
        }
        let group = Self(root.join(process::id().to_string()));
        fs::write(root.join("cgroup.subtree_control"), "+memory").expect("memory is controlled");
        fs::create_dir(&group.0).expect("the group is made");
        group.write("cgroup.procs", &process::id().to_string());
        group
    }

    pub(super) fn write(&self, file: &str, text: &str) {
        fs::write(self.0.join(file), text).expect("it is written");
    }

    /// How many bytes it is charged with.
    pub(super) fn current(&self) -> u64 {
        let text = fs::read_to_string(self.0.join("memory.current")).expect("it is read");
        text.trim().parse().expect("it is a number")
    }
}

fn memory_is_charged_to_its_group() {
    let group = Group::new();
    let device = open();
    let before = group.current();
    let object = Object::gpumem(&device, LARGE, 0).expect("memory is allocated");
    assert!(group.current() >= before + LARGE, "{}", group.current());
    object.free(&device).expect("it is freed");
    // The driver keeps it for a moment.
    while group.current() >= before + LARGE {
        thread::sleep(Duration::from_millis(1));
    }
}

/// The program is told, and not killed.
fn a_group_that_is_full_gets_no_memory() {
    let group = Group::new();
    let device = open();
    group.write("memory.max", &(group.current() + LARGE).to_string());
    let refused = Object::gpumem(&device, 4 * LARGE, 0).err();
    assert_eq!(refused, Some(Errno::NOMEM));
    let object = Object::gpumem(&device, LARGE / 4, 0).expect("what was taken is given back");
    object.free(&device).expect("it is freed");
}

/// So many of a thing that has no pages of its own, and how many bytes at least the driver needs for each.
const MANY: u64 = 20_000;
const EACH: u64 = 64;

/// A container must not get around its limit by things that have no memory of their own either.
fn what_the_driver_keeps_for_a_program_is_charged_too() {
    let group = Group::new();
    let device = open();
    let mut timeline = TimelineCreate::default();
    device
        .ioctl(TIMELINE_CREATE, &mut timeline)
        .expect("a timeline is created");
    let make_address_range = || {
        Object::gpuobj(&device, PAGE, MEMFLAGS_VBO).expect("there are addresses");
    };
    let make_timeline = || {
        let mut another = TimelineCreate::default();
        let created = device.ioctl(TIMELINE_CREATE, &mut another);
        created.expect("a timeline is created");
    };
    let make_fence = || {
        let mut point = TimelineFenceGet {
            seqno: 1,
            timeline: timeline.id,
            ..TimelineFenceGet::default()
        };
        let made = device.ioctl(TIMELINE_FENCE_GET, &mut point);
        made.expect("there is a fence");
        drop(Fence::take(point.handle));
    };
    let things: [(&str, &dyn Fn()); 3] = [
        ("ranges of addresses", &make_address_range),
        ("timelines", &make_timeline),
        ("fences", &make_fence),
    ];
    for (name, make) in things {
        let before = group.current();
        (0..MANY).for_each(|_| make());
        let charged = group.current() - before;
        assert!(charged >= MANY * EACH, "{name}: {charged}");
    }
}

/// Imports memory of the process; the id of the object.
pub(super) fn import(device: &Device, virtaddr: u64, size: u64) -> Result<u32, Errno> {
    let mut from = GpuobjImportUserAddress { virtaddr };
    let mut argument = GpuobjImport {
        private: address(&mut from),
        private_len: size,
        kind: USER_MEM_TYPE_ADDR,
        ..GpuobjImport::default()
    };
    device.ioctl(GPUOBJ_IMPORT, &mut argument)?;
    Ok(argument.id)
}

fn pinned_memory_is_told_of() {
    let device = open();
    let memory = Mapping::anonymous(16 * 4096).expect("there is memory");
    let before = page_pins();
    let now = || (pinned(), page_pins() - before);
    assert_eq!(now(), (0, 0));
    let id = import(&device, memory.address(), 16 * PAGE).expect("it is imported");
    assert_eq!(now(), (64, 16));
    let again = import(&device, memory.address(), 4 * PAGE).expect("it is imported");
    assert_eq!(now(), (80, 20));
    let refused = import(&device, memory.address() + 8 * PAGE, 1 << 30);
    assert_eq!(refused, Err(Errno::FAULT));
    assert_eq!(now(), (80, 20), "what is refused is not pinned");
    for id in [id, again] {
        let mut argument = GpuobjFree {
            id,
            ..GpuobjFree::default()
        };
        device
            .ioctl(GPUOBJ_FREE, &mut argument)
            .expect("it is freed");
    }
    assert_eq!(now(), (0, 0));
}
