// SPDX-License-Identifier: GPL-2.0

//! What each format makes of a colour, computed on the CPU: one format of each class and more.

use ash::vk;

/// How a channel's number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A fraction from 0 to 1.
    Unorm,
    /// The same on the curve of sRGB, save for alpha.
    Srgb,
    /// A fraction from -1 to 1.
    Snorm,
    /// An integer.
    Uint,
    /// An integer with sign.
    Sint,
    /// A float of 32, 16, 11 or 10 bits.
    Float,
    /// Three mantissas of 9 bits and the exponent that they share.
    SharedExponent,
}

/// A format.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Format {
    /// Vulkan's name of it.
    pub(crate) name: vk::Format,
    kind: Kind,
    /// The component (0 is red) and the bits of each channel, from the lowest bit on.
    channels: &'static [(usize, u32)],
}

/// Powers of two, which every float of any size has.
const FLOATS: [f32; 4] = [0.5, 2.0, 0.25, 1.0];
/// Fractions that 8 bits have.
const FRACTIONS: [f32; 4] = [0.2, 0.4, 0.6, 0.8];
/// The same with signs.
const SIGNED_FRACTIONS: [f32; 4] = [-1.0, 0.5, -0.25, 1.0];

const R8: &[(usize, u32)] = &[(0, 8)];
const RG8: &[(usize, u32)] = &[(0, 8), (1, 8)];
const RGBA8: &[(usize, u32)] = &[(0, 8), (1, 8), (2, 8), (3, 8)];
const BGRA8: &[(usize, u32)] = &[(2, 8), (1, 8), (0, 8), (3, 8)];
const R16: &[(usize, u32)] = &[(0, 16)];
const RG16: &[(usize, u32)] = &[(0, 16), (1, 16)];
const RGBA16: &[(usize, u32)] = &[(0, 16), (1, 16), (2, 16), (3, 16)];
const R32: &[(usize, u32)] = &[(0, 32)];
const RG32: &[(usize, u32)] = &[(0, 32), (1, 32)];
const RGBA32: &[(usize, u32)] = &[(0, 32), (1, 32), (2, 32), (3, 32)];
const RGB10A2: &[(usize, u32)] = &[(0, 10), (1, 10), (2, 10), (3, 2)];

/// Every format that is checked.
#[rustfmt::skip] // A row a line.
pub(crate) const COLORS: &[Format] = &[
    format(vk::Format::R8_UNORM, Kind::Unorm, R8),
    format(vk::Format::R8_SNORM, Kind::Snorm, R8),
    format(vk::Format::R8_UINT, Kind::Uint, R8),
    format(vk::Format::R8_SINT, Kind::Sint, R8),
    format(vk::Format::R8G8_UNORM, Kind::Unorm, RG8),
    format(vk::Format::R8G8_SNORM, Kind::Snorm, RG8),
    format(vk::Format::R8G8_UINT, Kind::Uint, RG8),
    format(vk::Format::R8G8_SINT, Kind::Sint, RG8),
    format(vk::Format::R8G8B8A8_UNORM, Kind::Unorm, RGBA8),
    format(vk::Format::R8G8B8A8_SRGB, Kind::Srgb, RGBA8),
    format(vk::Format::R8G8B8A8_SNORM, Kind::Snorm, RGBA8),
    format(vk::Format::R8G8B8A8_UINT, Kind::Uint, RGBA8),
    format(vk::Format::R8G8B8A8_SINT, Kind::Sint, RGBA8),
    format(vk::Format::B8G8R8A8_UNORM, Kind::Unorm, BGRA8),
    format(vk::Format::B8G8R8A8_SRGB, Kind::Srgb, BGRA8),
    format(vk::Format::R5G6B5_UNORM_PACK16, Kind::Unorm, &[(2, 5), (1, 6), (0, 5)]),
    format(vk::Format::A1R5G5B5_UNORM_PACK16, Kind::Unorm, &[(2, 5), (1, 5), (0, 5), (3, 1)]),
    format(vk::Format::R4G4B4A4_UNORM_PACK16, Kind::Unorm, &[(3, 4), (2, 4), (1, 4), (0, 4)]),
    format(vk::Format::A4R4G4B4_UNORM_PACK16, Kind::Unorm, &[(2, 4), (1, 4), (0, 4), (3, 4)]),
    format(vk::Format::A2B10G10R10_UNORM_PACK32, Kind::Unorm, RGB10A2),
    format(vk::Format::A2B10G10R10_UINT_PACK32, Kind::Uint, RGB10A2),
    format(vk::Format::B10G11R11_UFLOAT_PACK32, Kind::Float, &[(0, 11), (1, 11), (2, 10)]),
    format(vk::Format::E5B9G9R9_UFLOAT_PACK32, Kind::SharedExponent, R32),
    format(vk::Format::R16_UNORM, Kind::Unorm, R16),
    format(vk::Format::R16_SNORM, Kind::Snorm, R16),
    format(vk::Format::R16_UINT, Kind::Uint, R16),
    format(vk::Format::R16_SINT, Kind::Sint, R16),
    format(vk::Format::R16_SFLOAT, Kind::Float, R16),
    format(vk::Format::R16G16_UNORM, Kind::Unorm, RG16),
    format(vk::Format::R16G16_UINT, Kind::Uint, RG16),
    format(vk::Format::R16G16_SFLOAT, Kind::Float, RG16),
    format(vk::Format::R16G16B16A16_UNORM, Kind::Unorm, RGBA16),
    format(vk::Format::R16G16B16A16_SNORM, Kind::Snorm, RGBA16),
    format(vk::Format::R16G16B16A16_SINT, Kind::Sint, RGBA16),
    format(vk::Format::R16G16B16A16_SFLOAT, Kind::Float, RGBA16),
    format(vk::Format::R32_UINT, Kind::Uint, R32),
    format(vk::Format::R32_SINT, Kind::Sint, R32),
    format(vk::Format::R32_SFLOAT, Kind::Float, R32),
    format(vk::Format::R32G32_UINT, Kind::Uint, RG32),
    format(vk::Format::R32G32_SFLOAT, Kind::Float, RG32),
    format(vk::Format::R32G32B32A32_UINT, Kind::Uint, RGBA32),
    format(vk::Format::R32G32B32A32_SINT, Kind::Sint, RGBA32),
    format(vk::Format::R32G32B32A32_SFLOAT, Kind::Float, RGBA32),
];

const fn format(name: vk::Format, kind: Kind, channels: &'static [(usize, u32)]) -> Format {
    Format {
        name,
        kind,
        channels,
    }
}

impl Format {
    /// The bytes of a texel.
    pub(crate) fn bytes(&self) -> usize {
        let bits: u32 = self.channels.iter().map(|(_, bits)| bits).sum();
        bits as usize / 8
    }

    /// Whether the channels are half floats, which turnip copies with a draw: there is no shader core for that.
    pub(crate) fn is_half_float(&self) -> bool {
        self.kind == Kind::Float && self.channels[0].1 == 16
    }

    /// A colour that the format has, as the bits that vkCmdClearColorImage takes.
    pub(crate) fn clear_color(&self) -> [u32; 4] {
        match self.kind {
            Kind::Unorm | Kind::Srgb => FRACTIONS.map(f32::to_bits),
            Kind::Snorm => SIGNED_FRACTIONS.map(f32::to_bits),
            Kind::Float | Kind::SharedExponent => FLOATS.map(f32::to_bits),
            Kind::Uint => [0x5a, 0x21, 0x7e, 2],
            Kind::Sint => [-5_i32, 100, -128, 1].map(|value| value as u32),
        }
    }

    /// The texel that this colour becomes.
    pub(crate) fn texel(&self, color: [u32; 4]) -> Vec<u8> {
        let mut texel = 0_u128;
        let mut shift = 0;
        for &(component, bits) in self.channels {
            let mask = (1_u128 << bits) - 1;
            texel |= (u128::from(self.channel(color, component, bits)) & mask) << shift;
            shift += bits;
        }
        texel.to_le_bytes()[..self.bytes()].to_vec()
    }

    fn channel(&self, color: [u32; 4], component: usize, bits: u32) -> u32 {
        let value = color[component];
        let number = f64::from(f32::from_bits(value));
        let scale = |bits: u32| ((1_u64 << bits) - 1) as f64;
        match self.kind {
            Kind::Unorm => (number * scale(bits)).round() as u32,
            Kind::Srgb if component < 3 => (on_curve(number) * scale(bits)).round() as u32,
            Kind::Srgb => (number * scale(bits)).round() as u32,
            Kind::Snorm => ((number * scale(bits - 1)).round() as i32) as u32,
            Kind::Uint | Kind::Sint => value,
            Kind::Float => float(value, bits),
            Kind::SharedExponent => shared_exponent(color),
        }
    }
}

/// A linear fraction on the curve of sRGB.
fn on_curve(number: f64) -> f64 {
    match number <= 0.003_130_8 {
        true => number * 12.92,
        false => 1.055 * number.powf(1.0 / 2.4) - 0.055,
    }
}

/// A float that is exact in so many bits; those of less than 16 have no sign.
fn float(value: u32, bits: u32) -> u32 {
    // The exponent's bias falls from 127 to 15, and 13 bits of the mantissa go.
    let half = || (value >> 13) - (112 << 10);
    match bits {
        _ if value == 0 => 0,
        32 => value,
        16 => half(),
        11 => half() >> 4,
        _ => half() >> 5,
    }
}

/// The shared exponent is that of the largest, 2.0: mantissas count 128ths.
fn shared_exponent(color: [u32; 4]) -> u32 {
    let [red, green, blue, _] = color.map(|bits| (f32::from_bits(bits) * 128.0) as u32);
    red | (green << 9) | (blue << 18) | (17 << 27)
}
