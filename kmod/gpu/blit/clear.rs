// SPDX-License-Identifier: GPL-2.0

//! Clears of surfaces in system memory by the event CCU_RESOLVE of A7xx: what drivers of that
//! generation clear images with. They need no render backend, because on-chip memory has no part
//! in them.

use super::format::{Format, Swap};
use super::setup::{aligned, method, rectangle};
use super::surface::Surface;
use super::texels::{Input, Texels};
use super::Blit;
use crate::gpu::chip::{Chip, Generation};
use crate::gpu::fault::Cause;
use crate::gpu::registers::Registers;

/// The first column and row that are cleared; the last ones follow.
const RB_BLIT_SCISSOR_TL: u32 = 0x88d1;
/// The format of the surface: TILE_MODE 1:0, FLAGS 2, SAMPLES 4:3, COLOR_SWAP 6:5, COLOR_FORMAT
/// 14:7; address and pitch follow.
const RB_BLIT_DST_INFO: u32 = 0x88d7;
/// The first of four dwords of the texel, its channels in the order that they have without swap.
const RB_BLIT_CLEAR_COLOR_DW0: u32 = 0x88df;
/// What the event does: TYPE 1:0, DEPTH 3, CLEAR_MASK 7:4.
const RB_BLIT_INFO: u32 = 0x88e3;
/// What a clear is of: 0 system memory, 1 on-chip memory.
const RB_BLIT_CLEAR_MODE: u32 = 0x88e4;

/// BLIT_EVENT_CLEAR.
const CLEAR: u32 = 2;

/// What a mask of depth and stencil means for the channels of D24S8, as the 2D engine sees it.
const DEPTH: u32 = 0b0111;

/// Whether the event clears a surface in system memory. One with several samples needs the render
/// backend, which alone knows where each is.
pub(in crate::gpu) fn is_clear(registers: &Registers<'_>, chip: &Chip) -> bool {
    chip.generation == Generation::A7xx
        && registers.get(RB_BLIT_INFO) & 3 == CLEAR
        && registers.get(RB_BLIT_CLEAR_MODE) & 1 == 0
        && (registers.get(RB_BLIT_DST_INFO) >> 3) & 3 == 0
}

impl Blit {
    /// The clear that the registers describe; `None` when it writes nothing.
    pub(crate) fn decode_clear(
        registers: &Registers<'_>,
        chip: &Chip,
    ) -> Result<Option<Self>, Cause> {
        let area = rectangle(registers, RB_BLIT_SCISSOR_TL);
        if area.width() == 0 || area.height() == 0 {
            return Ok(None);
        }
        let destination = destination(registers, chip)?;
        let format = destination.format;
        let written = written(registers.get(RB_BLIT_INFO), &format);
        let texels = Texels {
            destination,
            input: Input::Solid(texel(registers, &format)?),
            written,
            kept: 0,
            columns: 0,
        };
        let whole = written == format.bits_of(0xf);
        Ok(Some(Self {
            method: method(texels, &area, whole),
            area,
            rows: 0,
        }))
    }
}

/// The format whose value is in the register, with its channels in the order of `swap`.
fn format(information: u32, swap: Swap) -> Result<Format, Cause> {
    let reason = "a clear's format is planar, block-compressed or unknown";
    Format::decode(information >> 7, swap, false).ok_or(Cause::Surface(reason))
}

/// The surface.
fn destination(registers: &Registers<'_>, chip: &Chip) -> Result<Surface, Cause> {
    let information = registers.get(RB_BLIT_DST_INFO);
    let base = registers.get64(RB_BLIT_DST_INFO + 1);
    aligned(base, 64)?;
    let pitch = u64::from(registers.get(RB_BLIT_DST_INFO + 3) & 0xffff) << 6;
    let format = format(information, Swap::decode(information >> 5))?;
    Surface::new(chip, base, pitch, information & 3, format, true)
}

/// The texel, with its channels where the surface wants them.
fn texel(registers: &Registers<'_>, wanted: &Format) -> Result<u128, Cause> {
    let given = format(registers.get(RB_BLIT_DST_INFO), Swap::Wzyx)?;
    let [low, high] = [0, 2].map(|dword| registers.get64(RB_BLIT_CLEAR_COLOR_DW0 + dword));
    let texel = (u128::from(high) << 64) | u128::from(low);
    Ok(wanted.permuted(&given, texel))
}

/// The bits of a texel that are written: the mask has depth in bit 0 and stencil in bit 1, or all
/// bits set.
fn written(information: u32, format: &Format) -> u128 {
    let mask = (information >> 4) & 0xf;
    let parts = information & (1 << 3) != 0 && mask != 0xf;
    let channels = match (parts, mask & 3) {
        (false, _) => mask,
        (true, 0) => 0,
        (true, 1) => DEPTH,
        (true, 2) => !DEPTH & 0xf,
        (true, _) => 0xf,
    };
    format.bits_of(channels)
}
