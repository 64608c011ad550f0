// SPDX-License-Identifier: GPL-2.0

//! Where the texels of a surface lie.

use super::format::Format;
use super::tiling::Tiling;
use crate::gpu::chip::Chip;
use crate::gpu::fault::{Cause, MemoryFault};

/// How texels lie in memory: TILE_MODE of a surface.
#[derive(Clone, Copy, Debug)]
enum Layout {
    /// Row by row.
    Linear,
    /// TILE6_3.
    Tiled(Tiling),
}

/// A surface: where its texels lie, and how each is laid out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Surface {
    /// The GPU address of its first byte.
    base: u64,
    /// The bytes from a row to the next.
    pitch: u64,
    /// How texels lie in memory.
    layout: Layout,
    /// How a texel is laid out.
    pub(super) format: Format,
}

/// More bytes than any surface has: 2^15 rows of 2^22 bytes, and what tiling adds.
const LARGEST: u64 = 1 << 40;

impl Surface {
    /// A surface; `write` is for the fault when it would wrap round the end of the address space.
    pub(super) fn new(
        chip: &Chip,
        base: u64,
        pitch: u64,
        tile_mode: u32,
        format: Format,
        write: bool,
    ) -> Result<Self, Cause> {
        base.checked_add(LARGEST).ok_or(MemoryFault {
            address: base,
            write,
        })?;
        let layout = match tile_mode & 3 {
            0 => Layout::Linear,
            3 => {
                let tiling = Tiling::new(chip, u32::from(format.bytes), pitch);
                Layout::Tiled(tiling.ok_or(Cause::Surface("texels of that size cannot be tiled"))?)
            }
            2 => return Err(Cause::Surface("the layout TILE6_2 is not supported")),
            _ => return Err(Cause::Surface("there is no tile mode 1")),
        };
        Ok(Self {
            base,
            pitch,
            layout,
            format,
        })
    }

    /// The bytes from a row to the next.
    pub(super) fn pitch(&self) -> u64 {
        self.pitch
    }

    /// The bytes of `texels` texels.
    pub(super) fn bytes(&self, texels: u32) -> u64 {
        u64::from(texels) * u64::from(self.format.bytes)
    }

    /// Whether the texels of a row follow each other.
    pub(super) fn is_linear(&self) -> bool {
        matches!(self.layout, Layout::Linear)
    }

    /// How the texels of a tiled surface lie; `None` when it is linear.
    pub(super) fn tiling(&self) -> Option<Tiling> {
        match self.layout {
            Layout::Linear => None,
            Layout::Tiled(tiling) => Some(tiling),
        }
    }

    /// The GPU address of the texel in column `x` and row `y` of a linear surface.
    pub(super) fn linear(&self, x: u32, y: u32) -> u64 {
        self.base + u64::from(y) * self.pitch + self.bytes(x)
    }

    /// The GPU address of the texel in column `x` and row `y`.
    pub(super) fn address(&self, x: u32, y: u32) -> u64 {
        match &self.layout {
            Layout::Linear => self.linear(x, y),
            Layout::Tiled(tiling) => self.base + tiling.offset(x, y),
        }
    }
}

/// How many rows of `width` bytes `bytes` bytes afford: at least one, at most `left`.
pub(super) fn rows(bytes: u64, width: u64, left: u32) -> u32 {
    u32::try_from(bytes / width.max(1))
        .unwrap_or(u32::MAX)
        .clamp(1, left.max(1))
}
