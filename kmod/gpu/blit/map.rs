// SPDX-License-Identifier: GPL-2.0

//! Which texels of the source make a texel of the destination: scaling, rotation and filtering.

use super::Rectangle;
use crate::gpu::fault::Cause;

/// ROTATE of RB_2D_BLIT_CNTL, bits 2:0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rotation {
    /// 0: none.
    None,
    /// 1: a quarter, clockwise.
    Quarter,
    /// 2: a half.
    Half,
    /// 3: three quarters, clockwise.
    ThreeQuarters,
    /// 4: left and right change places.
    Horizontal,
    /// 5: top and bottom change places.
    Vertical,
}

impl Rotation {
    /// Decodes ROTATE.
    pub(super) fn decode(bits: u32) -> Result<Self, Cause> {
        Ok(match bits & 7 {
            0 => Self::None,
            1 => Self::Quarter,
            2 => Self::Half,
            3 => Self::ThreeQuarters,
            4 => Self::Horizontal,
            5 => Self::Vertical,
            _ => return Err(Cause::Surface("its rotation is none of 0 to 5")),
        })
    }
}

/// The source rectangle, in 256ths of a texel.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source {
    /// The left edge; may be negative.
    pub(super) left: i64,
    /// The top edge; may be negative.
    pub(super) top: i64,
    /// The width, above 0.
    pub(super) width: i64,
    /// The height, above 0.
    pub(super) height: i64,
}

/// The way from the destination to the source.
#[derive(Clone, Copy, Debug)]
pub(super) struct Map {
    /// The destination rectangle onto which the source is stretched.
    pub(super) destination: Rectangle,
    /// The source rectangle.
    pub(super) source: Source,
    /// How the source is turned.
    pub(super) rotation: Rotation,
    /// The columns and rows of the source surface; coordinates outside it are those of its edge.
    pub(super) size: [u32; 2],
}

/// A position in the source: texel number and 256ths.
type Position = i64;

impl Map {
    /// Where the centre of a texel of the destination lies in the source, from the top left corner
    /// of texel (0, 0).
    fn position(&self, x: u32, y: u32) -> [Position; 2] {
        let (width, height) = (self.destination.width(), self.destination.height());
        let x = x.saturating_sub(self.destination.left);
        let y = y.saturating_sub(self.destination.top);
        let (right, bottom) = (width.saturating_sub(x + 1), height.saturating_sub(y + 1));
        let (u, v, columns, rows) = match self.rotation {
            Rotation::None => (x, y, width, height),
            Rotation::Horizontal => (right, y, width, height),
            Rotation::Vertical => (x, bottom, width, height),
            Rotation::Half => (right, bottom, width, height),
            Rotation::Quarter => (y, right, height, width),
            Rotation::ThreeQuarters => (bottom, x, height, width),
        };
        [
            self.source.left + along(u, columns, self.source.width),
            self.source.top + along(v, rows, self.source.height),
        ]
    }

    /// The source texel nearest to a texel of the destination.
    pub(super) fn nearest(&self, x: u32, y: u32) -> [u32; 2] {
        let [x, y] = self.position(x, y);
        self.clamped(x >> 8, y >> 8)
    }

    /// The four source texels round a texel of the destination, with their weights in 65536ths.
    pub(super) fn bilinear(&self, x: u32, y: u32) -> [([u32; 2], u32); 4] {
        let [x, y] = self.position(x, y).map(|position| position - 128);
        let (right, down) = (fraction(x), fraction(y));
        let (left, up) = (256 - right, 256 - down);
        let (x, y) = (x >> 8, y >> 8);
        [
            (self.clamped(x, y), left * up),
            (self.clamped(x + 1, y), right * up),
            (self.clamped(x, y + 1), left * down),
            (self.clamped(x + 1, y + 1), right * down),
        ]
    }

    /// Whether texels lie on texels: no scaling, and no offset by a part of a texel.
    pub(super) fn is_exact(&self) -> bool {
        let (mut width, mut height) = (self.destination.width(), self.destination.height());
        if matches!(self.rotation, Rotation::Quarter | Rotation::ThreeQuarters) {
            core::mem::swap(&mut width, &mut height);
        }
        let Source {
            left,
            top,
            width: w,
            height: h,
        } = self.source;
        w == i64::from(width) << 8
            && h == i64::from(height) << 8
            && left & 0xff == 0
            && top & 0xff == 0
    }

    /// Where the source begins, when every texel of `area` is the source texel at the same distance
    /// from there.
    pub(super) fn translation(&self, area: &Rectangle) -> Option<[u32; 2]> {
        if !self.is_exact() || self.rotation != Rotation::None {
            return None;
        }
        let start = |edge: i64, first: u32, origin: u32| {
            u32::try_from((edge >> 8) + i64::from(first) - i64::from(origin)).ok()
        };
        let left = start(self.source.left, area.left, self.destination.left)?;
        let top = start(self.source.top, area.top, self.destination.top)?;
        let [columns, rows] = self.size;
        let inside = left + area.width() <= columns && top + area.height() <= rows;
        inside.then_some([left, top])
    }

    /// The texel of those coordinates, or the nearest that the surface has.
    fn clamped(&self, x: i64, y: i64) -> [u32; 2] {
        let [columns, rows] = self.size;
        let clamp = |value: i64, count: u32| {
            let last = count.saturating_sub(1);
            u32::try_from(value.max(0)).unwrap_or(last).min(last)
        };
        [clamp(x, columns), clamp(y, rows)]
    }
}

/// Where the centre of step `number` of `count` lies on a way of `length`.
fn along(number: u32, count: u32, length: i64) -> i64 {
    let twice = (2 * i64::from(number) + 1) * length;
    twice.checked_div(2 * i64::from(count)).unwrap_or(0)
}

/// The 256ths of a position.
fn fraction(position: Position) -> u32 {
    u32::try_from(position & 0xff).unwrap_or(0)
}
