// SPDX-License-Identifier: GPL-2.0

//! Between a texel's bits and a colour, which every format can be converted through.

use super::float;
use super::format::{ones, Channel, Format, Kind};
use super::srgb;

/// The values of X, Y, Z and W.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Color {
    /// Numbers, as bit patterns of singles.
    Float([u32; 4]),
    /// Integers.
    Integer([i64; 4]),
}

/// The bits of a channel.
fn field(texel: u128, channel: Channel) -> u32 {
    u32::try_from((texel >> channel.shift) & ones(channel.bits)).unwrap_or(0)
}

/// The bits of a channel as a two's complement number.
fn signed(texel: u128, channel: Channel) -> i64 {
    let value = i64::from(field(texel, channel));
    let sign = 1_i64 << channel.bits.clamp(1, 32).saturating_sub(1);
    (value ^ sign) - sign
}

/// The low `bits` bits of a number in two's complement.
fn truncated(value: i64, bits: u8) -> u128 {
    u128::from_le_bytes(i128::from(value).to_le_bytes()) & ones(bits)
}

impl Format {
    /// The colour of a texel. A channel that the format lacks is 0, but W is 1.
    pub(super) fn color(&self, texel: u128) -> Color {
        if self.kind.is_integer() {
            let mut values = [0, 0, 0, 1];
            for (value, &channel) in values.iter_mut().zip(&self.channels) {
                if channel.bits != 0 {
                    *value = self.integer(texel, channel);
                }
            }
            return Color::Integer(values);
        }
        if self.kind == Kind::SharedExponent {
            return self.shared_exponent(texel);
        }
        let mut values = [0, 0, 0, float::ONE];
        for (number, (value, &channel)) in values.iter_mut().zip(&self.channels).enumerate() {
            if channel.bits != 0 {
                *value = self.number(texel, channel, self.srgb && number < 3);
            }
        }
        if let ([x, y, z, _], true) = (&mut values, self.luminance) {
            (*y, *z) = (*x, *x);
        }
        Color::Float(values)
    }

    /// The value of an integer channel.
    fn integer(&self, texel: u128, channel: Channel) -> i64 {
        if self.kind == Kind::Sint {
            signed(texel, channel)
        } else {
            i64::from(field(texel, channel))
        }
    }

    /// The value of a channel that is no integer.
    fn number(&self, texel: u128, channel: Channel, srgb: bool) -> u32 {
        let value = field(texel, channel);
        match (self.kind, channel.bits) {
            (Kind::Unorm, 8) if srgb => srgb::to_linear(u8::try_from(value).unwrap_or(u8::MAX)),
            (Kind::Snorm, bits) => float::from_snorm(signed(texel, channel), bits),
            (Kind::Float, 10) => float::from_short(value, 5),
            (Kind::Float, 11) => float::from_short(value, 6),
            (Kind::Float, 16) => float::from_half(value),
            (Kind::Float, _) => value,
            (Kind::Fixed, _) => float::from_fixed(signed(texel, channel)),
            (_, bits) => float::from_unorm(value, bits),
        }
    }

    /// Three mantissas without hidden bits, and the exponent that they share, with a bias of 15.
    fn shared_exponent(&self, texel: u128) -> Color {
        let [x, y, z, w] = self.channels.map(|channel| field(texel, channel));
        let exponent = i32::try_from(w).unwrap_or(0) - 24;
        let [x, y, z] = [x, y, z].map(|mantissa| float::from_scaled(mantissa, exponent));
        Color::Float([x, y, z, float::ONE])
    }

    /// The texel of a colour; `None` when fractions meet integers, or for a format that cannot be
    /// written.
    pub(super) fn texel(&self, color: &Color) -> Option<u128> {
        let mut texel = 0;
        for (number, &channel) in self.channels.iter().enumerate() {
            if channel.bits == 0 {
                continue;
            }
            let bits = match color {
                Color::Integer(values) if self.kind.is_integer() => {
                    self.limited(*values.get(number)?, channel.bits)
                }
                Color::Float(values) if !self.kind.is_integer() => {
                    self.pattern(*values.get(number)?, channel.bits, self.srgb && number < 3)?
                }
                _ => return None,
            };
            texel |= bits << channel.shift;
        }
        Some(texel)
    }

    /// An integer limited to what the channel holds.
    fn limited(&self, value: i64, bits: u8) -> u128 {
        let values = 1_i64 << bits.min(32);
        let (least, most) = if self.kind == Kind::Sint {
            (-values / 2, values / 2 - 1)
        } else {
            (0, values - 1)
        };
        truncated(value.clamp(least, most), bits)
    }

    /// The bits of a channel that is no integer.
    fn pattern(&self, number: u32, bits: u8, srgb: bool) -> Option<u128> {
        Some(match (self.kind, bits) {
            (Kind::Unorm, 8) if srgb => u128::from(srgb::from_linear(number)),
            (Kind::Unorm, _) => u128::from(float::to_unorm(number, bits)),
            (Kind::Snorm, _) => truncated(float::to_snorm(number, bits), bits),
            (Kind::Float, 10) => u128::from(float::to_short(number, 5)),
            (Kind::Float, 11) => u128::from(float::to_short(number, 6)),
            (Kind::Float, 16) => u128::from(float::to_half(number)),
            (Kind::Float, _) => u128::from(number),
            (Kind::Fixed, _) => truncated(float::to_fixed(number), bits),
            _ => return None,
        })
    }
}

/// What the registers RB_2D_SRC_SOLID_C0 to C3 hold: IFMT of RB_2D_BLIT_CNTL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Intermediate {
    /// R2D_UNORM8: fractions of 8 bits, signed for a signed destination.
    Norm8,
    /// R2D_UNORM8_SRGB: fractions of 8 bits that are already on the curve.
    Norm8Srgb,
    /// R2D_FLOAT16.
    Half,
    /// R2D_FLOAT32.
    Single,
    /// R2D_RAW, R2D_INT8, R2D_INT16 and R2D_INT32: the bits of the channels.
    Bits,
}

impl Intermediate {
    /// Decodes IFMT; `None` for a value without meaning.
    pub(super) fn decode(value: u32) -> Option<Self> {
        Some(match value & 0x1f {
            0x10 => Self::Norm8,
            0x1 => Self::Norm8Srgb,
            0x3 => Self::Half,
            0x4 => Self::Single,
            0x0 | 0x5 | 0x6 | 0x7 => Self::Bits,
            _ => return None,
        })
    }

    /// The texel of `format` that the four registers make; `None` when they make none.
    pub(super) fn texel(self, format: &Format, registers: [u32; 4]) -> Option<u128> {
        let linear = Format {
            srgb: false,
            ..*format
        };
        let raw = format.kind.is_integer() || self == Self::Bits;
        if raw {
            let mut texel = 0;
            for (&value, channel) in registers.iter().zip(&format.channels) {
                texel |= (u128::from(value) & ones(channel.bits)) << channel.shift;
            }
            return Some(texel);
        }
        let signed = format.kind == Kind::Snorm;
        let numbers = registers.map(|value| match self {
            Self::Norm8 | Self::Norm8Srgb if signed => float::from_snorm(signed_byte(value), 8),
            Self::Norm8 | Self::Norm8Srgb => float::from_unorm(value & 0xff, 8),
            Self::Half => float::from_half(value & 0xffff),
            Self::Single | Self::Bits => value,
        });
        linear.texel(&Color::Float(numbers))
    }
}

/// The low byte of a register as a two's complement number.
fn signed_byte(value: u32) -> i64 {
    signed(u128::from(value), Channel { shift: 0, bits: 8 })
}
