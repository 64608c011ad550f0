// SPDX-License-Identifier: GPL-2.0

//! The tiled layout TILE6_3, without compression.
//!
//! Texels lie in blocks of 256 bytes, within which the bits of both coordinates interleave. Blocks
//! lie in macrotiles of 2 by 4 (2 KiB), where the coordinates are exclusive-ored into the block's
//! number to spread them over the memory channels. Macrotiles lie in rows, and the row's low bits
//! are exclusive-ored into address bits round the highest bank bit when the pitch would put
//! neighbouring rows into the same bank. The last two depend on the memory controller's
//! configuration, which the chip's table names.

use crate::gpu::chip::Chip;

/// The bytes of a block.
pub(super) const BLOCK: u64 = 256;
/// The bytes of a macrotile.
const MACROTILE: u64 = 2048;

/// How the memory controller of a chip wants surfaces to be tiled.
#[derive(Clone, Copy, Debug)]
struct Controller {
    /// The highest bank bit of the DRAM.
    highest_bank_bit: u32,
    /// Which swizzles between banks are on: level 1 in bit 0, 2 in bit 1, 3 in bit 2.
    levels: u64,
    /// Whether blocks spread over eight channels, else four.
    eight_channels: bool,
}

impl Controller {
    /// What belongs to a chip: inferred from the version of its bandwidth compression, save for one
    /// exception.
    fn of(chip: &Chip) -> Self {
        /// Adreno 663 sits on a controller without level 2.
        const A663: u32 = 0x0606_0300;
        let exception = chip.chip_id == A663;
        Self {
            highest_bank_bit: chip.highest_bank_bit.clamp(13, 31),
            levels: match chip.ubwc_mode {
                _ if exception => 0b100,
                0 | 1 => 0b111,
                _ => 0b110,
            },
            eight_channels: exception || chip.ubwc_mode >= 4,
        }
    }
}

/// The tiling of one surface.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tiling {
    /// The columns of a block, as a power of two.
    width: u32,
    /// The rows of a block, as a power of two.
    height: u32,
    /// The bytes of a texel: 1, 2, 4, 8 or 16.
    bytes: u32,
    /// The blocks of a row of blocks.
    stride: u64,
    /// The bits of a block's row that are exclusive-ored into the address.
    bank_mask: u64,
    /// How far those bits are shifted.
    bank_shift: u32,
    /// Whether blocks spread over eight channels, else four.
    eight_channels: bool,
}

impl Tiling {
    /// The tiling of a surface with texels of `bytes` bytes and rows of `pitch` bytes; `None` when
    /// texels of that size cannot be tiled.
    pub(super) fn new(chip: &Chip, bytes: u32, pitch: u64) -> Option<Self> {
        let (width, height) = match bytes {
            1 => (5, 3),
            2 => (5, 2),
            4 => (4, 2),
            8 => (3, 2),
            16 => (2, 2),
            _ => return None,
        };
        let controller = Controller::of(chip);
        let stride = pitch >> (width + bytes.trailing_zeros());
        // Single bytes need twice the alignment before their banks conflict.
        let aligned = |bit: u32| stride % (1 << (bit + u32::from(bytes == 1) - 10)) == 0;
        let bank = controller.highest_bank_bit;
        let mut bank_mask = 0;
        for (level, bit, row) in [
            (1 << 1, bank, 1 << 2),
            (1 << 2, bank + 1, 1 << 3),
            (1, bank + 2, 1 << 4),
        ] {
            if controller.levels & level != 0 && aligned(bit) {
                bank_mask |= row;
            }
        }
        Some(Self {
            width,
            height,
            bytes,
            stride,
            bank_mask,
            bank_shift: bank - 3,
            eight_channels: controller.eight_channels,
        })
    }

    /// The columns of a block, a power of two.
    pub(super) fn columns(&self) -> u32 {
        1 << self.width
    }

    /// The rows of a block, a power of two.
    pub(super) fn rows(&self) -> u32 {
        1 << self.height
    }

    /// Where the texel in column `x` and row `y` lies, in bytes from the base.
    pub(super) fn offset(&self, x: u32, y: u32) -> u64 {
        let (column, row) = (u64::from(x >> self.width), u64::from(y >> self.height));
        let macrotiles = (row >> 2) * (self.stride / 2) * MACROTILE;
        let block = macrotiles + (self.across(column) ^ self.down(row));
        block + u64::from(self.within(x, y))
    }

    /// Where the texel in column `x` and row `y` lies, in bytes from its block.
    pub(super) fn within(&self, x: u32, y: u32) -> u32 {
        interleaved(x & (self.columns() - 1), y & (self.rows() - 1)) * self.bytes
    }

    /// What a block's column adds to the address, before the row is exclusive-ored.
    fn across(&self, column: u64) -> u64 {
        let spread = match (self.bytes, self.eight_channels) {
            (16, _) => 0,
            (_, false) => column & 0b010,
            (_, true) => column & 0b110,
        };
        let within = ((column & 1) * 0b111) ^ spread;
        (within ^ ((column >> 1) << 3)) * BLOCK
    }

    /// What a block's row changes within its row of macrotiles.
    fn down(&self, row: u64) -> u64 {
        let spread = if self.bytes < 16 && self.eight_channels {
            row & 0b100
        } else {
            0
        };
        let within = ((row & 1) * 0b110) ^ (((row >> 1) & 1) * 0b011) ^ spread;
        (within * BLOCK) | ((row & self.bank_mask) << self.bank_shift)
    }
}

/// The number of a texel in its block: the coordinates' bits interleave as y2 x4 x3 x2 y1 x1 y0 x0.
fn interleaved(x: u32, y: u32) -> u32 {
    x & 1 | ((y & 1) << 1) | ((x & 2) << 1) | ((y & 2) << 2) | ((x & 0x1c) << 2) | ((y & 4) << 5)
}

#[cfg(test)]
#[path = "../tests/tiling.rs"]
mod tests;
