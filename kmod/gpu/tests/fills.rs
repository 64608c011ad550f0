// SPDX-License-Identifier: GPL-2.0

//! Fills of the 2D engine, against the model.

use super::engine::{check, noise, surface, Job, TO};
use super::machine::low;
use super::reference::{Surface, WRITABLE};
use std::vec::Vec;

#[test]
fn fills_write_the_solid_colour() {
    for &(format, ..) in WRITABLE {
        let mut machine = noise("a660", u64::from(format));
        let to = surface(TO, format, 1024);
        let color = [0x1234_5678, 0x9abc_def0, 0x0fed_cba9, 0x8765_4321];
        // The internal format of integers takes the bits as they are.
        let job = Job::fill(to, [3, 2, 40, 9], color, 0x7);
        check(&mut machine, &job, |_, _, _| {
            let (mut texel, mut shift) = (0, 0);
            for (name, bits) in channels(format) {
                let value = u128::from(color["xyzw".find(name).unwrap()]);
                texel |= (value & ((1 << bits) - 1)) << shift;
                shift += bits;
            }
            texel
        });
    }
}

/// The channels of a format without swap, from the list of the model.
fn channels(format: u32) -> Vec<(char, u32)> {
    let row = WRITABLE.iter().find(|row| row.0 == format).unwrap();
    let split = |word: &str| (word.chars().next().unwrap(), word[1..].parse().unwrap());
    row.1.split(' ').map(split).collect()
}

#[test]
fn fills_convert_from_the_internal_format() {
    let cases = [
        (0x30, 0x10, [0, 255, 128, 7], 0x0780_ff00_u128),
        (0x0e, 0x10, [255, 0, 255, 0], 0xf81f),
        (0x32, 0x10, [0x81, 0x7f, 0, 0xff], 0xff00_7f81),
        (0x4a, 0x4, [0x3f80_0000, 0, 0, 0], 0x3f80_0000),
        (0x15, 0x4, [0x3f00_0000, 0, 0, 0], 0x8000),
        (
            0x62,
            0x3,
            [0x3c00, 0xbc00, 0, 0x7bff],
            0x7bff_0000_bc00_3c00,
        ),
        (
            0x42,
            0x3,
            [0x3c00, 0x3c00, 0x3c00, 0],
            0x3c0 | (0x3c0 << 11) | (0x1e0 << 22),
        ),
        (0x36, 0x3, [0x3c00, 0, 0x3c00, 0x3c00], 0xfff0_03ff),
    ];
    for (format, internal, color, texel) in cases {
        let mut machine = noise("a660", 3);
        let to = surface(TO, format, 256);
        check(
            &mut machine,
            &Job::fill(to, [0, 0, 9, 3], color, internal),
            |_, _, _| texel,
        );
    }
}

#[test]
fn a_solid_colour_on_the_curve_is_not_curved_again() {
    let to = Surface {
        srgb: true,
        ..surface(TO, 0x30, 256)
    };
    let job = Job::fill(to, [0, 0, 9, 3], [10, 100, 200, 50], 0x1);
    check(&mut noise("a660", 3), &job, |_, _, _| 0x32c8_640a);
}

#[test]
fn fills_respect_scissor_and_mask() {
    let to = surface(TO, 0x30, 256);
    let mut job = Job::fill(to, [2, 1, 30, 9], [1, 2, 3, 4], 0x5);
    job.scissor = Some([5, 0, 10, 4]);
    check(&mut noise("a660", 5), &job, |machine, x, y| {
        let inside = (5..=10).contains(&x) && y <= 4;
        let old = to.load(&mut machine.ram, x.into(), y.into());
        if inside {
            0x0403_0201
        } else {
            old
        }
    });
    let mut job = Job::fill(to, [2, 1, 30, 9], [1, 2, 3, 4], 0x5);
    job.control = (1 << 31) | (0b0101 << 20);
    check(&mut noise("a660", 5), &job, |_, _, _| 0x0003_0001);
}

#[test]
fn rows_that_overlap_are_filled_no_further() {
    for pitch in [0, 64] {
        let job = Job::fill(surface(TO, 0x4b, pitch), [0, 0, 31, 3], [7; 4], 0x7);
        check(&mut noise("a660", 9), &job, |_, _, _| 7);
    }
}

#[test]
fn an_empty_rectangle_writes_nothing() {
    let mut job = Job::fill(surface(TO, 0x30, 256), [5, 5, 4, 9], [1; 4], 0x10);
    let mut machine = noise("a660", 17);
    let before = machine.ram.bytes[0x1_0000..].to_vec();
    machine.complete(&job.stream());
    job.to_area = [5, 5, 9, 9];
    job.scissor = Some([20, 20, 30, 30]);
    machine.complete(&job.stream());
    assert!(before == machine.ram.bytes[0x1_0000..]);
    assert_eq!(low(machine.processor.counters().blits), 2);
}
