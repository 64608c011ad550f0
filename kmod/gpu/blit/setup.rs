// SPDX-License-Identifier: GPL-2.0

//! From registers to a blit: which fields of the 2D registers mean what.

use super::blocks::{Action, Blocks};
use super::color::Intermediate;
use super::copy::Copy;
use super::format::{Format, Kind, Swap};
use super::map::{Map, Rotation, Source};
use super::surface::Surface;
use super::texels::{Conversion, Input, Texels};
use super::{Blit, Method, Rectangle};
use crate::gpu::chip::{Chip, Generation};
use crate::gpu::fault::Cause;
use crate::gpu::registers::Registers;

/// The left edge of the source, in 256ths of a texel; right, top and bottom follow.
const GRAS_2D_SRC_TL_X: u32 = 0x8401;
/// The first column and row of the destination; the last ones follow.
const GRAS_2D_DST_TL: u32 = 0x8405;
/// The first column and row of the scissor; the last ones follow.
const GRAS_2D_RESOLVE_CNTL_1: u32 = 0x840a;
/// What to do: rotation, solid colour, scissor, mask and what the solid colour holds.
const RB_2D_BLIT_CNTL: u32 = 0x8c00;
/// Which parts of D24S8 stay as they were.
const RB_2D_UNKNOWN_8C01: u32 = 0x8c01;
/// The format of the destination; address and pitch follow.
const RB_2D_DST_INFO: u32 = 0x8c17;
/// The first of four channels of the solid colour.
const RB_2D_SRC_SOLID_C0: u32 = 0x8c2c;
/// The kind of source and where its rows begin, on A7xx.
const TPL1_2D_SRC_CNTL: u32 = 0xb2d2;

/// The format of the source; size, address and pitch follow. SP_PS_2D_SRC_INFO.
fn source_registers(generation: Generation) -> u32 {
    match generation {
        Generation::A6xx => 0xb4c0,
        Generation::A7xx => 0xb2c0,
    }
}

/// A surface's information: COLOR_FORMAT 7:0, TILE_MODE 9:8, COLOR_SWAP 11:10, FLAGS 12, SRGB 13,
/// SAMPLES 15:14.
struct Information {
    /// The format of a texel.
    format: Format,
    /// How texels lie in memory.
    tile_mode: u32,
}

impl Information {
    /// Decodes the register; refuses what the engine cannot address.
    ///
    /// FLAGS asks for bandwidth compression (UBWC). It leaves the place of every block as it is
    /// without, and lets each be stored as it is: so are all blocks here, and the flag buffer is
    /// neither read nor written. Whatever goes through this engine fits together; another device
    /// that decompresses would have to be told.
    fn decode(register: u32) -> Result<Self, Cause> {
        if register & (1 << 12) != 0 && (register >> 8) & 3 != 3 {
            let reason = "only TILE6_3 surfaces can be compressed (UBWC)";
            return Err(Cause::Surface(reason));
        }
        if (register >> 14) & 3 != 0 {
            return Err(Cause::Surface(
                "surfaces with several samples are not supported",
            ));
        }
        let (swap, srgb) = (Swap::decode(register >> 10), register & (1 << 13) != 0);
        let format = Format::decode(register, swap, srgb);
        let reason = "the format is planar, block-compressed or unknown";
        Ok(Self {
            format: format.ok_or(Cause::Surface(reason))?,
            tile_mode: (register >> 8) & 3,
        })
    }
}

/// A corner: column in 13:0, row in 29:16.
fn corner(register: u32) -> [u32; 2] {
    [register & 0x3fff, (register >> 16) & 0x3fff]
}

/// The rectangle of two registers with the first and last column and row.
pub(super) fn rectangle(registers: &Registers<'_>, first: u32) -> Rectangle {
    let [left, top] = corner(registers.get(first));
    let [right, bottom] = corner(registers.get(first + 1));
    Rectangle {
        left,
        top,
        right: right + 1,
        bottom: bottom + 1,
    }
}

/// A coordinate of the source: 17 bits, signed, and 8 bits of fraction.
fn coordinate(register: u32) -> i64 {
    let value = i64::from(register & 0x1ff_ffff);
    (value ^ (1 << 24)) - (1 << 24)
}

impl Blit {
    /// The blit that the registers describe; `None` when it writes nothing. `solid` demands a fill
    /// or a copy, whatever the registers say of it.
    pub(crate) fn decode(
        registers: &Registers<'_>,
        chip: &Chip,
        solid: Option<bool>,
    ) -> Result<Option<Self>, Cause> {
        let control = registers.get(RB_2D_BLIT_CNTL);
        let destination_rectangle = rectangle(registers, GRAS_2D_DST_TL);
        let mut area = destination_rectangle;
        if control & (1 << 16) != 0 {
            area = area.intersection(&rectangle(registers, GRAS_2D_RESOLVE_CNTL_1));
        }
        if area.width() == 0 || area.height() == 0 {
            return Ok(None);
        }
        let destination = destination(registers, chip)?;
        let format = destination.format;
        if format.kind == Kind::SharedExponent {
            return Err(Cause::Surface(
                "the shared-exponent format cannot be written",
            ));
        }
        let input = if solid.unwrap_or(control & (1 << 7) != 0) {
            solid_input(registers, control, &format)?
        } else {
            surface_input(
                registers,
                chip,
                control,
                &destination,
                destination_rectangle,
                &area,
            )?
        };
        let written = format.bits_of((control >> 20) & 0xf);
        let kept = kept(registers, &format)?;
        let texels = Texels {
            destination,
            input,
            written,
            kept,
            columns: 0,
        };
        let whole = kept == 0 && written == format.bits_of(0xf);
        Ok(Some(Self {
            method: method(texels, &area, whole),
            area,
            rows: 0,
        }))
    }
}

/// The fastest way to do a blit of texels; `whole` tells that all of their bits are written.
pub(super) fn method(texels: Texels, area: &Rectangle, whole: bool) -> Method {
    let destination = texels.destination;
    let fast = match &texels.input {
        Input::Solid(pattern) => solid_method(destination, *pattern, area),
        Input::Surface {
            surface,
            conversion: Conversion::None,
            start: Some(start),
            ..
        } => copy_method(destination, *surface, *start, area),
        Input::Surface { .. } => None,
    };
    fast.filter(|_| whole).unwrap_or(Method::Texels(texels))
}

/// A fill of whole texels in bulk; `None` when their size has no pattern.
fn solid_method(surface: Surface, pattern: u128, area: &Rectangle) -> Option<Method> {
    let Some(tiling) = surface.tiling() else {
        let even = surface.format.bytes.is_power_of_two();
        return even.then_some(Method::Fill { surface, pattern });
    };
    let action = Action::Fill(pattern);
    Some(Method::Blocks(Blocks {
        tiled: surface,
        tiling,
        action,
        region: *area,
        origin: [0, 0],
        columns: 0,
    }))
}

/// A copy of whole texels in bulk, from `start` in the source on; `None` when both surfaces are
/// tiled.
fn copy_method(
    destination: Surface,
    source: Surface,
    start: [u32; 2],
    area: &Rectangle,
) -> Option<Method> {
    let [left, top] = start;
    let there = Rectangle {
        left,
        top,
        right: left + area.width(),
        bottom: top + area.height(),
    };
    let blocks = |tiled, tiling, action, region, origin| {
        Method::Blocks(Blocks {
            tiled,
            tiling,
            action,
            region,
            origin,
            columns: 0,
        })
    };
    match (destination.tiling(), source.tiling()) {
        (None, None) => Some(Method::Copy(Copy {
            destination,
            source,
            left,
            top,
        })),
        (Some(tiling), None) => Some(blocks(
            destination,
            tiling,
            Action::Write(source),
            *area,
            start,
        )),
        (None, Some(tiling)) => {
            let origin = [area.left, area.top];
            Some(blocks(
                source,
                tiling,
                Action::Read(destination),
                there,
                origin,
            ))
        }
        (Some(_), Some(_)) => None,
    }
}

/// The destination surface.
fn destination(registers: &Registers<'_>, chip: &Chip) -> Result<Surface, Cause> {
    let Information { format, tile_mode } = Information::decode(registers.get(RB_2D_DST_INFO))?;
    let base = registers.get64(RB_2D_DST_INFO + 1);
    aligned(base, 64)?;
    let pitch = u64::from(registers.get(RB_2D_DST_INFO + 3) & 0xffff) << 6;
    Surface::new(chip, base, pitch, tile_mode, format, true)
}

/// The solid colour as input.
fn solid_input(registers: &Registers<'_>, control: u32, format: &Format) -> Result<Input, Cause> {
    let intermediate = Intermediate::decode(control >> 24);
    let intermediate = intermediate.ok_or(Cause::Surface("the internal format has no meaning"))?;
    let channels = [0, 1, 2, 3].map(|channel| registers.get(RB_2D_SRC_SOLID_C0 + channel));
    let texel = intermediate.texel(format, channels);
    Ok(Input::Solid(texel.ok_or(Cause::Surface(
        "the destination's format cannot be written",
    ))?))
}

/// The source surface as input.
fn surface_input(
    registers: &Registers<'_>,
    chip: &Chip,
    control: u32,
    destination: &Surface,
    rectangle: Rectangle,
    area: &Rectangle,
) -> Result<Input, Cause> {
    let first = source_registers(chip.generation);
    let information = registers.get(first);
    let map = source_map(registers, first + 1, control, rectangle)?;
    let surface = source_surface(registers, chip, first, information)?;
    if surface.format.kind.is_integer() != destination.format.kind.is_integer() {
        return Err(Cause::Surface(
            "integers do not convert to fractions, nor back",
        ));
    }
    let filter = information & (1 << 16) != 0 && !surface.format.kind.is_integer();
    let conversion = if filter && !map.is_exact() {
        Conversion::Average
    } else {
        Conversion::between(&surface.format, &destination.format)
    };
    let start = map.translation(area);
    Ok(Input::Surface {
        surface,
        map,
        conversion,
        start,
    })
}

/// The way from the destination to the source, whose size is in the register `size`.
fn source_map(
    registers: &Registers<'_>,
    size: u32,
    control: u32,
    destination: Rectangle,
) -> Result<Map, Cause> {
    let size = registers.get(size);
    let size = [size & 0x7fff, (size >> 15) & 0x7fff];
    if size.contains(&0) {
        return Err(Cause::Surface("the source has no texels"));
    }
    let [left, right, top, bottom] =
        [0, 1, 2, 3].map(|edge| coordinate(registers.get(GRAS_2D_SRC_TL_X + edge)));
    // The right and bottom coordinates are those of the last texel.
    let (width, height) = (right - left + 256, bottom - top + 256);
    if width <= 0 || height <= 0 {
        return Err(Cause::Surface("the source rectangle is empty"));
    }
    let source = Source {
        left,
        top,
        width,
        height,
    };
    Ok(Map {
        destination,
        source,
        rotation: Rotation::decode(control)?,
        size,
    })
}

/// The source surface.
fn source_surface(
    registers: &Registers<'_>,
    chip: &Chip,
    first: u32,
    information: u32,
) -> Result<Surface, Cause> {
    let Information { format, tile_mode } = Information::decode(information)?;
    let mut base = registers.get64(first + 2);
    aligned(base, 16)?;
    let pitch = registers.get(first + 4);
    let pitch = match chip.generation {
        // Multiples of 64 bytes in 23:9.
        Generation::A6xx => u64::from((pitch >> 9) & 0x7fff) << 6,
        // Bytes in 23:3, and a source of the type A6XX_TEX_IMG_BUFFER may begin within its first 64
        // bytes.
        Generation::A7xx => {
            let control = registers.get(TPL1_2D_SRC_CNTL);
            if control >> 29 == 5 {
                let texels = u64::from((control >> 16) & 0x3f);
                base = base.saturating_add(texels * u64::from(format.bytes));
            }
            u64::from((pitch >> 3) & 0x1f_ffff)
        }
    };
    Surface::new(chip, base, pitch, tile_mode, format, false)
}

/// The bits of a texel that stay as they were: with D24S8, the depth or the stencil.
fn kept(registers: &Registers<'_>, format: &Format) -> Result<u128, Cause> {
    match registers.get(RB_2D_UNKNOWN_8C01) {
        0 => Ok(0),
        0x0800_0041 => Ok(format.bits_of(0b1000)),
        0x0008_4001 => Ok(format.bits_of(0b0111)),
        _ => Err(Cause::Surface(
            "RB_2D_UNKNOWN_8C01 has a value without known meaning",
        )),
    }
}

/// Faults on an address that is no multiple of `alignment`.
pub(super) fn aligned(address: u64, alignment: u64) -> Result<(), Cause> {
    if address % alignment == 0 {
        Ok(())
    } else {
        Err(Cause::Misaligned { address, alignment })
    }
}
