// SPDX-License-Identifier: GPL-2.0

//! Addresses that are used again and again: nobody gets one that somebody else has.

use std::ops::Range;

use kgsl_shim::abi::memory::{
    MEMALIGN_SHIFT, MEMFLAGS_FORCE_32BIT, MEMFLAGS_GUARD_PAGE, MEMFLAGS_VBO,
};

use super::{gpu_cannot_write, open, PAGE};
use crate::client::{Bench, Device, Object};
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    objects_that_come_and_go_do_not_overlap,
    an_address_that_was_given_back_leads_nowhere,
];

/// How many objects there are at a time: more than what a process might have noted of those that have gone.
const LIVE: usize = 24;

/// How often one of them gives way to another.
const CHANGES: u32 = 2000;

/// The largest alignment that is asked for, as a logarithm: 64 KiB.
const ALIGNMENTS: u32 = 17;

/// Numbers that look random, and are the same each time.
struct Numbers(u32);

impl Numbers {
    /// The next one below `limit`.
    fn next(&mut self, limit: u32) -> u32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) % limit
    }
}

/// A virtual buffer object, which takes addresses and nothing else, with a size and flags of a few kinds.
fn allocate(device: &Device, numbers: &mut Numbers) -> Object {
    let size = u64::from(numbers.next(4) + 1) * PAGE;
    let alignment = u64::from(numbers.next(ALIGNMENTS)) << MEMALIGN_SHIFT;
    let guard = [0, MEMFLAGS_GUARD_PAGE][numbers.next(2) as usize];
    let low = [0, MEMFLAGS_FORCE_32BIT][numbers.next(2) as usize];
    let flags = MEMFLAGS_VBO | alignment | guard | low;
    let object = Object::gpuobj(device, size, flags).expect("there are addresses");
    let bytes = 1 << ((object.flags >> MEMALIGN_SHIFT) & 0xff);
    assert_eq!(object.gpu_address % bytes.max(PAGE), 0);
    let fits = object.gpu_address + object.size <= 1 << 32;
    assert_eq!(fits, low != 0, "{:#x}", object.gpu_address);
    object
}

/// The addresses that an object has, its guard page included.
fn range(object: &Object) -> Range<u64> {
    let guard = match object.flags & MEMFLAGS_GUARD_PAGE {
        0 => 0,
        _ => PAGE,
    };
    object.gpu_address..object.gpu_address + object.size + guard
}

fn overlap(one: &Object, other: &Object) -> bool {
    let (one, other) = (range(one), range(other));
    one.start < other.end && other.start < one.end
}

fn objects_that_come_and_go_do_not_overlap() {
    let device = open();
    let mut numbers = Numbers(1);
    let mut live: Vec<Object> = Vec::new();
    for _ in 0..CHANGES {
        // Several go before as many come.
        while !live.is_empty() && (live.len() >= LIVE || numbers.next(3) == 0) {
            let gone = live.swap_remove(numbers.next(u32::try_from(live.len()).unwrap()) as usize);
            gone.free(&device).expect("it is freed");
        }
        let object = allocate(&device, &mut numbers);
        for other in &live {
            assert!(!overlap(&object, other), "{object:#x?} {other:#x?}");
        }
        live.push(object);
    }
}

fn an_address_that_was_given_back_leads_nowhere() {
    let device = open();
    let bench = Bench::new(&device);
    let object = Object::gpumem(&device, PAGE, 0).expect("memory is allocated");
    let address = object.gpu_address;
    object.free(&device).expect("it is freed");
    gpu_cannot_write(&bench, address);
    let bench = Bench::new(&device);
    let larger = Object::gpumem(&device, 3 * PAGE, 0).expect("memory is allocated");
    let object = Object::gpumem(&device, PAGE, 0).expect("memory is allocated");
    assert!(!overlap(&larger, &object));
    bench.run(crate::pm4::Commands::default().mem_write(object.gpu_address, &[3]));
    object.free(&device).expect("it is freed");
    gpu_cannot_write(&bench, object.gpu_address);
}
