// SPDX-License-Identifier: GPL-2.0

//! Copies of the 2D engine, against the model, and what it refuses.

use super::engine::{check, noise, surface, Job, FROM, TO};
use super::machine::{write, Machine, STREAM};
use super::meter::Meter;
use super::reference::{Surface, WRITABLE};
use crate::gpu::fault::Cause;
use crate::gpu::{Outcome, Registers};

#[test]
fn equal_formats_copy_every_bit() {
    for &(format, ..) in WRITABLE {
        for (chip, a7xx) in [("a660", false), ("a740", true)] {
            let mut machine = noise(chip, u64::from(format));
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
    check(&mut noise("a660", 1), &job, |machine, x, y| {
        from.load(&mut machine.ram, x.into(), y.into())
    });
    let job = Job::fill(to, [0, 0, 63, 49], [0xabcd, 0, 0, 0], 0x7);
    check(&mut noise("a660", 1), &job, |_, _, _| 0xabcd);
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
        check(&mut noise("a660", 11), &job, |machine, x, y| {
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
        check(&mut noise("a750", 12), &job, |machine, x, y| {
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
    check(&mut noise("a660", 13), &job, |machine, x, y| {
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
fn overlapping_copies_read_before_they_write() {
    for offset in [-320_i64, -256, -64, 0, 64, 256, 320] {
        let base = TO + 0x1000;
        let from = surface(base, 0x03, 256);
        let to = surface(base.checked_add_signed(offset).unwrap(), 0x03, 256);
        let job = Job::copy(false, to, from, 200, 9);
        check(&mut noise("a660", 15), &job, |machine, x, y| {
            from.load(&mut machine.ram, x.into(), y.into())
        });
    }
}

#[test]
fn buffer_sources_of_a7xx_begin_anywhere() {
    let (to, from) = (surface(TO, 0x30, 256), surface(FROM, 0x30, 36));
    let job = Job::copy(true, to, from, 9, 7);
    let mut machine = noise("a740", 16);
    machine.complete(&write(0xb2d2, &[(5 << 29) | (3 << 16)]));
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
        let mut machine = noise(chip, 19);
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
        into.destination_info = tiled | (1 << 12);
        machine.complete(&into.stream());
        assert!(plain.bytes[0x1_0000..] == machine.ram.bytes[0x1_0000..]);
        // Texels follow each other in pairs of two rows: the second row's first texel comes after
        // two of the first.
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
            let texel = (0..4).fold(0_u128, |texel, dword| texel | (0x55 << (dword * 32)));
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

#[test]
fn tiled_parts_are_changed_and_the_rest_is_kept() {
    for (format, chip) in [(0x05, "a660"), (0x4b, "a618"), (0x83, "a663")] {
        let bytes = surface(0, format, 0).bytes();
        let linear = |base| surface(base, format, 1024);
        let tiled = surface(TO + 0x8000, format, 64 * bytes.max(2));
        let mut machine = noise(chip, 21);
        let mut whole = Job::copy(false, tiled, linear(FROM), 60, 24);
        whole.destination_info = 3 << 8;
        machine.complete(&whole.stream());
        // A part from elsewhere in the source, and a fill of another.
        let mut part = whole;
        (part.to_area, part.from_area) = ([3, 5, 50, 20], [7, 2, 54, 17]);
        machine.complete(&part.stream());
        let mut fill = Job::fill(tiled, [9, 1, 55, 17], [9, 8, 7, 6], 0x7);
        fill.destination_info = 3 << 8;
        machine.complete(&fill.stream());
        let color = [9_u128, 8, 7, 6]
            .iter()
            .rev()
            .fold(0, |texel, value| (texel << 32) | value);
        let color = if bytes == 16 {
            color
        } else {
            color & ((1 << (bytes * 8)) - 1)
        };
        let source = linear(FROM);
        let expected = |machine: &mut Machine, x: u32, y: u32| {
            if (9..=55).contains(&x) && (1..=17).contains(&y) {
                color
            } else if (3..=50).contains(&x) && (5..=20).contains(&y) {
                source.load(&mut machine.ram, u64::from(x) + 4, u64::from(y) - 3)
            } else {
                source.load(&mut machine.ram, x.into(), y.into())
            }
        };
        // A part of it back, in blocks and, mirrored, texel by texel.
        let mut back = Job::copy(false, linear(TO), tiled, 60, 24);
        back.source_info = 3 << 8;
        (back.to_area, back.from_area) = ([1, 2, 52, 18], [4, 3, 55, 19]);
        check(&mut machine, &back, |machine, x, y| {
            expected(machine, x + 3, y + 1)
        });
        back.control = 5;
        check(&mut machine, &back, |machine, x, y| {
            expected(machine, x + 3, 21 - y)
        });
    }
}

#[test]
fn tiled_parts_are_written_alone() {
    for (format, chip) in [
        (0x05, "a660"),
        (0x18, "a630"),
        (0x4b, "a618"),
        (0x83, "a663"),
    ] {
        let bytes = surface(0, format, 0).bytes();
        let tiled = surface(TO + 0x8000, format, 64 * bytes.max(2));
        let mut into = Job::copy(false, tiled, surface(FROM, format, 1024), 60, 24);
        (into.to_area, into.from_area) = ([3, 5, 50, 20], [7, 2, 54, 17]);
        let mut fill = Job::fill(tiled, [9, 1, 55, 17], [9, 8, 7, 6], 0x7);
        for job in [&mut into, &mut fill] {
            job.destination_info = 3 << 8;
            let mut machine = noise(chip, 23);
            let stream = job.stream();
            machine.place(STREAM, &stream);
            let length = u32::try_from(stream.len()).unwrap();
            machine.processor.start(STREAM, length);
            let mut meter = Meter::new(machine.ram);
            let mut registers = Registers::new(&mut machine.registers).unwrap();
            let outcome =
                machine
                    .processor
                    .run(&mut registers, &mut meter, &machine.configuration, u32::MAX);
            assert_eq!(outcome, Outcome::Done);
            // Others may write the texels next to them meanwhile.
            let [left, top, right, bottom] = job.to_area.map(u64::from);
            let texels = (right - left + 1) * (bottom - top + 1);
            let written: u64 = meter.written.iter().map(|(_, length)| length).sum();
            assert_eq!(written, texels * bytes, "{chip} {format:#x}");
        }
    }
}
