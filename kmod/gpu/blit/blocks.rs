// SPDX-License-Identifier: GPL-2.0

//! Fills of tiled surfaces, and copies between a tiled and a linear one, a block of 256 bytes at a
//! time.

use super::surface::Surface;
use super::tiling::{Tiling, BLOCK};
use super::{Rectangle, Work};
use crate::gpu::bytes;
use crate::gpu::fault::Cause;
use crate::gpu::memory::Memory;

/// The bytes of a block.
const BYTES: usize = 256;
/// More bytes than a row of a block has.
const ROW: usize = 64;

/// What happens to the tiled surface.
#[derive(Clone, Copy, Debug)]
pub(super) enum Action {
    /// It is filled with a texel.
    Fill(u128),
    /// It is written from a linear surface.
    Write(Surface),
    /// It is read into a linear surface.
    Read(Surface),
}

/// A blit of blocks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Blocks {
    /// The tiled surface.
    pub(super) tiled: Surface,
    /// Its tiling.
    pub(super) tiling: Tiling,
    /// What happens to it.
    pub(super) action: Action,
    /// The part of the tiled surface that takes part.
    pub(super) region: Rectangle,
    /// Where that part begins in the linear surface: column and row.
    pub(super) origin: [u32; 2],
    /// The columns of the current row of blocks that are done.
    pub(super) columns: u32,
}

/// A block's bytes.
type Block = [u8; BYTES];

impl Blocks {
    /// Does the next block after the `done` first rows of texels. Returns how many rows that
    /// completed.
    pub(super) fn step(
        &mut self,
        memory: &mut dyn Memory,
        done: u32,
    ) -> Result<(u32, Work), Cause> {
        let part = self.next(done);
        let address = self.tiled.address(
            part.left & !(self.tiling.columns() - 1),
            part.top & !(self.tiling.rows() - 1),
        );
        let texels = part.width() * part.height();
        let moved = self.tiled.bytes(texels);
        let mut work = Work {
            written: moved,
            // A part of a block is written texel by texel.
            texels: if moved == BLOCK { 0 } else { texels },
            ..Work::default()
        };
        match self.action {
            Action::Fill(texel) => self.fill(memory, address, &part, texel, moved)?,
            Action::Write(linear) => {
                work.read = moved;
                self.write(memory, address, &part, &linear, moved)?;
            }
            Action::Read(linear) => {
                work.read = moved;
                self.read(memory, address, &part, &linear)?;
            }
        }
        self.columns += part.width();
        if self.columns < self.region.width() {
            return Ok((0, work));
        }
        self.columns = 0;
        Ok((part.height(), work))
    }

    /// The part of the region that lies in the next block.
    fn next(&self, done: u32) -> Rectangle {
        let (left, top) = (self.region.left + self.columns, self.region.top + done);
        let right = (left | (self.tiling.columns() - 1)) + 1;
        let bottom = (top | (self.tiling.rows() - 1)) + 1;
        self.region.intersection(&Rectangle {
            left,
            top,
            right,
            bottom,
        })
    }

    /// Fills a part of the block at `address`.
    fn fill(
        &self,
        memory: &mut dyn Memory,
        address: u64,
        part: &Rectangle,
        texel: u128,
        moved: u64,
    ) -> Result<(), Cause> {
        if moved == BLOCK {
            let size = usize::from(self.tiled.format.bytes);
            return Ok(memory.fill(address, moved, texel, size)?);
        }
        let mut block = [0; BYTES];
        let texel = texel.to_le_bytes();
        for y in part.top..part.bottom {
            for x in part.left..part.right {
                if let Some((place, texel)) =
                    self.place(&mut block, x, y).zip(self.texel(&texel, 0))
                {
                    bytes::copy(place, texel);
                }
            }
        }
        self.store(memory, address, part, &block)
    }

    /// Writes a part of the block at `address` from a linear surface.
    fn write(
        &self,
        memory: &mut dyn Memory,
        address: u64,
        part: &Rectangle,
        linear: &Surface,
        moved: u64,
    ) -> Result<(), Cause> {
        let mut block = [0; BYTES];
        let mut row = [0; ROW];
        for y in part.top..part.bottom {
            let row = self.row(&mut row, part);
            memory.read(self.linear(linear, part.left, y), row)?;
            for (index, x) in (part.left..part.right).enumerate() {
                if let Some((place, texel)) =
                    self.place(&mut block, x, y).zip(self.texel(row, index))
                {
                    bytes::copy(place, texel);
                }
            }
        }
        if moved == BLOCK {
            return Ok(memory.write(address, &block)?);
        }
        self.store(memory, address, part, &block)
    }

    /// Writes the texels of a part of the block at `address`, and none of the others: another
    /// context may be writing those.
    fn store(
        &self,
        memory: &mut dyn Memory,
        address: u64,
        part: &Rectangle,
        block: &Block,
    ) -> Result<(), Cause> {
        let mut changed = [0; BYTES];
        for y in part.top..part.bottom {
            for x in part.left..part.right {
                if let Some(place) = self.place(&mut changed, x, y) {
                    place.fill(u8::MAX);
                }
            }
        }
        for run in bytes::runs(&changed) {
            let place = address + u64::try_from(run.start).unwrap_or(0);
            memory.write(place, block.get(run).unwrap_or_default())?;
        }
        Ok(())
    }

    /// Reads a part of the block at `address` into a linear surface.
    fn read(
        &self,
        memory: &mut dyn Memory,
        address: u64,
        part: &Rectangle,
        linear: &Surface,
    ) -> Result<(), Cause> {
        let mut block = [0; BYTES];
        memory.read(address, &mut block)?;
        let mut row = [0; ROW];
        let size = usize::from(self.tiled.format.bytes);
        for y in part.top..part.bottom {
            let row = self.row(&mut row, part);
            for (index, x) in (part.left..part.right).enumerate() {
                if let Some(place) = self.place(&mut block, x, y) {
                    bytes::copy(bytes::piece_mut(row, size, index), place);
                }
            }
            memory.write(self.linear(linear, part.left, y), row)?;
        }
        Ok(())
    }

    /// The bytes of the texel in column `x` and row `y` within its block.
    fn place<'block>(&self, block: &'block mut Block, x: u32, y: u32) -> Option<&'block mut [u8]> {
        let start = usize::try_from(self.tiling.within(x, y)).ok()?;
        block.get_mut(start..start + usize::from(self.tiled.format.bytes))
    }

    /// The bytes of texel number `index` of a row.
    fn texel<'row>(&self, row: &'row [u8], index: usize) -> Option<&'row [u8]> {
        let size = usize::from(self.tiled.format.bytes);
        row.get(index * size..(index + 1) * size)
    }

    /// As much of a buffer as a row of a part needs.
    fn row<'row>(&self, buffer: &'row mut [u8; ROW], part: &Rectangle) -> &'row mut [u8] {
        let length = usize::try_from(self.tiled.bytes(part.width())).unwrap_or(ROW);
        bytes::front(buffer, length)
    }

    /// Where the texel that belongs to column `x` and row `y` of the tiled surface lies in the
    /// linear one.
    fn linear(&self, linear: &Surface, x: u32, y: u32) -> u64 {
        let [left, top] = self.origin;
        linear.linear(left + x - self.region.left, top + y - self.region.top)
    }
}
