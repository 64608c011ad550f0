// SPDX-License-Identifier: GPL-2.0

//! The colour formats of the 2D engine: one table of how each lays its channels out in a texel.

/// What the bits of a channel mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Fractions of the largest unsigned value.
    Unorm,
    /// Fractions of the largest signed value.
    Snorm,
    /// Unsigned integers.
    Uint,
    /// Signed integers.
    Sint,
    /// Floating-point numbers of 10, 11, 16 or 32 bits; the short ones are unsigned.
    Float,
    /// Signed fixed-point numbers with 16 fractional bits.
    Fixed,
    /// Three mantissas of 9 bits that share an exponent of 5.
    SharedExponent,
}

impl Kind {
    /// Whether channels are integers, which no conversion turns into fractions.
    pub(super) fn is_integer(self) -> bool {
        matches!(self, Self::Uint | Self::Sint)
    }
}

/// Where the channels stand, from the least significant bit: SWAP of a surface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Swap {
    /// 0: X, Y, Z, W.
    Wzyx,
    /// 1: Z, Y, X, W.
    Wxyz,
    /// 2: W, X, Y, Z.
    Zyxw,
    /// 3: W, Z, Y, X.
    Xyzw,
}

impl Swap {
    /// Decodes the two bits of a surface's information.
    pub(super) fn decode(bits: u32) -> Self {
        match bits & 3 {
            0 => Self::Wzyx,
            1 => Self::Wxyz,
            2 => Self::Zyxw,
            _ => Self::Xyzw,
        }
    }

    /// The channels from the least significant bit on: 0 is X, 3 is W.
    fn order(self) -> [usize; 4] {
        match self {
            Self::Wzyx => [0, 1, 2, 3],
            Self::Wxyz => [2, 1, 0, 3],
            Self::Zyxw => [3, 0, 1, 2],
            Self::Xyzw => [3, 2, 1, 0],
        }
    }
}

/// A channel of a texel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Channel {
    /// Its least significant bit.
    pub(super) shift: u8,
    /// Its bits; 0 when the format lacks it.
    pub(super) bits: u8,
}

/// How a texel is laid out. Two equal ones hold equal texels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Format {
    /// The bytes of a texel, 1 to 16.
    pub(super) bytes: u8,
    /// What the channels mean.
    pub(super) kind: Kind,
    /// X, Y, Z and W.
    pub(super) channels: [Channel; 4],
    /// Whether X, Y and Z are stored as sRGB curves.
    pub(super) srgb: bool,
    /// Whether X stands for Y and Z as well.
    pub(super) luminance: bool,
}

/// A row of the table: the values of a format (the same layout may have several), and the bits of
/// X, Y, Z and W.
type Row = (u8, u8, Kind, [u8; 4]);

/// First and last value of the formats, what they mean, and the bits of their channels.
const TABLE: &[Row] = &[
    (0x02, 0x02, Kind::Unorm, [0, 0, 0, 8]),
    (0x03, 0x03, Kind::Unorm, [8, 0, 0, 0]),
    (0x04, 0x04, Kind::Snorm, [8, 0, 0, 0]),
    (0x05, 0x05, Kind::Uint, [8, 0, 0, 0]),
    (0x06, 0x06, Kind::Sint, [8, 0, 0, 0]),
    (0x08, 0x08, Kind::Unorm, [4, 4, 4, 4]),
    (0x0a, 0x0a, Kind::Unorm, [5, 5, 5, 1]),
    (ALPHA_FIRST, ALPHA_FIRST, Kind::Unorm, [5, 5, 5, 1]),
    (0x0e, 0x0e, Kind::Unorm, [5, 6, 5, 0]),
    (0x0f, 0x0f, Kind::Unorm, [8, 8, 0, 0]),
    (0x10, 0x10, Kind::Snorm, [8, 8, 0, 0]),
    (0x11, 0x11, Kind::Uint, [8, 8, 0, 0]),
    (0x12, 0x12, Kind::Sint, [8, 8, 0, 0]),
    (LUMINANCE, LUMINANCE, Kind::Unorm, [8, 0, 0, 8]),
    (0x15, 0x15, Kind::Unorm, [16, 0, 0, 0]),
    (0x16, 0x16, Kind::Snorm, [16, 0, 0, 0]),
    (0x17, 0x17, Kind::Float, [16, 0, 0, 0]),
    (0x18, 0x18, Kind::Uint, [16, 0, 0, 0]),
    (0x19, 0x19, Kind::Sint, [16, 0, 0, 0]),
    (0x21, 0x21, Kind::Unorm, [8, 8, 8, 0]),
    (0x22, 0x22, Kind::Snorm, [8, 8, 8, 0]),
    (0x23, 0x23, Kind::Uint, [8, 8, 8, 0]),
    (0x24, 0x24, Kind::Sint, [8, 8, 8, 0]),
    (0x30, 0x30, Kind::Unorm, [8, 8, 8, 8]),
    (OPAQUE, OPAQUE, Kind::Unorm, [8, 8, 8, 0]),
    (0x32, 0x32, Kind::Snorm, [8, 8, 8, 8]),
    (0x33, 0x33, Kind::Uint, [8, 8, 8, 8]),
    (0x34, 0x34, Kind::Sint, [8, 8, 8, 8]),
    (0x35, 0x35, Kind::SharedExponent, [9, 9, 9, 5]),
    (0x36, 0x37, Kind::Unorm, [10, 10, 10, 2]),
    (0x39, 0x39, Kind::Snorm, [10, 10, 10, 2]),
    (0x3a, 0x3a, Kind::Uint, [10, 10, 10, 2]),
    (0x3b, 0x3b, Kind::Sint, [10, 10, 10, 2]),
    (0x42, 0x42, Kind::Float, [11, 11, 10, 0]),
    (0x43, 0x43, Kind::Unorm, [16, 16, 0, 0]),
    (0x44, 0x44, Kind::Snorm, [16, 16, 0, 0]),
    (0x45, 0x45, Kind::Float, [16, 16, 0, 0]),
    (0x46, 0x46, Kind::Uint, [16, 16, 0, 0]),
    (0x47, 0x47, Kind::Sint, [16, 16, 0, 0]),
    (0x48, 0x48, Kind::Unorm, [32, 0, 0, 0]),
    (0x49, 0x49, Kind::Snorm, [32, 0, 0, 0]),
    (0x4a, 0x4a, Kind::Float, [32, 0, 0, 0]),
    (0x4b, 0x4b, Kind::Uint, [32, 0, 0, 0]),
    (0x4c, 0x4c, Kind::Sint, [32, 0, 0, 0]),
    (0x4d, 0x4d, Kind::Fixed, [32, 0, 0, 0]),
    (0x58, 0x58, Kind::Unorm, [16, 16, 16, 0]),
    (0x59, 0x59, Kind::Snorm, [16, 16, 16, 0]),
    (0x5a, 0x5a, Kind::Float, [16, 16, 16, 0]),
    (0x5b, 0x5b, Kind::Uint, [16, 16, 16, 0]),
    (0x5c, 0x5c, Kind::Sint, [16, 16, 16, 0]),
    (0x60, 0x60, Kind::Unorm, [16, 16, 16, 16]),
    (0x61, 0x61, Kind::Snorm, [16, 16, 16, 16]),
    (0x62, 0x62, Kind::Float, [16, 16, 16, 16]),
    (0x63, 0x63, Kind::Uint, [16, 16, 16, 16]),
    (0x64, 0x64, Kind::Sint, [16, 16, 16, 16]),
    (0x65, 0x65, Kind::Unorm, [32, 32, 0, 0]),
    (0x66, 0x66, Kind::Snorm, [32, 32, 0, 0]),
    (0x67, 0x67, Kind::Float, [32, 32, 0, 0]),
    (0x68, 0x68, Kind::Uint, [32, 32, 0, 0]),
    (0x69, 0x69, Kind::Sint, [32, 32, 0, 0]),
    (0x6a, 0x6a, Kind::Fixed, [32, 32, 0, 0]),
    (0x70, 0x70, Kind::Unorm, [32, 32, 32, 0]),
    (0x71, 0x71, Kind::Snorm, [32, 32, 32, 0]),
    (0x72, 0x72, Kind::Uint, [32, 32, 32, 0]),
    (0x73, 0x73, Kind::Sint, [32, 32, 32, 0]),
    (0x74, 0x74, Kind::Float, [32, 32, 32, 0]),
    (0x75, 0x75, Kind::Fixed, [32, 32, 32, 0]),
    (0x80, 0x80, Kind::Unorm, [32, 32, 32, 32]),
    (0x81, 0x81, Kind::Snorm, [32, 32, 32, 32]),
    (0x82, 0x82, Kind::Float, [32, 32, 32, 32]),
    (0x83, 0x83, Kind::Uint, [32, 32, 32, 32]),
    (0x84, 0x84, Kind::Sint, [32, 32, 32, 32]),
    (0x85, 0x85, Kind::Fixed, [32, 32, 32, 32]),
    // Depth in X, Y and Z and stencil in W: how the 2D engine sees D24S8.
    (0x91, 0x91, Kind::Unorm, [8, 8, 8, 8]),
    (0xa0, 0xa0, Kind::Unorm, [8, 8, 8, 8]),
];

/// FMT6_1_5_5_5_UNORM: W is the least significant bit, whatever the swap does to X, Y and Z.
const ALPHA_FIRST: u8 = 0x0c;
/// FMT6_L8_A8_UNORM.
const LUMINANCE: u8 = 0x13;
/// FMT6_8_8_8_X8_UNORM: a fourth byte without meaning.
const OPAQUE: u8 = 0x31;

impl Format {
    /// The format of that value (COLOR_FORMAT of a surface), with its channels in the order of
    /// `swap`; `None` when the engine cannot address its texels: planar, block-compressed or
    /// unknown.
    pub(super) fn decode(value: u32, swap: Swap, srgb: bool) -> Option<Self> {
        let value = u8::try_from(value & 0xff).ok()?;
        let row = TABLE
            .iter()
            .find(|&&(first, last, ..)| (first..=last).contains(&value));
        let &(_, _, kind, bits) = row?;
        let order = match (value, swap) {
            (ALPHA_FIRST, Swap::Wzyx) => Swap::Zyxw.order(),
            (ALPHA_FIRST, Swap::Wxyz) => Swap::Xyzw.order(),
            _ => swap.order(),
        };
        let mut channels = [Channel::default(); 4];
        let mut shift = 0;
        for channel in order {
            if let (Some(slot), Some(&bits)) = (channels.get_mut(channel), bits.get(channel)) {
                *slot = Channel { shift, bits };
                shift += bits;
            }
        }
        let bytes = if value == OPAQUE {
            4
        } else {
            shift.div_ceil(8)
        };
        let srgb = srgb && kind == Kind::Unorm;
        Some(Self {
            bytes,
            kind,
            channels,
            srgb,
            luminance: value == LUMINANCE,
        })
    }

    /// Whether a texel of `source` becomes one of this format by moving bits alone: every channel
    /// that this format has is there, as wide, and means the same.
    pub(super) fn permutes(&self, source: &Self) -> bool {
        let plain = matches!(
            self.kind,
            Kind::Unorm | Kind::Uint | Kind::Sint | Kind::Float
        );
        let mut pairs = self.channels.iter().zip(&source.channels);
        let wide = pairs.all(|(to, from)| to.bits == 0 || to.bits == from.bits);
        plain && wide && self.kind == source.kind && self.srgb == source.srgb
    }

    /// Moves the channels of a texel of `source` to their places in this format.
    pub(super) fn permuted(&self, source: &Self, texel: u128) -> u128 {
        let mut result = 0;
        for (to, from) in self.channels.iter().zip(&source.channels) {
            result |= ((texel >> from.shift) & ones(to.bits)) << to.shift;
        }
        result
    }

    /// The bits of a texel that the channels of `mask` (X in bit 0) own.
    pub(super) fn bits_of(&self, mask: u32) -> u128 {
        let mut bits = 0;
        for (number, channel) in self.channels.iter().enumerate() {
            if (mask >> number) & 1 != 0 {
                bits |= ones(channel.bits) << channel.shift;
            }
        }
        bits
    }
}

/// A number with the low `bits` bits set, 0 to 32 of them.
pub(super) fn ones(bits: u8) -> u128 {
    (1 << bits) - 1
}
