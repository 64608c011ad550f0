// SPDX-License-Identifier: GPL-2.0

//! The 2D engine behind CP_BLIT: fills, and copies with conversion, scaling and rotation; and what
//! else fills surfaces.
//!
//! [`setup`] and [`clear`] decode the registers into a [`Blit`], once; [`Blit::step`] does the work in pieces,
//! so that a large blit is resumable. Nothing here knows the command processor.

mod blocks;
mod clear;
mod color;
mod copy;
mod float;
mod format;
mod map;
mod setup;
mod srgb;
mod surface;
mod texels;
mod tiling;

use super::fault::Cause;
use super::memory::Memory;
use blocks::Blocks;
pub(super) use clear::is_clear;
use copy::Copy;
use surface::Surface;
use texels::Texels;

/// The texels that cost a work unit when they are not moved in bulk.
pub(super) const UNIT_TEXELS: u32 = 4;

/// A rectangle of texels, its right and bottom edges exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Rectangle {
    /// The first column.
    left: u32,
    /// The first row.
    top: u32,
    /// The column after the last.
    right: u32,
    /// The row after the last.
    bottom: u32,
}

impl Rectangle {
    /// Its columns.
    fn width(&self) -> u32 {
        self.right.saturating_sub(self.left)
    }

    /// Its rows.
    fn height(&self) -> u32 {
        self.bottom.saturating_sub(self.top)
    }

    /// What it shares with another.
    fn intersection(&self, other: &Self) -> Self {
        Self {
            left: self.left.max(other.left),
            top: self.top.max(other.top),
            right: self.right.min(other.right),
            bottom: self.bottom.min(other.bottom),
        }
    }
}

/// A blit in progress.
#[derive(Clone, Debug)]
pub(super) struct Blit {
    /// How it is done.
    method: Method,
    /// The part of the destination that is written.
    area: Rectangle,
    /// The rows of it that are done.
    rows: u32,
}

/// How a blit is done.
#[derive(Clone, Debug)]
enum Method {
    /// A solid fill of whole texels of 1, 2, 4, 8 or 16 bytes, in a linear surface.
    Fill {
        /// Where.
        surface: Surface,
        /// The texel.
        pattern: u128,
    },
    /// A copy of equal texels between linear surfaces, without scaling.
    Copy(Copy),
    /// A fill of a tiled surface, or a copy of equal texels between it and a linear one, without
    /// scaling.
    Blocks(Blocks),
    /// Everything else, a few texels at a time.
    Texels(Texels),
}

/// What a step did.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Work {
    /// The bytes read.
    pub(super) read: u64,
    /// The bytes written.
    pub(super) written: u64,
    /// The texels that were fetched or written one by one, or converted.
    pub(super) texels: u32,
    /// Whether the blit is complete.
    pub(super) complete: bool,
}

impl Blit {
    /// Does at most what moves `bytes` bytes, but at least one row or one handful of texels.
    pub(super) fn step(&mut self, memory: &mut dyn Memory, bytes: u64) -> Result<Work, Cause> {
        let left = self.area.height().saturating_sub(self.rows);
        let (rows, mut work) = match &mut self.method {
            Method::Fill { surface, pattern } => {
                let row = self.area.top + self.rows;
                fill(memory, surface, *pattern, &self.area, row, left, bytes)?
            }
            Method::Copy(copy) => copy.step(memory, &self.area, self.rows, bytes)?,
            Method::Blocks(blocks) => blocks.step(memory, self.rows)?,
            Method::Texels(texels) => texels.step(memory, &self.area, self.rows)?,
        };
        self.rows += rows;
        work.complete = self.rows >= self.area.height();
        Ok(work)
    }
}

/// Fills rows from `row` on, at most `left` and what `bytes` affords, in one go where they touch.
/// Returns how many.
fn fill(
    memory: &mut dyn Memory,
    surface: &Surface,
    pattern: u128,
    area: &Rectangle,
    row: u32,
    left: u32,
    bytes: u64,
) -> Result<(u32, Work), Cause> {
    let width = surface.bytes(area.width());
    let rows = if width == surface.pitch() {
        surface::rows(bytes, width, left)
    } else {
        1
    };
    let length = width * u64::from(rows);
    let size = usize::from(surface.format.bytes);
    memory.fill(surface.linear(area.left, row), length, pattern, size)?;
    Ok((
        rows,
        Work {
            written: length,
            ..Work::default()
        },
    ))
}
