// SPDX-License-Identifier: GPL-2.0

//! The general way: a handful of texels at a time is gathered, converted, and written.

use super::color::Color;
use super::float;
use super::format::Format;
use super::map::Map;
use super::surface::Surface;
use super::{Rectangle, Work};
use crate::gpu::bytes;
use crate::gpu::fault::Cause;
use crate::gpu::memory::Memory;

/// The texels of a handful: few, for the kernel's stack is small.
const HANDFUL: usize = 16;
/// The bytes of the largest texel.
const LARGEST: usize = 16;

/// Where the colours come from.
#[derive(Clone, Debug)]
pub(super) enum Input {
    /// A texel of the destination's format.
    Solid(u128),
    /// Another surface.
    Surface {
        /// The surface.
        surface: Surface,
        /// Which of its texels make one of the destination.
        map: Map,
        /// Which texels make one, and what is done to them.
        conversion: Conversion,
        /// Where in the source the area begins, when it lies there as it is.
        start: Option<[u32; 2]>,
    },
}

/// How texels of the source become texels of the destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Conversion {
    /// The nearest, as it is.
    None,
    /// The nearest, its channels in other places.
    Permutation,
    /// The nearest, through its values.
    Values,
    /// The four nearest, averaged.
    Average,
}

impl Conversion {
    /// The least that leads from one format to another.
    pub(super) fn between(source: &Format, destination: &Format) -> Self {
        if source == destination {
            Self::None
        } else if destination.permutes(source) {
            Self::Permutation
        } else {
            Self::Values
        }
    }
}

/// A blit of texels.
#[derive(Clone, Debug)]
pub(super) struct Texels {
    /// Where to.
    pub(super) destination: Surface,
    /// Where from.
    pub(super) input: Input,
    /// The bits of a texel that are written as they are computed; others are written as zero.
    pub(super) written: u128,
    /// The bits of a texel that stay as they were.
    pub(super) kept: u128,
    /// The columns of the current row that are done.
    pub(super) columns: u32,
}

impl Texels {
    /// Does a handful of the row after the `done` first ones. Returns how many rows that completed.
    pub(super) fn step(
        &mut self,
        memory: &mut dyn Memory,
        area: &Rectangle,
        done: u32,
    ) -> Result<(u32, Work), Cause> {
        let (x, y) = (area.left + self.columns, area.top + done);
        let limit = u32::try_from(HANDFUL).unwrap_or(u32::MAX);
        let count = area.width().saturating_sub(self.columns).min(limit);
        let mut work = Work {
            texels: count,
            ..Work::default()
        };
        let mut texels = [0; HANDFUL];
        let handful = usize::try_from(count).unwrap_or(HANDFUL).min(HANDFUL);
        let texels = bytes::front(&mut texels, handful);
        self.gather(memory, area, [x, y], texels, &mut work)?;
        self.keep(memory, x, y, texels, &mut work)?;
        scatter(memory, &self.destination, x, y, texels)?;
        work.written = self.destination.bytes(count);
        self.columns += count;
        if self.columns < area.width() {
            return Ok((0, work));
        }
        self.columns = 0;
        Ok((1, work))
    }

    /// Computes the texels from column `x` of row `y` on.
    fn gather(
        &self,
        memory: &mut dyn Memory,
        area: &Rectangle,
        [x, y]: [u32; 2],
        texels: &mut [u128],
        work: &mut Work,
    ) -> Result<(), Cause> {
        match &self.input {
            Input::Solid(texel) => texels.fill(*texel),
            Input::Surface {
                surface,
                map,
                conversion: Conversion::Average,
                ..
            } => {
                work.texels *= 4;
                work.read = surface.bytes(work.texels);
                for (x, texel) in (x..).zip(texels.iter_mut()) {
                    *texel = self.convert(&sample(memory, surface, map.bilinear(x, y))?)?;
                }
            }
            Input::Surface {
                surface,
                map,
                conversion,
                start,
            } => {
                work.read = surface.bytes(work.texels);
                match start {
                    Some([left, top]) if surface.is_linear() => {
                        let (column, row) = (left + self.columns, top + y - area.top);
                        fetch_row(memory, surface.linear(column, row), surface, texels)?;
                    }
                    _ => {
                        for (x, texel) in (x..).zip(texels.iter_mut()) {
                            *texel = fetch(memory, surface, map.nearest(x, y))?;
                        }
                    }
                }
                self.convert_all(&surface.format, *conversion, texels)?;
            }
        }
        for texel in texels {
            *texel &= self.written;
        }
        Ok(())
    }

    /// The texel of a colour.
    fn convert(&self, color: &Color) -> Result<u128, Cause> {
        let texel = self.destination.format.texel(color);
        texel.ok_or(Cause::Surface(
            "integers do not convert to fractions, nor back",
        ))
    }

    /// Converts texels of the source where they are.
    fn convert_all(
        &self,
        source: &Format,
        conversion: Conversion,
        texels: &mut [u128],
    ) -> Result<(), Cause> {
        let format = &self.destination.format;
        match conversion {
            Conversion::None => {}
            Conversion::Permutation => {
                for texel in texels {
                    *texel = format.permuted(source, *texel);
                }
            }
            Conversion::Values | Conversion::Average => {
                for texel in texels {
                    *texel = self.convert(&source.color(*texel))?;
                }
            }
        }
        Ok(())
    }

    /// Merges what the destination keeps into the texels.
    fn keep(
        &self,
        memory: &mut dyn Memory,
        x: u32,
        y: u32,
        texels: &mut [u128],
        work: &mut Work,
    ) -> Result<(), Cause> {
        if self.kept == 0 {
            return Ok(());
        }
        for (x, texel) in (x..).zip(texels) {
            let old = fetch(memory, &self.destination, [x, y])?;
            *texel = *texel & !self.kept | old & self.kept;
            work.read += self.destination.bytes(1);
        }
        Ok(())
    }
}

/// Reads a texel.
fn fetch(memory: &mut dyn Memory, surface: &Surface, [x, y]: [u32; 2]) -> Result<u128, Cause> {
    let mut wide = [0; LARGEST];
    let texel = bytes::front(&mut wide, usize::from(surface.format.bytes));
    memory.read(surface.address(x, y), texel)?;
    Ok(u128::from_le_bytes(wide))
}

/// Reads texels that follow each other in memory.
fn fetch_row(
    memory: &mut dyn Memory,
    address: u64,
    surface: &Surface,
    texels: &mut [u128],
) -> Result<(), Cause> {
    let size = usize::from(surface.format.bytes).clamp(1, LARGEST);
    let mut row = [0; HANDFUL * LARGEST];
    let row = bytes::front(&mut row, size * texels.len().min(HANDFUL));
    memory.read(address, row)?;
    for (index, texel) in texels.iter_mut().enumerate() {
        let mut wide = [0; LARGEST];
        bytes::copy(&mut wide, bytes::piece(row, size, index));
        *texel = u128::from_le_bytes(wide);
    }
    Ok(())
}

/// Reads four texels, and averages their colours.
fn sample(
    memory: &mut dyn Memory,
    surface: &Surface,
    taps: [([u32; 2], u32); 4],
) -> Result<Color, Cause> {
    let mut terms = [[(0, 0); 4]; 4];
    for (tap, (position, weight)) in taps.into_iter().enumerate() {
        let Color::Float(values) = surface.format.color(fetch(memory, surface, position)?) else {
            return Err(Cause::Surface("integers cannot be filtered"));
        };
        for (channel, value) in terms.iter_mut().zip(values) {
            if let Some(term) = channel.get_mut(tap) {
                *term = (value, weight);
            }
        }
    }
    Ok(Color::Float(terms.map(float::weighted_sum)))
}

/// Writes texels from column `x` of row `y` on: at once when they follow each other.
fn scatter(
    memory: &mut dyn Memory,
    surface: &Surface,
    x: u32,
    y: u32,
    texels: &[u128],
) -> Result<(), Cause> {
    let size = usize::from(surface.format.bytes).clamp(1, LARGEST);
    let mut row = [0; HANDFUL * LARGEST];
    let row = bytes::front(&mut row, size * texels.len().min(HANDFUL));
    for (index, texel) in texels.iter().enumerate() {
        bytes::copy(bytes::piece_mut(row, size, index), &texel.to_le_bytes());
    }
    if surface.is_linear() {
        return Ok(memory.write(surface.linear(x, y), row)?);
    }
    for (index, x) in (x..).take(texels.len()).enumerate() {
        memory.write(surface.address(x, y), bytes::piece(row, size, index))?;
    }
    Ok(())
}
