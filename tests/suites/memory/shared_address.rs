// SPDX-License-Identifier: GPL-2.0

//! Objects that the GPU sees at the address at which the process has mapped them.

use kgsl_shim::abi::memory::MEMFLAGS_USE_CPU_MAP;
use rustix::io::Errno;

use super::{gpu_cannot_write, gpu_reads, gpu_writes, open, PAGE};
use crate::client::{Access, Bench, Context, Device, Mapping, Object};
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    there_is_no_address_before_there_is_a_mapping,
    both_see_it_at_one_address,
    a_hint_is_honoured,
    a_hint_that_cannot_be_is_not_followed,
    it_is_mapped_once,
    an_address_is_used_again,
    it_leaves_the_gpu_when_it_is_freed,
    objects_do_not_overlap,
];

/// An address that the CPU and the GPU can share.
const HINT: usize = 0x20_0000_0000;

/// The addresses that they can share, as in the C driver.
const SHARED: std::ops::Range<u64> = 0x10_0000_0000..0x40_0000_0000;

fn allocate(device: &Device) -> Object {
    let flags = u32::try_from(MEMFLAGS_USE_CPU_MAP).expect("32 bits");
    Object::gpumem(device, 4 * PAGE, flags).expect("memory is allocated")
}

fn map(device: &Device, object: &Object, hint: usize) -> Result<Mapping, Errno> {
    let length = usize::try_from(object.size).expect("lengths are small");
    Mapping::near(device, length, Access::ReadWrite, object.offset(), hint)
}

fn gpu_address(device: &Device, object: &Object) -> u64 {
    let info = Object::info(device, object.id).expect("it is known");
    info.gpuaddr
}

fn there_is_no_address_before_there_is_a_mapping() {
    let device = open();
    let object = allocate(&device);
    assert_eq!(object.flags, MEMFLAGS_USE_CPU_MAP);
    assert_eq!((object.gpu_address, gpu_address(&device, &object)), (0, 0));
    let context = Context::new(&device).expect("a context is created");
    assert_eq!(context.submit(0, 1), Err(Errno::INVAL));
    object.free(&device).expect("it is freed");
}

fn both_see_it_at_one_address() {
    let device = open();
    let object = allocate(&device);
    let mapping = map(&device, &object, 0).expect("it is mapped");
    let address = gpu_address(&device, &object);
    assert_eq!(address, mapping.address());
    assert!(SHARED.contains(&address), "{address:#x}");
    gpu_writes(&device, address + 8, 3);
    assert_eq!(mapping.read(8, 1), [3]);
    mapping.write(12, &[4]);
    assert_eq!(gpu_reads(&device, mapping.address() + 12), 4);
}

fn a_hint_is_honoured() {
    let device = open();
    for hint in [HINT, HINT + 0x1234_5000, 0x10_0000_0000] {
        let object = allocate(&device);
        let mapping = map(&device, &object, hint).expect("it is mapped");
        assert_eq!(mapping.address(), hint as u64);
        assert_eq!(gpu_address(&device, &object), hint as u64);
    }
}

/// Another address is found where the hint is taken, or outside of what can be shared.
fn a_hint_that_cannot_be_is_not_followed() {
    let device = open();
    let first = allocate(&device);
    let taken = map(&device, &first, HINT).expect("it is mapped");
    for hint in [HINT, HINT + 0x1000, 0x40_0000_0000 - 0x1000, 0x8000_0000] {
        let object = allocate(&device);
        let mapping = map(&device, &object, hint).expect("it is mapped");
        assert_ne!(mapping.address(), hint as u64, "{hint:#x}");
        assert!(SHARED.contains(&mapping.address()), "{hint:#x}");
        assert_eq!(gpu_address(&device, &object), mapping.address());
    }
    drop(taken);
}

fn it_is_mapped_once() {
    let device = open();
    let object = allocate(&device);
    let mapping = map(&device, &object, 0).expect("it is mapped");
    assert_eq!(map(&device, &object, 0).err(), Some(Errno::BUSY));
    drop(mapping);
    assert_eq!(
        map(&device, &object, 0).err(),
        Some(Errno::BUSY),
        "the GPU still sees it where it was"
    );
}

fn an_address_is_used_again() {
    let device = open();
    for value in 1..20 {
        let object = allocate(&device);
        let mapping = map(&device, &object, HINT).expect("it is mapped");
        assert_eq!(gpu_address(&device, &object), HINT as u64, "{value}");
        gpu_writes(&device, HINT as u64, value);
        assert_eq!(mapping.read(0, 1), [value]);
        object.free(&device).expect("it is freed");
    }
}

fn it_leaves_the_gpu_when_it_is_freed() {
    let device = open();
    let bench = Bench::new(&device);
    let object = allocate(&device);
    let mapping = map(&device, &object, HINT).expect("it is mapped");
    object.free(&device).expect("it is freed");
    assert_eq!(map(&device, &object, 0).err(), Some(Errno::INVAL));
    gpu_cannot_write(&bench, HINT as u64);
    assert_eq!(mapping.read(0, 1), [0]);
}

fn objects_do_not_overlap() {
    let device = open();
    let objects: Vec<_> = (0..30).map(|_| allocate(&device)).collect();
    let mut mappings: Vec<_> = objects
        .iter()
        .map(|object| map(&device, object, HINT).expect("it is mapped"))
        .collect();
    mappings.sort_by_key(Mapping::address);
    for pair in mappings.windows(2) {
        assert!(pair[0].address() + 4 * PAGE <= pair[1].address());
    }
}
