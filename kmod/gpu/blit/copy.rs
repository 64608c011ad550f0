// SPDX-License-Identifier: GPL-2.0

//! Copies of whole rows, or whole rectangles where rows touch: at the speed of memory.

use super::surface::{self, Surface};
use super::{Rectangle, Work};
use crate::gpu::fault::Cause;
use crate::gpu::memory::Memory;

/// A copy of equal texels between linear surfaces, without scaling.
#[derive(Clone, Debug)]
pub(super) struct Copy {
    /// Where to.
    pub(super) destination: Surface,
    /// Where from.
    pub(super) source: Surface,
    /// The column of the source that goes to the area's first.
    pub(super) left: u32,
    /// The row of the source that goes to the area's first.
    pub(super) top: u32,
}

impl Copy {
    /// Copies rows after the `done` first ones, at most what `bytes` affords. Returns how many.
    ///
    /// Surfaces may overlap: rows go from the end that keeps the source intact, and each as if
    /// through a buffer.
    pub(super) fn step(
        &self,
        memory: &mut dyn Memory,
        area: &Rectangle,
        done: u32,
        bytes: u64,
    ) -> Result<(u32, Work), Cause> {
        let width = self.destination.bytes(area.width());
        let left = area.height().saturating_sub(done);
        let touching = width == self.destination.pitch() && width == self.source.pitch();
        let rows = if touching {
            surface::rows(bytes, width, left)
        } else {
            1
        };
        let first = if self.is_backward(area) {
            left - rows
        } else {
            done
        };
        let to = self.destination.linear(area.left, area.top + first);
        let from = self.source.linear(self.left, self.top + first);
        let length = width * u64::from(rows);
        memory.copy(to, from, length)?;
        Ok((
            rows,
            Work {
                read: length,
                written: length,
                ..Work::default()
            },
        ))
    }

    /// Whether the last row goes first.
    fn is_backward(&self, area: &Rectangle) -> bool {
        let to = self.destination.linear(area.left, area.top);
        to > self.source.linear(self.left, self.top)
    }
}
