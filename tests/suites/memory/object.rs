// SPDX-License-Identifier: GPL-2.0

//! Allocating with GPUMEM_ALLOC, looking objects up and annotating them.

use kgsl_shim::abi::memory::{
    GpumemAlloc, GpumemGetInfo, GpuobjSetInfo, SharedmemFree, GPUMEM_ALLOC, GPUMEM_GET_INFO,
    GPUOBJ_SET_INFO, GPUOBJ_SET_INFO_METADATA, GPUOBJ_SET_INFO_TYPE, MEMALIGN_SHIFT,
    MEMFLAGS_FORCE_32BIT, MEMFLAGS_GUARD_PAGE, MEMFLAGS_USE_CPU_MAP, MEMSTORE_TOKEN, MEMTYPE_MASK,
    SHAREDMEM_FREE,
};
use rustix::io::Errno;

use super::{gpu_cannot_write, gpu_reads, gpu_writes, open, NOWHERE, PAGE};
use crate::client::{address, Access, Bench, Device, Mapping, Object};
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    gpumem_alloc_gives_an_address,
    gpumem_alloc_refuses_sizes_that_cannot_be,
    an_object_is_found_by_id_and_by_address,
    info_tells_where_the_process_sees_it,
    a_mapping_can_be_split,
    what_is_not_there_is_not_found,
    memory_is_mapped_by_its_address,
    low_addresses_fit_32_bits,
    a_guard_page_follows,
    an_alignment_beyond_the_limit_is_cut,
    the_memory_type_can_be_changed,
    a_note_is_taken_and_cut,
    a_note_that_is_nowhere_is_refused,
];

fn gpumem_alloc(device: &Device, size: u64, flags: u32) -> Result<GpumemAlloc, Errno> {
    let mut argument = GpumemAlloc {
        size,
        flags,
        ..GpumemAlloc::default()
    };
    device.ioctl(GPUMEM_ALLOC, &mut argument).map(|()| argument)
}

fn info(device: &Device, id: u32, gpuaddr: u64) -> Result<GpumemGetInfo, Errno> {
    let mut argument = GpumemGetInfo {
        id,
        gpuaddr,
        ..GpumemGetInfo::default()
    };
    device
        .ioctl(GPUMEM_GET_INFO, &mut argument)
        .map(|()| argument)
}

fn gpumem(device: &Device, pages: u64) -> Object {
    Object::gpumem(device, pages * PAGE, 0).expect("memory is allocated")
}

fn gpumem_alloc_gives_an_address() {
    let device = open();
    let use_cpu_map = u32::try_from(MEMFLAGS_USE_CPU_MAP).expect("32 bits");
    for flags in [0, use_cpu_map] {
        let bench = Bench::new(&device);
        let object = gpumem_alloc(&device, 5, flags).expect("memory is allocated");
        assert_eq!((object.size, object.flags), (PAGE, 0));
        assert_ne!(object.gpuaddr, 0);
        gpu_writes(&device, object.gpuaddr, 7);
        assert_eq!(gpu_reads(&device, object.gpuaddr), 7);
        let mut free = SharedmemFree {
            gpuaddr: object.gpuaddr,
        };
        device
            .ioctl(SHAREDMEM_FREE, &mut free)
            .expect("it is freed");
        assert_eq!(device.ioctl(SHAREDMEM_FREE, &mut free), Err(Errno::INVAL));
        gpu_cannot_write(&bench, object.gpuaddr);
    }
}

fn gpumem_alloc_refuses_sizes_that_cannot_be() {
    let device = open();
    for size in [0, 1 << 32, u64::MAX] {
        assert_eq!(
            gpumem_alloc(&device, size, 0).err(),
            Some(Errno::INVAL),
            "{size:#x}"
        );
    }
    assert_eq!(gpumem(&device, 1).id, 1, "nothing was left behind");
}

fn an_object_is_found_by_id_and_by_address() {
    let device = open();
    let object = gpumem(&device, 3);
    for (id, address) in [(object.id, 0), (0, object.gpu_address), (object.id, 1)] {
        let info = info(&device, id, address).expect("it is known");
        assert_eq!(
            (info.id, info.gpuaddr, info.size, info.mmapsize),
            (object.id, object.gpu_address, 3 * PAGE, 3 * PAGE)
        );
        assert_eq!(u64::from(info.flags), object.flags);
    }
}

fn info_tells_where_the_process_sees_it() {
    let device = open();
    let object = gpumem(&device, 1);
    let seen = || {
        let by_gpumem = info(&device, object.id, 0).expect("it is known").useraddr;
        let by_gpuobj = Object::info(&device, object.id)
            .expect("it is known")
            .va_addr;
        assert_eq!(by_gpumem, by_gpuobj);
        by_gpumem
    };
    assert_eq!(seen(), 0);
    let mapping = object.map(&device).expect("it is mapped");
    assert_eq!(seen(), mapping.address());
    drop(mapping);
    assert_eq!(seen(), 0);
}

/// The kernel makes two areas of one whose parts may be used for different things.
fn a_mapping_can_be_split() {
    let device = open();
    let object = gpumem(&device, 4);
    let mapping = object.map(&device).expect("it is mapped");
    mapping.write(0, &[1]);
    let page = usize::try_from(PAGE).expect("pages are small");
    for pages in [1, 2, 3] {
        mapping
            .protect(pages * page, Access::Read)
            .expect("it is made read-only");
    }
    object.free(&device).expect("it is freed");
    mapping.write(3 * page, &[4]);
    assert_eq!(
        (mapping.read(0, 1), mapping.read(3 * page, 1)),
        (vec![1], vec![4])
    );
    drop(mapping);
    let object = gpumem(&device, 4);
    let mapping = object.map(&device).expect("it is mapped");
    mapping
        .protect(page, Access::Read)
        .expect("it is made read-only");
    drop(mapping);
    let info = Object::info(&device, object.id).expect("it is known");
    assert_eq!(info.va_addr, 0, "no part is left");
}

fn what_is_not_there_is_not_found() {
    let device = open();
    let object = gpumem(&device, 2);
    let inside = object.gpu_address + PAGE;
    for (id, address) in [
        (0, 0),
        (object.id + 1, object.gpu_address),
        (u32::MAX, 0),
        (0, inside),
        (0, object.gpu_address + 4),
        (0, u64::MAX),
        (0, MEMSTORE_TOKEN),
    ] {
        let refused = info(&device, id, address).err();
        assert_eq!(refused, Some(Errno::INVAL), "{id} {address:#x}");
        let mut free = SharedmemFree { gpuaddr: address };
        if id == 0 {
            assert_eq!(
                device.ioctl(SHAREDMEM_FREE, &mut free),
                Err(Errno::INVAL),
                "{address:#x}"
            );
        }
    }
}

fn memory_is_mapped_by_its_address() {
    let device = open();
    let object = gpumem(&device, 2);
    let map = |length: u64, offset| {
        let length = usize::try_from(length).expect("lengths are small");
        Mapping::new(&device, length, Access::ReadWrite, offset)
    };
    let by_address = map(2 * PAGE, object.gpu_address).expect("it is mapped");
    by_address.write(4, &[11]);
    assert_eq!(object.map(&device).expect("it is mapped").read(4, 1), [11]);
    let inside = map(PAGE, object.gpu_address + PAGE);
    assert_eq!(inside.err(), Some(Errno::INVAL));
    let longer = map(3 * PAGE, object.gpu_address);
    assert_eq!(longer.err(), Some(Errno::RANGE));
}

fn low_addresses_fit_32_bits() {
    let device = open();
    let alignment = 16 << MEMALIGN_SHIFT;
    for flags in [MEMFLAGS_FORCE_32BIT, MEMFLAGS_FORCE_32BIT | alignment] {
        let object = Object::gpuobj(&device, 3 * PAGE, flags).expect("memory is allocated");
        assert_eq!(object.flags, flags);
        assert!(
            object.gpu_address != 0 && object.gpu_address + object.size <= MEMSTORE_TOKEN,
            "{:#x}",
            object.gpu_address
        );
        gpu_writes(&device, object.gpu_address, 5);
        assert_eq!(object.map(&device).expect("it is mapped").read(0, 1), [5]);
    }
}

fn a_guard_page_follows() {
    let device = open();
    let mut objects: Vec<_> = (0..8)
        .map(|_| Object::gpuobj(&device, PAGE, MEMFLAGS_GUARD_PAGE).expect("memory is allocated"))
        .collect();
    objects.sort_by_key(|object| object.gpu_address);
    for pair in objects.windows(2) {
        assert_eq!(pair[0].flags, MEMFLAGS_GUARD_PAGE);
        assert!(pair[0].gpu_address + 2 * PAGE <= pair[1].gpu_address);
        gpu_cannot_write(&Bench::new(&device), pair[0].gpu_address + PAGE);
    }
}

/// At 32 MiB, as the C driver does.
fn an_alignment_beyond_the_limit_is_cut() {
    let device = open();
    for logarithm in [26, 63, 64, 255] {
        let object = Object::gpuobj(&device, PAGE, logarithm << MEMALIGN_SHIFT)
            .expect("memory is allocated");
        assert_eq!(object.flags >> MEMALIGN_SHIFT, 25);
        assert_eq!(object.gpu_address % (1 << 25), 0);
    }
}

fn set_info(device: &Device, id: u32, change: GpuobjSetInfo) -> Result<(), Errno> {
    let mut argument = GpuobjSetInfo { id, ..change };
    device.ioctl(GPUOBJ_SET_INFO, &mut argument)
}

fn the_memory_type_can_be_changed() {
    let device = open();
    let object = gpumem(&device, 1);
    let change = GpuobjSetInfo {
        flags: GPUOBJ_SET_INFO_TYPE,
        kind: 0x17,
        ..GpuobjSetInfo::default()
    };
    set_info(&device, object.id, change).expect("it is changed");
    let info = Object::info(&device, object.id).expect("it is known");
    assert_eq!(info.flags & MEMTYPE_MASK, 0x1700);
    let overlong = GpuobjSetInfo {
        kind: u32::MAX,
        ..change
    };
    set_info(&device, object.id, overlong).expect("it is changed");
    let info = Object::info(&device, object.id).expect("it is known");
    assert_eq!(info.flags, MEMTYPE_MASK, "no other flag was touched");
    for id in [0, object.id + 1, u32::MAX] {
        assert_eq!(set_info(&device, id, change), Err(Errno::INVAL), "{id}");
    }
}

fn a_note_is_taken_and_cut() {
    let device = open();
    let object = gpumem(&device, 1);
    let mut note = [b'x'; 200];
    for length in [0, 1, 63, 64, 65, 200] {
        let change = GpuobjSetInfo {
            flags: GPUOBJ_SET_INFO_METADATA,
            metadata: address(&mut note[..]),
            metadata_len: length,
            ..GpuobjSetInfo::default()
        };
        assert_eq!(set_info(&device, object.id, change), Ok(()), "{length}");
    }
}

fn a_note_that_is_nowhere_is_refused() {
    let device = open();
    let object = gpumem(&device, 1);
    for metadata in NOWHERE {
        let change = GpuobjSetInfo {
            flags: GPUOBJ_SET_INFO_METADATA,
            metadata,
            metadata_len: 16,
            ..GpuobjSetInfo::default()
        };
        assert_eq!(
            set_info(&device, object.id, change),
            Err(Errno::FAULT),
            "{metadata:#x}"
        );
    }
}
