// SPDX-License-Identifier: GPL-2.0

//! A plain model of the 2D engine: one texel at a time, in floating point, from a written list of
//! formats.

use super::machine::Ram;
use crate::gpu::memory::Memory;
use std::collections::BTreeMap;
use std::vec::Vec;

/// Every format that can be written, as value, channels from the least significant bit, and what
/// they mean.
pub(super) const WRITABLE: &[(u32, &str, &str)] = &[
    (0x02, "w8", "unorm"),
    (0x03, "x8", "unorm"),
    (0x04, "x8", "snorm"),
    (0x05, "x8", "uint"),
    (0x06, "x8", "sint"),
    (0x08, "x4 y4 z4 w4", "unorm"),
    (0x0a, "x5 y5 z5 w1", "unorm"),
    (0x0e, "x5 y6 z5", "unorm"),
    (0x0f, "x8 y8", "unorm"),
    (0x10, "x8 y8", "snorm"),
    (0x11, "x8 y8", "uint"),
    (0x12, "x8 y8", "sint"),
    (0x15, "x16", "unorm"),
    (0x16, "x16", "snorm"),
    (0x17, "x16", "float"),
    (0x18, "x16", "uint"),
    (0x19, "x16", "sint"),
    (0x21, "x8 y8 z8", "unorm"),
    (0x22, "x8 y8 z8", "snorm"),
    (0x23, "x8 y8 z8", "uint"),
    (0x24, "x8 y8 z8", "sint"),
    (0x30, "x8 y8 z8 w8", "unorm"),
    (0x32, "x8 y8 z8 w8", "snorm"),
    (0x33, "x8 y8 z8 w8", "uint"),
    (0x34, "x8 y8 z8 w8", "sint"),
    (0x36, "x10 y10 z10 w2", "unorm"),
    (0x37, "x10 y10 z10 w2", "unorm"),
    (0x39, "x10 y10 z10 w2", "snorm"),
    (0x3a, "x10 y10 z10 w2", "uint"),
    (0x3b, "x10 y10 z10 w2", "sint"),
    (0x42, "x11 y11 z10", "float"),
    (0x43, "x16 y16", "unorm"),
    (0x44, "x16 y16", "snorm"),
    (0x45, "x16 y16", "float"),
    (0x46, "x16 y16", "uint"),
    (0x47, "x16 y16", "sint"),
    (0x48, "x32", "unorm"),
    (0x49, "x32", "snorm"),
    (0x4a, "x32", "float"),
    (0x4b, "x32", "uint"),
    (0x4c, "x32", "sint"),
    (0x4d, "x32", "fixed"),
    (0x58, "x16 y16 z16", "unorm"),
    (0x59, "x16 y16 z16", "snorm"),
    (0x5a, "x16 y16 z16", "float"),
    (0x5b, "x16 y16 z16", "uint"),
    (0x5c, "x16 y16 z16", "sint"),
    (0x60, "x16 y16 z16 w16", "unorm"),
    (0x61, "x16 y16 z16 w16", "snorm"),
    (0x62, "x16 y16 z16 w16", "float"),
    (0x63, "x16 y16 z16 w16", "uint"),
    (0x64, "x16 y16 z16 w16", "sint"),
    (0x65, "x32 y32", "unorm"),
    (0x66, "x32 y32", "snorm"),
    (0x67, "x32 y32", "float"),
    (0x68, "x32 y32", "uint"),
    (0x69, "x32 y32", "sint"),
    (0x6a, "x32 y32", "fixed"),
    (0x70, "x32 y32 z32", "unorm"),
    (0x71, "x32 y32 z32", "snorm"),
    (0x72, "x32 y32 z32", "uint"),
    (0x73, "x32 y32 z32", "sint"),
    (0x74, "x32 y32 z32", "float"),
    (0x75, "x32 y32 z32", "fixed"),
    (0x80, "x32 y32 z32 w32", "unorm"),
    (0x81, "x32 y32 z32 w32", "snorm"),
    (0x82, "x32 y32 z32 w32", "float"),
    (0x83, "x32 y32 z32 w32", "uint"),
    (0x84, "x32 y32 z32 w32", "sint"),
    (0x85, "x32 y32 z32 w32", "fixed"),
    (0x91, "x8 y8 z8 w8", "unorm"),
    (0xa0, "x8 y8 z8 w8", "unorm"),
];

/// The formats that can only be read.
pub(super) const READABLE: &[(u32, &str, &str)] = &[
    (0x0c, "w1 x5 y5 z5", "unorm"),
    (0x13, "x8 w8", "luminance"),
    (0x31, "x8 y8 z8 -8", "unorm"),
    (0x35, "x9 y9 z9 e5", "shared"),
];

/// A surface of the model.
#[derive(Clone, Copy, Debug)]
pub(super) struct Surface {
    /// COLOR_FORMAT.
    pub(super) format: u32,
    /// COLOR_SWAP.
    pub(super) swap: u32,
    /// SRGB.
    pub(super) srgb: bool,
    /// The GPU address.
    pub(super) base: u64,
    /// The bytes from a row to the next.
    pub(super) pitch: u64,
}

/// The row of a format.
fn row(format: u32) -> (&'static str, &'static str) {
    let mut rows = WRITABLE.iter().chain(READABLE);
    let &(_, channels, kind) = rows.find(|row| row.0 == format).unwrap();
    (channels, kind)
}

impl Surface {
    /// What the channels mean.
    pub(super) fn kind(&self) -> &'static str {
        row(self.format).1
    }

    /// The channels with their bits, from the least significant one, in the order that the swap
    /// makes.
    fn channels(&self) -> Vec<(char, u32)> {
        let mut list = Vec::new();
        for word in row(self.format).0.split(' ') {
            let (name, bits) = word.split_at(1);
            list.push((name.chars().next().unwrap(), bits.parse().unwrap()));
        }
        if self.swap == 1 && self.format == 0x0c {
            list[1..].reverse();
            return list;
        }
        let order = ["xyzw", "zyxw", "wxyz", "wzyx"][usize::try_from(self.swap).unwrap()];
        if self.format != 0x0c && !list.iter().any(|&(name, _)| "e-".contains(name)) {
            list.sort_by_key(|&(name, _)| order.find(name).unwrap());
        }
        list
    }

    /// The bytes of a texel.
    pub(super) fn bytes(&self) -> u64 {
        u64::from(
            self.channels()
                .iter()
                .map(|&(_, bits)| bits)
                .sum::<u32>()
                .div_ceil(8),
        )
    }

    /// The bits of a texel.
    pub(super) fn load(&self, ram: &mut Ram, x: u64, y: u64) -> u128 {
        let mut bytes = [0; 16];
        let count = usize::try_from(self.bytes()).unwrap();
        ram.read(
            self.base + y * self.pitch + x * self.bytes(),
            &mut bytes[..count],
        )
        .unwrap();
        u128::from_le_bytes(bytes)
    }

    /// Sets the bits of a texel.
    pub(super) fn store(&self, ram: &mut Ram, x: u64, y: u64, texel: u128) {
        let count = usize::try_from(self.bytes()).unwrap();
        let bytes = &texel.to_le_bytes()[..count];
        ram.write(self.base + y * self.pitch + x * self.bytes(), bytes)
            .unwrap();
    }

    /// The values of a texel's channels.
    pub(super) fn decode(&self, texel: u128) -> BTreeMap<char, f64> {
        let mut values: BTreeMap<char, f64> =
            [('x', 0.0), ('y', 0.0), ('z', 0.0), ('w', 1.0)].into();
        let mut shift = 0;
        for (name, bits) in self.channels() {
            let raw = u64::try_from((texel >> shift) & ((1 << bits) - 1)).unwrap();
            shift += bits;
            let mut value = number(self.kind(), raw, bits);
            if self.srgb && name != 'w' && bits == 8 && self.kind() == "unorm" {
                value = to_linear(value);
            }
            values.insert(name, value);
        }
        if self.kind() == "luminance" {
            let x = values[&'x'];
            values.insert('y', x);
            values.insert('z', x);
        }
        if let Some(exponent) = values.remove(&'e') {
            for name in ['x', 'y', 'z'] {
                *values.get_mut(&name).unwrap() *= (exponent - 24.0).exp2();
            }
        }
        values
    }

    /// The bits of a texel of those values.
    pub(super) fn encode(&self, values: &BTreeMap<char, f64>) -> u128 {
        let mut texel = 0;
        let mut shift = 0;
        for (name, bits) in self.channels() {
            let mut value = values[&name];
            if self.srgb && name != 'w' && bits == 8 && self.kind() == "unorm" {
                value = from_linear(value);
            }
            texel |= u128::from(pattern(self.kind(), value, bits)) << shift;
            shift += bits;
        }
        texel
    }
}

/// The value of a channel's bits.
fn number(kind: &str, raw: u64, bits: u32) -> f64 {
    let signed = (raw as i64) << (64 - bits) >> (64 - bits);
    match (kind, bits) {
        ("uint" | "shared", _) => raw as f64,
        ("sint", _) => signed as f64,
        ("snorm", _) => (signed as f64 / ((1_u64 << (bits - 1)) - 1) as f64).max(-1.0),
        ("fixed", _) => signed as f64 / 65536.0,
        ("float", 32) => f64::from(f32::from_bits(raw as u32)),
        ("float", 16) => small_float(raw & 0x7fff, 10) * if raw >> 15 == 0 { 1.0 } else { -1.0 },
        ("float", 11) => small_float(raw, 6),
        ("float", 10) => small_float(raw, 5),
        _ => raw as f64 / ((1_u64 << bits) - 1) as f64,
    }
}

/// The value of a float without sign, with 5 exponent bits.
fn small_float(raw: u64, fraction: u32) -> f64 {
    let mantissa = (raw & ((1 << fraction) - 1)) as f64 / (1_u64 << fraction) as f64;
    match raw >> fraction {
        0 => mantissa * (-14_f64).exp2(),
        31 if mantissa == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        exponent => (1.0 + mantissa) * (exponent as f64 - 15.0).exp2(),
    }
}

/// The bits of the small float nearest to a value, found by trying them all.
fn nearest_small_float(value: f64, fraction: u32) -> u64 {
    if value.is_nan() {
        return (0x1f << fraction) | (1 << (fraction - 1));
    }
    let infinity = 0x1f_u64 << fraction;
    // The patterns are in the order of their values: halve the interval.
    let (mut low, mut high) = (0, infinity);
    while high - low > 1 {
        let middle = (low + high) / 2;
        if small_float(middle, fraction) <= value {
            low = middle;
        } else {
            high = middle;
        }
    }
    // What follows the largest finite value when rounding, rather than infinity.
    let upper = if high == infinity {
        65536.0
    } else {
        small_float(high, fraction)
    };
    let (below, above) = (value - small_float(low, fraction), upper - value);
    if below > above || (below == above && low % 2 == 1) {
        high
    } else {
        low
    }
}

/// The bits of a channel for a value.
fn pattern(kind: &str, value: f64, bits: u32) -> u64 {
    let mask = u64::MAX >> (64 - bits);
    let half = (1_u64 << (bits - 1)) as f64;
    let clean = if value.is_nan() { 0.0 } else { value };
    match (kind, bits) {
        ("uint", _) => value.clamp(0.0, mask as f64) as u64,
        ("sint", _) => value.clamp(-half, half - 1.0) as i64 as u64 & mask,
        ("snorm", _) => {
            (clean.clamp(-1.0, 1.0) * (half - 1.0)).round_ties_even() as i64 as u64 & mask
        }
        ("fixed", _) => {
            (clean * 65536.0).round_ties_even().clamp(-half, half - 1.0) as i64 as u64 & mask
        }
        ("float", 32) => u64::from((value as f32).to_bits()),
        ("float", 16) => {
            let sign = u64::from(value.is_sign_negative()) << 15;
            sign | nearest_small_float(value.abs(), 10)
        }
        ("float", _) => {
            let fraction = bits - 5;
            let limited = value.max(if value.is_nan() { f64::NAN } else { 0.0 });
            let nearest = nearest_small_float(limited, fraction);
            let infinity = 0x1f << fraction;
            if limited.is_finite() {
                nearest.min(infinity - 1)
            } else {
                nearest
            }
        }
        _ => (clean.clamp(0.0, 1.0) * mask as f64).round_ties_even() as u64,
    }
}

/// The sRGB curve.
fn to_linear(code: f64) -> f64 {
    if code <= 0.04045 {
        code / 12.92
    } else {
        ((code + 0.055) / 1.055).powf(2.4)
    }
}

/// The sRGB curve, backwards.
fn from_linear(value: f64) -> f64 {
    if value <= 0.003_130_8 {
        value.max(0.0) * 12.92
    } else {
        1.055 * value.min(1.0).powf(1.0 / 2.4) - 0.055
    }
}
