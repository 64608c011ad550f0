// SPDX-License-Identifier: GPL-2.0

//! CP_MEMCPY within an object: whatever overlaps is read before it is written.

use super::{open, PAGE};
use crate::client::{Bench, Object};
use crate::pm4::Commands;
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![a_copy_may_overlap_itself];

/// CP_MEMCPY, of so many dwords.
fn copy(to: u64, from: u64, dwords: u32) -> Commands {
    let halves = |address: u64| {
        [0, 32].map(|shift| u32::try_from((address >> shift) & 0xffff_ffff).expect("it is masked"))
    };
    let ([low, high], [to_low, to_high]) = (halves(from), halves(to));
    Commands::default()
        .packet(0x75, &[dwords, low, high, to_low, to_high])
        .clone()
}

fn a_copy_may_overlap_itself() {
    let device = open();
    let bench = Bench::new(&device);
    let object = Object::gpumem(&device, 8 * PAGE, 0).expect("memory is allocated");
    let mapping = object.map(&device).expect("it is mapped");
    let before: Vec<u32> = (1..=u32::try_from(2 * PAGE).expect("it is short")).collect();
    let most = 3 * 1024;
    for distance in [0, 1, 15, 16, 1023, 1024, 1025, most - 1, most, most + 1] {
        for dwords in [1, 16, 1024, most] {
            for (to, from) in [(0, distance), (distance, 0), (100 + distance, 100)] {
                mapping.write(0, &before);
                let at = |dword: usize| object.gpu_address + 4 * dword as u64;
                let count = u32::try_from(dwords).expect("it is short");
                bench.run(&copy(at(to), at(from), count));
                let mut after = before.clone();
                after.copy_within(from..from + dwords, to);
                let is = mapping.read(0, before.len());
                assert!(is == after, "{dwords} dwords from {from} to {to}");
            }
        }
    }
}
