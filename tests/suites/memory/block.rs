// SPDX-License-Identifier: GPL-2.0

//! The memory of large objects comes in blocks of many pages. What happens to one page of a block is no business of the
//! others.

use super::import::import_user;
use super::{gpu_reads, gpu_writes, open, PAGE};
use crate::client::{Access, Device, Mapping, Object};
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    large_objects_are_zero,
    a_part_of_a_block_is_put_off,
    a_part_of_a_block_is_protected_and_unmapped,
    a_pinned_part_of_a_block_outlives_it,
];

/// Pages that are no whole number of any block but the smallest: three of 2 MiB and then less and less.
pub(super) const PAGES: u64 = 3 * 512 + 511;

/// The size of a page, in bytes, and dwords of one.
pub(super) const SIZE: usize = 0x1000;
pub(super) const DWORDS: usize = SIZE / 4;

/// A page in the middle of a block.
const MIDDLE: usize = 700;

/// A large object, and as the process sees it.
pub(super) fn large(device: &Device) -> (Object, Mapping) {
    let object = Object::gpumem(device, PAGES * PAGE, 0).expect("memory is allocated");
    let mapping = object.map(device).expect("it is mapped");
    (object, mapping)
}

/// Writes the number of each page to it.
pub(super) fn number(mapping: &Mapping) {
    for (page, value) in (0..mapping.dwords().len() / DWORDS).zip(0..) {
        mapping.write(page * SIZE, &[value]);
    }
}

/// Fails unless each page still has its number.
pub(super) fn is_numbered(mapping: &Mapping) {
    for (page, value) in (0..mapping.dwords().len() / DWORDS).zip(0..) {
        assert_eq!(mapping.read(page * SIZE, 1), [value]);
    }
}

/// Twice: the second time the blocks are what the first has written.
fn large_objects_are_zero() {
    let device = open();
    for _ in 0..2 {
        let (object, mapping) = large(&device);
        assert!(mapping
            .read(0, mapping.dwords().len())
            .iter()
            .all(|&dword| dword == 0));
        number(&mapping);
        is_numbered(&mapping);
        let last = u32::try_from(PAGES - 1).expect("there are few");
        assert_eq!(
            gpu_reads(&device, object.gpu_address + (PAGES - 1) * PAGE),
            last
        );
        drop(mapping);
        object.free(&device).expect("it is freed");
    }
}

/// The kernel would like to split what it writes out in parts.
fn a_part_of_a_block_is_put_off() {
    let device = open();
    let (object, mapping) = large(&device);
    number(&mapping);
    for pages in [1, 2, 100, 512] {
        mapping
            .put_off(MIDDLE * SIZE, pages * SIZE)
            .expect("it may be advised");
    }
    is_numbered(&mapping);
    gpu_writes(&device, object.gpu_address + 4, 7);
    object.free(&device).expect("it is freed");
    is_numbered(&mapping);
    assert_eq!(mapping.read(4, 1), [7]);
}

fn a_part_of_a_block_is_protected_and_unmapped() {
    let device = open();
    let (object, mapping) = large(&device);
    number(&mapping);
    mapping
        .protect(MIDDLE * SIZE, Access::Read)
        .expect("it is made read-only");
    mapping
        .protect(MIDDLE * SIZE, Access::ReadWrite)
        .expect("it is made writable");
    is_numbered(&mapping);
    number(&mapping);
    drop(mapping);
    let again = object.map(&device).expect("it is mapped");
    is_numbered(&again);
}

/// Whoever has pinned a page keeps it, and what was in it, though its object is gone.
fn a_pinned_part_of_a_block_outlives_it() {
    let device = open();
    let (object, mapping) = large(&device);
    number(&mapping);
    let at = mapping.address() + PAGE * 300;
    let pinned = import_user(&device, at, 2 * PAGE).expect("it is imported");
    object.free(&device).expect("it is freed");
    drop(mapping);
    // What is free now is taken and written.
    let (_other, mapping) = large(&device);
    number(&mapping);
    assert_eq!(gpu_reads(&device, pinned.gpu_address), 300);
    assert_eq!(gpu_reads(&device, pinned.gpu_address + PAGE), 301);
    gpu_writes(&device, pinned.gpu_address, 77);
    is_numbered(&mapping);
    pinned.free(&device).expect("it is freed");
}
