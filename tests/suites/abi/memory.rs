// SPDX-License-Identifier: GPL-2.0

//! Memory objects: GPUMEM_ALLOC_ID, GPUMEM_FREE_ID, GPUOBJ_ALLOC, GPUOBJ_INFO, GPUOBJ_FREE and `mmap`.

use kgsl_shim::abi::memory::{
    GpuobjFree, CACHEMODE_MASK, CACHEMODE_SHIFT, CACHEMODE_WRITEBACK, GPUOBJ_FREE, MEMALIGN_MASK,
    MEMALIGN_SHIFT, MEMFLAGS_GPUREADONLY, MEMFLAGS_IOCOHERENT, MEMFLAGS_SECURE,
};
use rustix::io::Errno;

use super::{open, PAGE};
use crate::client::{Access, Device, Mapping, Object};
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    an_allocation_has_an_id_an_address_and_a_size,
    a_size_is_rounded_up_to_pages,
    a_size_that_no_object_can_have_is_refused,
    ids_are_the_lowest_free_ones,
    addresses_do_not_overlap,
    an_alignment_is_honoured,
    flags_are_echoed_and_unknown_ones_dropped,
    secure_memory_is_refused,
    memory_is_zeroed_even_when_it_is_used_again,
    info_says_what_allocation_said,
    what_is_freed_is_gone,
    a_mapping_outlives_its_object,
    an_object_is_mapped_whole_or_not_at_all,
    an_unknown_id_cannot_be_mapped,
    files_of_one_process_share_objects,
    closing_gives_all_memory_back,
];

fn gpumem(device: &Device, size: u64) -> Object {
    Object::gpumem(device, size, 0).expect("memory is allocated")
}

fn an_allocation_has_an_id_an_address_and_a_size() {
    let object = gpumem(&open(), PAGE);
    assert_eq!((object.id, object.size), (1, PAGE));
    assert!(
        object.gpu_address != 0 && object.gpu_address % PAGE == 0,
        "{:#x}",
        object.gpu_address
    );
}

fn a_size_is_rounded_up_to_pages() {
    let device = open();
    for (wanted, given) in [
        (1, PAGE),
        (PAGE - 1, PAGE),
        (PAGE + 1, 2 * PAGE),
        (0x12345, 0x13000),
    ] {
        assert_eq!(gpumem(&device, wanted).size, given, "{wanted:#x}");
        assert_eq!(
            Object::gpuobj(&device, wanted, 0)
                .expect("memory is allocated")
                .size,
            given,
            "{wanted:#x}"
        );
    }
}

fn a_size_that_no_object_can_have_is_refused() {
    let device = open();
    for size in [0, 1 << 32, u64::MAX - PAGE, u64::MAX] {
        assert_eq!(
            Object::gpumem(&device, size, 0).err(),
            Some(Errno::INVAL),
            "{size:#x}"
        );
        assert_eq!(
            Object::gpuobj(&device, size, 0).err(),
            Some(Errno::INVAL),
            "{size:#x}"
        );
    }
    assert_eq!(
        gpumem(&device, PAGE).id,
        1,
        "the refused ones have left nothing behind"
    );
}

fn ids_are_the_lowest_free_ones() {
    let device = open();
    let objects: Vec<_> = (0..4).map(|_| gpumem(&device, PAGE)).collect();
    assert_eq!(
        objects.iter().map(|object| object.id).collect::<Vec<_>>(),
        [1, 2, 3, 4]
    );
    objects[1].free(&device).expect("it is freed");
    assert_eq!(gpumem(&device, PAGE).id, 2);
    assert_eq!(gpumem(&device, PAGE).id, 5);
}

fn addresses_do_not_overlap() {
    let device = open();
    let mut objects: Vec<_> = (1..40).map(|pages| gpumem(&device, pages * PAGE)).collect();
    objects.sort_by_key(|object| object.gpu_address);
    for pair in objects.windows(2) {
        assert!(
            pair[0].gpu_address + pair[0].size <= pair[1].gpu_address,
            "{pair:x?}"
        );
    }
}

fn an_alignment_is_honoured() {
    let device = open();
    for logarithm in [12, 16, 20, 25] {
        let flags = (logarithm << MEMALIGN_SHIFT) & MEMALIGN_MASK;
        let object = Object::gpuobj(&device, PAGE, flags).expect("memory is allocated");
        assert_eq!(
            object.gpu_address % (1 << logarithm),
            0,
            "{logarithm}: {:#x}",
            object.gpu_address
        );
    }
}

fn flags_are_echoed_and_unknown_ones_dropped() {
    let device = open();
    let known =
        MEMFLAGS_GPUREADONLY | MEMFLAGS_IOCOHERENT | (CACHEMODE_WRITEBACK << CACHEMODE_SHIFT);
    let object = Object::gpuobj(&device, PAGE, known | (1 << 63) | 1).expect("memory is allocated");
    assert_eq!(object.flags, known);
    let object = Object::gpumem(&device, PAGE, u32::try_from(known).expect("32 bits"))
        .expect("memory is allocated");
    assert_eq!(object.flags, known);
    let through = 2 << CACHEMODE_SHIFT;
    let object = Object::gpuobj(&device, PAGE, through).expect("memory is allocated");
    assert_eq!(
        object.flags & CACHEMODE_MASK,
        CACHEMODE_WRITEBACK << CACHEMODE_SHIFT,
        "write-through is write-back"
    );
}

fn secure_memory_is_refused() {
    assert_eq!(
        Object::gpuobj(&open(), PAGE, MEMFLAGS_SECURE).err(),
        Some(Errno::OPNOTSUPP)
    );
}

fn memory_is_zeroed_even_when_it_is_used_again() {
    let device = open();
    let size = 64 * PAGE;
    for _ in 0..8 {
        let object = gpumem(&device, size);
        let mapping = object.map(&device).expect("it is mapped");
        let count = mapping.dwords().len();
        assert!(mapping.read(0, count).iter().all(|dword| *dword == 0));
        mapping.write(0, &vec![0xdead_beef; count]);
        drop(mapping);
        object.free(&device).expect("it is freed");
    }
}

fn info_says_what_allocation_said() {
    let device = open();
    let object = gpumem(&device, 3 * PAGE);
    let info = Object::info(&device, object.id).expect("it is known");
    assert_eq!(
        (info.gpuaddr, info.size, info.flags),
        (object.gpu_address, object.size, object.flags)
    );
    for id in [0, object.id + 1, 0x10_0000, u32::MAX] {
        assert_eq!(Object::info(&device, id).err(), Some(Errno::INVAL), "{id}");
    }
}

fn what_is_freed_is_gone() {
    let device = open();
    let first = gpumem(&device, PAGE);
    first.free(&device).expect("it is freed");
    assert_eq!(first.free(&device), Err(Errno::INVAL));
    assert_eq!(Object::info(&device, first.id).err(), Some(Errno::INVAL));
    let second = gpumem(&device, PAGE);
    let mut argument = GpuobjFree {
        id: second.id,
        ..GpuobjFree::default()
    };
    device
        .ioctl(GPUOBJ_FREE, &mut argument)
        .expect("it is freed");
    assert_eq!(device.ioctl(GPUOBJ_FREE, &mut argument), Err(Errno::INVAL));
}

fn a_mapping_outlives_its_object() {
    let device = open();
    let object = gpumem(&device, PAGE);
    let mapping = object.map(&device).expect("it is mapped");
    mapping.write(8, &[0x1234_5678]);
    object.free(&device).expect("it is freed");
    drop(device);
    assert_eq!(mapping.read(8, 1), [0x1234_5678]);
    mapping.write(8, &[1]);
    assert_eq!(mapping.read(8, 1), [1]);
}

fn an_object_is_mapped_whole_or_not_at_all() {
    let device = open();
    let object = gpumem(&device, 2 * PAGE);
    for pages in [1, 3] {
        let length = usize::try_from(pages * PAGE).expect("lengths are small");
        let mapping = Mapping::new(&device, length, Access::ReadWrite, object.offset());
        assert_eq!(mapping.err(), Some(Errno::RANGE), "{pages} pages");
    }
}

fn an_unknown_id_cannot_be_mapped() {
    let device = open();
    for id in [0, 1, 0xf_ffff, 0x7fff_ffff] {
        let mapping = Mapping::new(&device, 0x1000, Access::Read, id << 12);
        assert_eq!(mapping.err(), Some(Errno::INVAL), "{id}");
    }
}

fn files_of_one_process_share_objects() {
    let (first, second) = (open(), open());
    let object = gpumem(&first, PAGE);
    object.map(&first).expect("it is mapped").write(0, &[7]);
    drop(first);
    assert_eq!(object.map(&second).expect("it is mapped").read(0, 1), [7]);
}

/// More than the machine has, if it did not come back.
fn closing_gives_all_memory_back() {
    for _ in 0..64 {
        let device = open();
        for _ in 0..4 {
            gpumem(&device, 0x80_0000);
        }
    }
}
