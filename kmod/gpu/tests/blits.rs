// SPDX-License-Identifier: GPL-2.0

//! A test for each form of blit, against the model.

use super::engine::Job;
use super::machine::{low, write, Machine, BASE, DATA, SIZE};
use super::reference::{Surface, READABLE, WRITABLE};
use crate::gpu::fault::Cause;
use crate::gpu::memory::Memory;
use std::vec::Vec;

/// Where the destination lies.
const TO: u64 = DATA;
/// Where the source lies.
const FROM: u64 = DATA + 0x1_0000;

/// A surface with rows of `pitch` bytes.
fn surface(base: u64, format: u32, pitch: u64) -> Surface {
    Surface {
        format,
        swap: 0,
        srgb: false,
        base,
        pitch,
    }
}

/// A machine with noise from [`DATA`] on.
fn machine(chip: &str, seed: u64) -> Machine {
    let mut machine = Machine::new(chip);
    let mut state = seed | 1;
    for index in 0..(SIZE - (DATA - BASE)) / 8 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        machine.ram.store64(DATA + index * 8, state).unwrap();
    }
    machine
}

/// Runs a job, and the model with `texel` for each texel of the area that it writes; both must agree on all memory.
fn check(machine: &mut Machine, job: &Job, mut texel: impl FnMut(&mut Machine, u32, u32) -> u128) {
    let [left, top, right, bottom] = job.to_area;
    let mut expected = Vec::new();
    for y in top..=bottom {
        for x in left..=right {
            expected.push((x, y, texel(machine, x, y)));
        }
    }
    let stream = job.stream();
    let mut before = machine.ram.clone();
    machine.place(super::machine::STREAM, &stream);
    before.bytes[..stream.len() * 4].copy_from_slice(&machine.ram.bytes[..stream.len() * 4]);
    for (x, y, texel) in expected {
        job.to.store(&mut before, u64::from(x), u64::from(y), texel);
    }
    machine.complete(&stream);
    if before.bytes == machine.ram.bytes {
        return;
    }
    let difference = before
        .bytes
        .iter()
        .zip(&machine.ram.bytes)
        .position(|(a, b)| a != b);
    panic!("byte {difference:x?} differs: {job:x?}");
}

/// Whether two formats convert into each other.
fn convertible(one: &Surface, other: &Surface) -> bool {
    let integer = |surface: &Surface| ["uint", "sint"].contains(&surface.kind());
    integer(one) == integer(other)
}

/// Whether the model's double precision cannot tell what the engine's single precision rounds to.
fn too_precise(surface: &Surface) -> bool {
    let wide = ["unorm", "snorm", "fixed"].contains(&surface.kind());
    wide && surface.bytes() * 8 % 32 == 0 && (0x48..0x90).contains(&surface.format) && {
        !matches!(surface.format, 0x58..=0x64)
    }
}

#[test]
fn fills_write_the_solid_colour() {
    for &(format, ..) in WRITABLE {
        let mut machine = machine("a660", u64::from(format));
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
            0x3c0 | 0x3c0 << 11 | 0x1e0 << 22,
        ),
        (0x36, 0x3, [0x3c00, 0, 0x3c00, 0x3c00], 0xfff0_03ff),
    ];
    for (format, internal, color, texel) in cases {
        let mut machine = machine("a660", 3);
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
    check(&mut machine("a660", 3), &job, |_, _, _| 0x32c8_640a);
}

#[test]
fn fills_respect_scissor_and_mask() {
    let to = surface(TO, 0x30, 256);
    let mut job = Job::fill(to, [2, 1, 30, 9], [1, 2, 3, 4], 0x5);
    job.scissor = Some([5, 0, 10, 4]);
    check(&mut machine("a660", 5), &job, |machine, x, y| {
        let inside = (5..=10).contains(&x) && y <= 4;
        let old = to.load(&mut machine.ram, x.into(), y.into());
        if inside {
            0x0403_0201
        } else {
            old
        }
    });
    let mut job = Job::fill(to, [2, 1, 30, 9], [1, 2, 3, 4], 0x5);
    job.control = 1 << 31 | 0b0101 << 20;
    check(&mut machine("a660", 5), &job, |_, _, _| 0x0003_0001);
}

#[test]
fn depth_and_stencil_are_kept_apart() {
    let to = surface(TO, 0x30, 256);
    for (register, kept) in [(0x0800_0041, 0xff00_0000), (0x0008_4001, 0x00ff_ffff)] {
        let mut job = Job::fill(to, [1, 1, 20, 5], [0x11, 0x22, 0x33, 0x44], 0x10);
        job.unknown_8c01 = register;
        check(&mut machine("a660", 6), &job, |machine, x, y| {
            let old = to.load(&mut machine.ram, x.into(), y.into());
            old & kept | 0x4433_2211 & !kept
        });
    }
    // Stencil alone from a buffer: A8 into D24S8, and back.
    let from = surface(FROM, 0x02, 64);
    let mut job = Job::copy(false, to, from, 20, 5);
    job.unknown_8c01 = 0x0008_4001;
    check(&mut machine("a660", 7), &job, |machine, x, y| {
        let stencil = from.load(&mut machine.ram, x.into(), y.into());
        to.load(&mut machine.ram, x.into(), y.into()) & 0xff_ffff | stencil << 24
    });
    let job = Job::copy(
        false,
        surface(TO, 0x02, 64),
        surface(FROM, 0x30, 256),
        20,
        5,
    );
    check(&mut machine("a660", 7), &job, |machine, x, y| {
        job.from.load(&mut machine.ram, x.into(), y.into()) >> 24
    });
}

#[test]
fn equal_formats_copy_every_bit() {
    for &(format, ..) in WRITABLE {
        for (chip, a7xx) in [("a660", false), ("a740", true)] {
            let mut machine = machine(chip, u64::from(format));
            let (to, from) = (surface(TO, format, 1024), surface(FROM, format, 2048));
            let mut job = Job::copy(a7xx, to, from, 33, 7);
            job.from_size = [64, 20];
            (job.to_area, job.from_area) = ([5, 3, 37, 9], [8, 2, 40, 8]);
            check(&mut machine, &job, |machine, x, y| {
                from.load(&mut machine.ram, u64::from(x) + 3, u64::from(y) - 1)
            });
        }
    }
}

#[test]
fn touching_rows_copy_as_one() {
    let (to, from) = (surface(TO, 0x4b, 256), surface(FROM, 0x4b, 256));
    let job = Job::copy(false, to, from, 64, 50);
    check(&mut machine("a660", 1), &job, |machine, x, y| {
        from.load(&mut machine.ram, x.into(), y.into())
    });
    let job = Job::fill(to, [0, 0, 63, 49], [0xabcd, 0, 0, 0], 0x7);
    check(&mut machine("a660", 1), &job, |_, _, _| 0xabcd);
}

#[test]
fn formats_convert_through_values() {
    for &(format, ..) in WRITABLE {
        for &(other, ..) in WRITABLE.iter().chain(READABLE) {
            let (to, from) = (surface(TO, format, 1024), surface(FROM, other, 1024));
            if !convertible(&to, &from) || too_precise(&to) || format == other {
                continue;
            }
            let mut machine = machine("a660", u64::from(format) << 8 | u64::from(other));
            if from.kind() == "float" || from.kind() == "shared" {
                tame(&mut machine, &from);
            }
            check(
                &mut machine,
                &Job::copy(false, to, from, 16, 4),
                |machine, x, y| {
                    let texel = from.load(&mut machine.ram, x.into(), y.into());
                    if texel_equal(&to, &from) {
                        return texel;
                    }
                    // What the engine computes with is a single.
                    let mut values = from.decode(texel);
                    if !["uint", "sint"].contains(&from.kind()) {
                        values
                            .values_mut()
                            .for_each(|value| *value = f64::from(*value as f32));
                    }
                    to.encode(&values)
                },
            );
        }
    }
}

/// Whether two formats are two names of one layout.
fn texel_equal(one: &Surface, other: &Surface) -> bool {
    one.kind() == other.kind() && one.bytes() == other.bytes() && {
        let text = |surface: &Surface| {
            WRITABLE
                .iter()
                .find(|row| row.0 == surface.format)
                .map(|row| (row.1, row.2))
        };
        text(one).is_some() && text(one) == text(other)
    }
}

/// Replaces the NaNs of a source: which of them a conversion makes is not said anywhere.
fn tame(machine: &mut Machine, from: &Surface) {
    for y in 0..4 {
        for x in 0..16 {
            let values = from.decode(from.load(&mut machine.ram, x, y));
            if values.values().any(|value| value.is_nan()) {
                from.store(&mut machine.ram, x, y, 0);
            }
        }
    }
}

#[test]
fn swaps_and_curves_convert() {
    for (format, other) in [
        (0x30, 0x30),
        (0x0a, 0x0c),
        (0x08, 0x08),
        (0x0e, 0x30),
        (0x36, 0x30),
    ] {
        for swaps in 0..16 {
            for curves in 0..4 {
                let (to_swap, from_swap) = (swaps & 3, swaps >> 2);
                if other == 0x0c && from_swap > 1 {
                    continue;
                }
                let to = Surface {
                    swap: to_swap,
                    srgb: curves & 1 != 0,
                    ..surface(TO, format, 256)
                };
                let from = Surface {
                    swap: from_swap,
                    srgb: curves & 2 != 0,
                    ..surface(FROM, other, 256)
                };
                let job = Job::copy(false, to, from, 32, 3);
                check(
                    &mut machine("a660", u64::from(swaps) + 99),
                    &job,
                    |machine, x, y| {
                        let texel = from.load(&mut machine.ram, x.into(), y.into());
                        let mut values = from.decode(texel);
                        values
                            .values_mut()
                            .for_each(|value| *value = f64::from(*value as f32));
                        to.encode(&values)
                    },
                );
            }
        }
    }
}

#[test]
fn rotations_turn_the_source() {
    let (width, height) = (7, 4);
    for rotation in 0..6 {
        let (to, from) = (surface(TO, 0x4b, 256), surface(FROM, 0x4b, 256));
        let turned = rotation == 1 || rotation == 3;
        let (columns, rows) = if turned {
            (height, width)
        } else {
            (width, height)
        };
        let mut job = Job::copy(false, to, from, width, height);
        job.to_area = [0, 0, columns - 1, rows - 1];
        job.control = rotation;
        check(&mut machine("a660", 11), &job, |machine, x, y| {
            let (u, v) = match rotation {
                0 => (x, y),
                1 => (y, height - 1 - x),
                2 => (width - 1 - x, height - 1 - y),
                3 => (width - 1 - y, x),
                4 => (width - 1 - x, y),
                _ => (x, height - 1 - y),
            };
            from.load(&mut machine.ram, u.into(), v.into())
        });
    }
}

#[test]
fn scaling_takes_the_nearest_texel() {
    for (width, height) in [(10, 6), (3, 2), (21, 40), (64, 1)] {
        let (to, from) = (surface(TO, 0x30, 512), surface(FROM, 0x30, 512));
        let mut job = Job::copy(true, to, from, 10, 6);
        job.to_area = [4, 5, 3 + width, 4 + height];
        check(&mut machine("a750", 12), &job, |machine, x, y| {
            let u = (f64::from(x - 4) + 0.5) * 10.0 / f64::from(width);
            let v = (f64::from(y - 5) + 0.5) * 6.0 / f64::from(height);
            from.load(&mut machine.ram, u as u64, v as u64)
        });
    }
}

#[test]
fn coordinates_outside_are_those_of_the_edge() {
    let (to, from) = (surface(TO, 0x30, 512), surface(FROM, 0x30, 512));
    let mut job = Job::copy(false, to, from, 10, 6);
    job.from_area = [-3, -2, 12, 9];
    job.to_area = [0, 0, 15, 11];
    check(&mut machine("a660", 13), &job, |machine, x, y| {
        let u = (i64::from(x) - 3).clamp(0, 9);
        let v = (i64::from(y) - 2).clamp(0, 5);
        from.load(
            &mut machine.ram,
            u.try_into().unwrap(),
            v.try_into().unwrap(),
        )
    });
}

#[test]
fn filtering_averages_four_texels() {
    for (format, width, height) in [(0x30, 16, 12), (0x62, 13, 9), (0x4a, 5, 3), (0x15, 20, 20)] {
        let (to, from) = (surface(TO, format, 512), surface(FROM, format, 512));
        let mut job = Job::copy(false, to, from, 8, 6);
        job.to_area = [0, 0, width - 1, height - 1];
        job.source_info = 1 << 16;
        let mut machine = machine("a660", 14);
        for y in 0..6 {
            for x in 0..8 {
                // Numbers of a moderate size, so that the sum is exact in double precision.
                let value = (x * 5 + y * 3) as f64 / 64.0;
                let values = [('x', value), ('y', 0.5), ('z', -value), ('w', 1.0)].into();
                from.store(&mut machine.ram, x, y, from.encode(&values));
            }
        }
        check(&mut machine, &job, |machine, x, y| {
            let axis = |value: u32, size: u32, count: i64| {
                let position =
                    (2 * i64::from(value) + 1) * count * 256 / (2 * i64::from(size)) - 128;
                let (texel, part) = (position >> 8, (position & 255) as f64 / 256.0);
                let clamp = |texel: i64| texel.clamp(0, count - 1) as u64;
                [(clamp(texel), 1.0 - part), (clamp(texel + 1), part)]
            };
            let mut sum = std::collections::BTreeMap::new();
            for (v, down) in axis(y, height, 6) {
                for (u, right) in axis(x, width, 8) {
                    for (name, value) in from.decode(from.load(&mut machine.ram, u, v)) {
                        *sum.entry(name).or_insert(0.0) += f64::from(value as f32) * right * down;
                    }
                }
            }
            sum.values_mut()
                .for_each(|value| *value = f64::from(*value as f32));
            to.encode(&sum)
        });
    }
}

#[test]
fn overlapping_copies_read_before_they_write() {
    for offset in [-320_i64, -256, -64, 0, 64, 256, 320] {
        let base = TO + 0x1000;
        let from = surface(base, 0x03, 256);
        let to = surface(base.checked_add_signed(offset).unwrap(), 0x03, 256);
        let job = Job::copy(false, to, from, 200, 9);
        check(&mut machine("a660", 15), &job, |machine, x, y| {
            from.load(&mut machine.ram, x.into(), y.into())
        });
    }
}

#[test]
fn buffer_sources_of_a7xx_begin_anywhere() {
    let (to, from) = (surface(TO, 0x30, 256), surface(FROM, 0x30, 36));
    let job = Job::copy(true, to, from, 9, 7);
    let mut machine = machine("a740", 16);
    machine.complete(&write(0xb2d2, &[5 << 29 | 3 << 16]));
    check(&mut machine, &job, |machine, x, y| {
        from.load(&mut machine.ram, u64::from(x) + 3, y.into())
    });
}

#[test]
fn what_cannot_be_done_is_refused() {
    let (to, from) = (surface(TO, 0x30, 256), surface(FROM, 0x30, 256));
    let good = Job::copy(false, to, from, 4, 4);
    let refused = |change: &dyn Fn(&mut Job)| {
        let mut job = good;
        change(&mut job);
        let fault = Machine::new("a660").fault(&job.stream());
        match fault.cause {
            Cause::Surface(reason) => reason,
            other => panic!("{other:?}"),
        }
    };
    assert!(refused(&|job| job.source_info = 1 << 12).contains("UBWC"));
    assert!(refused(&|job| job.destination_info = 1 << 12).contains("UBWC"));
    assert!(refused(&|job| job.destination_info = 2 << 8).contains("TILE6_2"));
    assert!(refused(&|job| job.source_info = 1 << 14).contains("samples"));
    assert!(refused(&|job| job.to.format = 0x33).contains("integers"));
    assert!(refused(&|job| job.to.format = 0x35).contains("shared"));
    assert!(refused(&|job| job.to.format = 0x8e).contains("planar"));
    assert!(refused(&|job| job.from.format = 0xb3).contains("block-compressed"));
    assert!(refused(&|job| job.from_size = [0, 4]).contains("no texels"));
    assert!(refused(&|job| job.from_area = [3, 0, 0, 3]).contains("empty"));
    assert!(refused(&|job| job.control = 7).contains("rotation"));
    assert!(refused(&|job| job.unknown_8c01 = 1).contains("8C01"));
    let mut job = good;
    job.to.base += 32;
    let fault = Machine::new("a660").fault(&job.stream());
    assert_eq!(
        fault.cause,
        Cause::Misaligned {
            address: TO + 32,
            alignment: 64
        }
    );
}

#[test]
fn an_empty_rectangle_writes_nothing() {
    let mut job = Job::fill(surface(TO, 0x30, 256), [5, 5, 4, 9], [1; 4], 0x10);
    let mut machine = machine("a660", 17);
    let before = machine.ram.bytes[0x1_0000..].to_vec();
    machine.complete(&job.stream());
    job.to_area = [5, 5, 9, 9];
    job.scissor = Some([20, 20, 30, 30]);
    machine.complete(&job.stream());
    assert!(before == machine.ram.bytes[0x1_0000..]);
    assert_eq!(low(machine.processor.counters().blits), 2);
}

#[test]
fn tiled_surfaces_keep_what_is_copied_in() {
    for (format, chip) in [
        (0x05, "a618"),
        (0x18, "a660"),
        (0x4b, "a663"),
        (0x68, "a740"),
        (0x83, "a618"),
    ] {
        let a7xx = chip == "a740";
        let tiled = 3 << 8;
        let bytes = surface(0, format, 0).bytes();
        let (first, last) = (
            surface(FROM, format, 40 * bytes),
            surface(TO, format, 64 * 16),
        );
        let middle = surface(TO + 0x8000, format, 64 * bytes.max(2));
        let mut machine = machine(chip, 19);
        let mut into = Job::copy(
            a7xx,
            middle,
            Surface {
                pitch: 64 * 16,
                ..first
            },
            40,
            20,
        );
        into.destination_info = tiled;
        machine.complete(&into.stream());
        // Compression leaves texels where they are.
        let plain = machine.ram.clone();
        into.destination_info = tiled | 1 << 12;
        machine.complete(&into.stream());
        assert!(plain.bytes[0x1_0000..] == machine.ram.bytes[0x1_0000..]);
        // Texels follow each other in pairs of two rows: the second row's first texel comes after two of the first.
        let mut ram = machine.ram.clone();
        let expected = into.from.load(&mut ram, 0, 1);
        let flat = Surface { pitch: 0, ..middle };
        assert_eq!(flat.load(&mut ram, 2, 0), expected);
        let mut back = Job::copy(a7xx, last, middle, 40, 20);
        back.source_info = tiled;
        let source = into.from;
        check(&mut machine, &back, |machine, x, y| {
            source.load(&mut machine.ram, x.into(), y.into())
        });
        // And turned, and filled.
        let mut fill = Job::fill(middle, [3, 3, 3, 3], [0x55; 4], 0x7);
        fill.destination_info = tiled;
        machine.complete(&fill.stream());
        back.control = 4;
        let solid = {
            let texel = (0..4).fold(0_u128, |texel, dword| texel | 0x55 << (dword * 32));
            let mask = if bytes == 16 {
                u128::MAX
            } else {
                (1 << (bytes * 8)) - 1
            };
            texel & mask
        };
        check(&mut machine, &back, |machine, x, y| {
            if (x, y) == (36, 3) {
                solid
            } else {
                source.load(&mut machine.ram, u64::from(39 - x), y.into())
            }
        });
    }
}
