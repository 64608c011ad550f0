// SPDX-License-Identifier: GPL-2.0

//! Floating-point numbers in integer code: the kernel has no floating point of its own.
//!
//! A number is the bit pattern of an IEEE 754 single; conversions round to nearest, ties to even.

/// 1.0.
pub(super) const ONE: u32 = 0x3f80_0000;
/// Positive infinity.
const INFINITY: u32 = 0x7f80_0000;
/// A quiet NaN.
const NAN: u32 = 0x7fc0_0000;
/// The sign bit.
const SIGN: u32 = 1 << 31;

/// A finite number, taken apart: `mantissa * 2^exponent`.
#[derive(Clone, Copy)]
struct Parts {
    /// Whether it is negative.
    negative: bool,
    /// At most 24 bits.
    mantissa: u64,
    /// The weight of the mantissa's least bit.
    exponent: i32,
}

/// Takes a number apart; `None` for infinities and NaNs.
fn parts(number: u32) -> Option<Parts> {
    let fraction = u64::from(number & 0x7f_ffff);
    let biased = i32::try_from((number >> 23) & 0xff).ok()?;
    let (mantissa, exponent) = match biased {
        0xff => return None,
        0 => (fraction, -149),
        _ => (fraction | (1 << 23), biased - 150),
    };
    Some(Parts {
        negative: number & SIGN != 0,
        mantissa,
        exponent,
    })
}

/// `value / 2^shift`, rounded to nearest, ties to even.
fn round_shift(value: u128, shift: u32) -> u128 {
    if shift == 0 {
        return value;
    }
    if shift > 127 {
        return 0;
    }
    let (quotient, rest) = (value >> shift, value & ((1 << shift) - 1));
    let half = 1 << (shift - 1);
    let up = rest > half || (rest == half && quotient & 1 == 1);
    quotient + u128::from(up)
}

/// The number nearest to `mantissa * 2^exponent`, in a format of `fraction` fraction bits and the
/// exponent bias `bias`, without its sign. What is too large becomes a pattern of at least
/// `overflow`.
fn pack(mantissa: u128, exponent: i32, fraction: u32, bias: i32) -> u128 {
    let Some(top) = mantissa.checked_ilog2() else {
        return 0;
    };
    let weight = i32::try_from(top).unwrap_or(0) + exponent;
    let places = i32::try_from(fraction).unwrap_or(0);
    // The weight of the result's least bit: that of a normal number, or of the subnormal ones.
    let least = (weight - places).max(1 - bias - places);
    let shift = least - exponent;
    let rounded = match u32::try_from(shift) {
        Ok(right) => round_shift(mantissa, right),
        Err(_) => mantissa << shift.unsigned_abs().min(127),
    };
    // Normal numbers carry their hidden bit into the exponent field, also when rounding made it.
    let biased = u128::try_from(least + places + bias - 1).unwrap_or(0);
    rounded + (biased << fraction)
}

/// The single nearest to `mantissa * 2^exponent`.
fn single(negative: bool, mantissa: u128, exponent: i32) -> u32 {
    let magnitude = u32::try_from(pack(mantissa, exponent, 23, 127)).unwrap_or(INFINITY);
    magnitude.min(INFINITY) | if negative { SIGN } else { 0 }
}

/// The single nearest to `numerator / denominator`, a fraction of two numbers below 2^32.
///
/// The quotient is taken with 64 bits after the point, 32 at a time: the kernel has no 128-bit
/// division.
pub(super) fn ratio(numerator: u32, denominator: u32) -> u32 {
    let denominator = u64::from(denominator.max(1));
    let (mut quotient, mut rest) = (0, u64::from(numerator));
    for _ in 0..3 {
        quotient = (quotient << 32) | u128::from(rest / denominator);
        rest = (rest % denominator) << 32;
    }
    // The remainder only matters as something below the last bit of the quotient.
    let sticky = u128::from(rest != 0);
    single(false, (quotient << 1) | sticky, -65)
}

/// An unsigned fraction of `bits` bits as a number.
pub(super) fn from_unorm(value: u32, bits: u8) -> u32 {
    ratio(value, largest(bits))
}

/// A signed fraction of `bits` bits as a number; the most negative pattern is -1 as well.
pub(super) fn from_snorm(value: i64, bits: u8) -> u32 {
    let largest = largest(bits.saturating_sub(1));
    let magnitude = u32::try_from(value.unsigned_abs())
        .unwrap_or(u32::MAX)
        .min(largest);
    ratio(magnitude, largest) | if value < 0 { SIGN } else { 0 }
}

/// A signed fixed-point number with 16 fractional bits as a number.
pub(super) fn from_fixed(value: i64) -> u32 {
    single(value < 0, u128::from(value.unsigned_abs()), -16)
}

/// `mantissa * 2^exponent` as a number.
pub(super) fn from_scaled(mantissa: u32, exponent: i32) -> u32 {
    single(false, u128::from(mantissa), exponent)
}

/// A number as an unsigned fraction of `bits` bits, limited to 0 and 1; NaN is 0.
pub(super) fn to_unorm(number: u32, bits: u8) -> u32 {
    if number & SIGN != 0 || number > INFINITY {
        return 0;
    }
    magnitude(number, largest(bits))
}

/// A number as a signed fraction of `bits` bits, limited to -1 and 1; NaN is 0.
pub(super) fn to_snorm(number: u32, bits: u8) -> i64 {
    if number & !SIGN > INFINITY {
        return 0;
    }
    let magnitude = i64::from(magnitude(number & !SIGN, largest(bits.saturating_sub(1))));
    if number & SIGN != 0 {
        -magnitude
    } else {
        magnitude
    }
}

/// A number as a signed fixed-point number with 16 fractional bits, limited to 32 bits; NaN is 0.
pub(super) fn to_fixed(number: u32) -> i64 {
    let limit = if number & SIGN != 0 {
        1 << 31
    } else {
        (1 << 31) - 1_u128
    };
    let magnitude = match parts(number) {
        Some(parts) => scale(parts, 1 << 16).min(limit),
        None if number & !SIGN == INFINITY => limit,
        None => 0,
    };
    let magnitude = i64::try_from(magnitude).unwrap_or(0);
    if number & SIGN != 0 {
        -magnitude
    } else {
        magnitude
    }
}

/// `number * largest`, rounded, for a number of at least 0; limited to `largest`.
fn magnitude(number: u32, largest: u32) -> u32 {
    if number >= ONE {
        return largest;
    }
    let scaled = parts(number).map_or(0, |parts| scale(parts, largest));
    u32::try_from(scaled).unwrap_or(largest)
}

/// The magnitude of a number times `factor`, rounded. Limited to 2^96, more than anyone asks for.
fn scale(parts: Parts, factor: u32) -> u128 {
    let product = u128::from(parts.mantissa) * u128::from(factor);
    match u32::try_from(parts.exponent) {
        Ok(left) => product << left.min(39),
        Err(_) => round_shift(product, parts.exponent.unsigned_abs()),
    }
}

/// The largest unsigned value of `bits` bits, at most 32.
fn largest(bits: u8) -> u32 {
    u32::MAX >> (32 - u32::from(bits.clamp(1, 32)))
}

/// A half (1 sign, 5 exponent and 10 fraction bits) as a number.
pub(super) fn from_half(half: u32) -> u32 {
    from_short(half & 0x7fff, 10) | ((half & 0x8000) << 16)
}

/// An unsigned float of 5 exponent and `fraction` fraction bits as a number.
pub(super) fn from_short(short: u32, fraction: u32) -> u32 {
    let mantissa = short & ((1 << fraction) - 1);
    let places = i32::try_from(fraction).unwrap_or(0);
    match (short >> fraction) & 0x1f {
        0x1f if mantissa != 0 => NAN | (mantissa << (23 - fraction)),
        0x1f => INFINITY,
        0 => from_scaled(mantissa, -14 - places),
        biased => {
            let exponent = i32::try_from(biased).unwrap_or(0) - 15 - places;
            from_scaled(mantissa | (1 << fraction), exponent)
        }
    }
}

/// A number as a half; what is too large becomes infinite.
pub(super) fn to_half(number: u32) -> u32 {
    let sign = (number >> 16) & 0x8000;
    match parts(number) {
        Some(Parts {
            mantissa, exponent, ..
        }) => {
            let packed = pack(u128::from(mantissa), exponent, 10, 15);
            sign | u32::try_from(packed).unwrap_or(0x7c00).min(0x7c00)
        }
        None if number & !SIGN == INFINITY => sign | 0x7c00,
        None => sign | 0x7e00 | (number >> 13) & 0x3ff,
    }
}

/// A number as an unsigned float of 5 exponent and `fraction` fraction bits: negative ones become
/// 0, and finite ones that are too large the largest.
pub(super) fn to_short(number: u32, fraction: u32) -> u32 {
    let infinity = 0x1f << fraction;
    match parts(number) {
        Some(Parts { negative: true, .. }) => 0,
        Some(Parts {
            mantissa, exponent, ..
        }) => {
            let packed = pack(u128::from(mantissa), exponent, fraction, 15);
            u32::try_from(packed).unwrap_or(infinity).min(infinity - 1)
        }
        None if number == INFINITY => infinity,
        None if number & !SIGN == INFINITY => 0,
        None => infinity | (1 << (fraction - 1)),
    }
}

/// The sum of numbers, each times its weight in 65536ths. A number that is not finite decides, if
/// it has weight.
pub(super) fn weighted_sum(terms: [(u32, u32); 4]) -> u32 {
    /// The bits that the sum keeps below the least bit of the largest term.
    const GUARD: i32 = 60;
    let mut largest = i32::MIN;
    for (number, weight) in terms {
        match parts(number) {
            Some(parts) if weight != 0 && parts.mantissa != 0 => {
                largest = largest.max(parts.exponent);
            }
            None if weight != 0 => return number,
            _ => {}
        }
    }
    let mut sum = 0_i128;
    for (number, weight) in terms {
        let Some(parts) = parts(number).filter(|parts| weight != 0 && parts.mantissa != 0) else {
            continue;
        };
        let shift = GUARD - (largest - parts.exponent);
        let term = i128::from(parts.mantissa) * i128::from(weight);
        let term = u32::try_from(shift).map_or(0, |shift| term << shift);
        sum += if parts.negative { -term } else { term };
    }
    single(
        sum < 0,
        sum.unsigned_abs(),
        largest.saturating_sub(GUARD + 16),
    )
}

#[cfg(test)]
#[path = "../tests/float.rs"]
#[allow(
    clippy::as_conversions,
    missing_docs,
    reason = "tests say what they test by their names"
)]
mod tests;
