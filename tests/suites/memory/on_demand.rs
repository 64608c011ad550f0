// SPDX-License-Identifier: GPL-2.0

//! Where the process maps a large object, single entries of its page tables show whole blocks. They are made when the
//! process touches the memory, and taken apart when it has something else in mind with a part of it.

use std::fs;
use std::sync::atomic::Ordering;
use std::thread;

use super::block::{is_numbered, large, number, DWORDS, PAGES, SIZE};
use super::import::import_user;
use super::{gpu_reads, gpu_writes, open, PAGE};
use crate::client::{Access, Device, Mapping, Object};
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    blocks_are_single_entries,
    blocks_are_where_the_pages_are,
    a_hint_may_be_odd,
    a_part_is_let_go,
    a_part_is_unmapped,
    a_mapping_moves_to_an_odd_place,
    what_has_moved_is_shown_page_by_page,
    what_nobody_has_touched_can_be_lent,
    threads_touch_what_is_let_go,
];

/// The bytes of a block that one entry shows.
const BLOCK: usize = 2 << 20;

/// The bytes of an object of [`large`].
const LENGTH: usize = PAGES as usize * SIZE;

/// How many bytes of files and devices the process has in its page tables, more or less.
fn shown() -> usize {
    let status = fs::read_to_string("/proc/self/status").expect("the kernel tells of us");
    let mut counts = status
        .lines()
        .filter_map(|line| line.strip_prefix("RssFile:"));
    let count = counts.next().expect("it counts").trim();
    let count: usize = count.trim_end_matches(" kB").parse().expect("a number");
    count << 10
}

/// How many blocks they are more than `before`.
fn blocks_since(before: usize) -> usize {
    (shown() + BLOCK / 2).saturating_sub(before) / BLOCK
}

/// Touching one page shows its block, and no other.
fn blocks_are_single_entries() {
    let device = open();
    // What is smaller than a block is there from the start.
    let (_object, mapping) = large(&device);
    let before = shown();
    mapping.write(BLOCK + SIZE, &[1]);
    assert_eq!(blocks_since(before), 1);
    number(&mapping);
    assert_eq!(blocks_since(before), 3);
    is_numbered(&mapping);
    mapping.let_go(0, 3 * BLOCK).expect("they are let go");
    assert_eq!(blocks_since(before), 0);
}

/// What the GPU sees in each page is what the process has written there.
fn blocks_are_where_the_pages_are() {
    let device = open();
    let (object, mapping) = large(&device);
    number(&mapping);
    for page in (0..PAGES).step_by(73) {
        let value = gpu_reads(&device, object.gpu_address + page * PAGE);
        assert_eq!(u64::from(value), page);
    }
}

/// An object that is mapped where no block can be a single entry.
fn oddly_mapped(device: &Device) -> (Object, Mapping) {
    let object = Object::gpumem(device, PAGES * PAGE, 0).expect("memory is allocated");
    let room = Mapping::anonymous(LENGTH + 2 * BLOCK).expect("there is room");
    let start = usize::try_from(room.address()).expect("it is an address");
    drop(room);
    let odd = start.next_multiple_of(BLOCK) + 3 * SIZE;
    let mapping = Mapping::near(device, LENGTH, Access::ReadWrite, object.offset(), odd);
    let mapping = mapping.expect("it is mapped");
    assert_eq!(mapping.address(), u64::try_from(odd).expect("it fits"));
    (object, mapping)
}

fn a_hint_may_be_odd() {
    let device = open();
    let (object, odd) = oddly_mapped(&device);
    let before = shown();
    number(&odd);
    assert_eq!(blocks_since(before), 0);
    is_numbered(&odd);
    let even = object.map(&device).expect("it is mapped again");
    is_numbered(&even);
    odd.let_go(0, LENGTH).expect("it is let go");
    is_numbered(&odd);
}

/// Nothing is lost, whatever part it is.
fn a_part_is_let_go() {
    let device = open();
    let (_object, mapping) = large(&device);
    for (offset, length) in [
        (0, LENGTH),
        (BLOCK, BLOCK),
        (BLOCK / 2, SIZE),
        (SIZE, 2 * BLOCK),
    ] {
        number(&mapping);
        mapping.let_go(offset, length).expect("it is let go");
        is_numbered(&mapping);
    }
}

fn a_part_is_unmapped() {
    let device = open();
    let (_object, mut mapping) = large(&device);
    number(&mapping);
    mapping.cut(BLOCK / 2).expect("a part is unmapped");
    for (page, value) in (0..mapping.dwords().len() / DWORDS).zip(256..) {
        assert_eq!(mapping.read(page * SIZE, 1), [value]);
    }
}

/// First untouched, then touched.
fn a_mapping_moves_to_an_odd_place() {
    let device = open();
    for touched in [false, true] {
        let (object, mapping) = large(&device);
        let even = object.map(&device).expect("it is mapped again");
        number(&even);
        if touched {
            is_numbered(&mapping);
        }
        let mut room = Mapping::shared(LENGTH + BLOCK).expect("there is room");
        room.replace(SIZE, mapping).expect("it is moved");
        for (page, value) in (0..LENGTH / SIZE).zip(0..) {
            assert_eq!(room.read(SIZE + page * SIZE, 1), [value]);
        }
        room.write(SIZE + BLOCK, &[7]);
        assert_eq!(even.read(BLOCK, 1), [7]);
    }
}

/// It may have been shown page by page before, and the kernel may drop the table of those at any time.
fn what_has_moved_is_shown_page_by_page() {
    let device = open();
    let (object, untouched) = large(&device);
    let mut even = object.map(&device).expect("it is mapped again");
    even.replace(0, untouched).expect("it is moved");
    let before = shown();
    even.write(BLOCK, &[512]);
    assert_eq!(blocks_since(before), 0);
    number(&even);
    let (_other, odd) = oddly_mapped(&device);
    even.replace(0, odd).expect("it is moved");
    number(&even);
    even.let_go(0, LENGTH).expect("it is let go");
    is_numbered(&even);
}

/// Others get at the pages by the mapping though the process never has.
fn what_nobody_has_touched_can_be_lent() {
    let device = open();
    let (_object, mapping) = large(&device);
    let at = mapping.address() + PAGE * 515;
    let lent = import_user(&device, at, 2 * PAGE).expect("it is imported");
    gpu_writes(&device, lent.gpu_address + PAGE, 77);
    assert_eq!(mapping.read(516 * SIZE, 1), [77]);
    lent.free(&device).expect("it is freed");
}

/// Threads that touch the same blocks at the same time all see the same memory.
fn threads_touch_what_is_let_go() {
    const ROUNDS: u32 = 50;
    let device = open();
    let (_object, mapping) = large(&device);
    let add = |index: usize| mapping.dwords()[index].fetch_add(1, Ordering::Relaxed);
    thread::scope(|scope| {
        for thread in 0..3 {
            scope.spawn(move || {
                for _ in 0..ROUNDS {
                    (0..3).for_each(|block| _ = add((block * BLOCK + thread * SIZE) / 4));
                    (0..3).for_each(|block| _ = add((block * BLOCK + 9 * SIZE) / 4));
                }
            });
        }
        for _ in 0..ROUNDS {
            mapping.let_go(0, LENGTH).expect("it is let go");
        }
    });
    for block in 0..3 {
        assert_eq!(mapping.read(block * BLOCK, 1), [ROUNDS]);
        assert_eq!(mapping.read(block * BLOCK + 9 * SIZE, 1), [3 * ROUNDS]);
    }
}
