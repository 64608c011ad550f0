// SPDX-License-Identifier: GPL-2.0

//! Conversions of the 2D engine, against the model.

use super::engine::{check, noise, surface, Job, FROM, TO};
use super::machine::Machine;
use super::reference::{Surface, READABLE, WRITABLE};

#[test]
fn formats_convert_through_values() {
    for &(format, ..) in WRITABLE {
        for &(other, ..) in WRITABLE.iter().chain(READABLE) {
            let (to, from) = (surface(TO, format, 1024), surface(FROM, other, 1024));
            if !convertible(&to, &from) || too_precise(&to) || format == other {
                continue;
            }
            let mut machine = noise("a660", (u64::from(format) << 8) | u64::from(other));
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
                    &mut noise("a660", u64::from(swaps) + 99),
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
fn filtering_averages_four_texels() {
    for (format, width, height) in [(0x30, 16, 12), (0x62, 13, 9), (0x4a, 5, 3), (0x15, 20, 20)] {
        let (to, from) = (surface(TO, format, 512), surface(FROM, format, 512));
        let mut job = Job::copy(false, to, from, 8, 6);
        job.to_area = [0, 0, width - 1, height - 1];
        job.source_info = 1 << 16;
        let mut machine = noise("a660", 14);
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
fn depth_and_stencil_are_kept_apart() {
    let to = surface(TO, 0x30, 256);
    for (register, kept) in [(0x0800_0041, 0xff00_0000), (0x0008_4001, 0x00ff_ffff)] {
        let mut job = Job::fill(to, [1, 1, 20, 5], [0x11, 0x22, 0x33, 0x44], 0x10);
        job.unknown_8c01 = register;
        check(&mut noise("a660", 6), &job, |machine, x, y| {
            let old = to.load(&mut machine.ram, x.into(), y.into());
            old & kept | 0x4433_2211 & !kept
        });
    }
    // Stencil alone from a buffer: A8 into D24S8, and back.
    let from = surface(FROM, 0x02, 64);
    let mut job = Job::copy(false, to, from, 20, 5);
    job.unknown_8c01 = 0x0008_4001;
    check(&mut noise("a660", 7), &job, |machine, x, y| {
        let stencil = from.load(&mut machine.ram, x.into(), y.into());
        to.load(&mut machine.ram, x.into(), y.into()) & 0xff_ffff | (stencil << 24)
    });
    let job = Job::copy(
        false,
        surface(TO, 0x02, 64),
        surface(FROM, 0x30, 256),
        20,
        5,
    );
    check(&mut noise("a660", 7), &job, |machine, x, y| {
        job.from.load(&mut machine.ram, x.into(), y.into()) >> 24
    });
}
