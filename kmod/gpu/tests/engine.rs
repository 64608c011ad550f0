// SPDX-License-Identifier: GPL-2.0

//! Command streams for the 2D engine, as a driver writes them.

use super::machine::{high, low, packet, write, Machine, BASE, DATA, SIZE, STREAM};
use super::reference::Surface;
use crate::gpu::memory::Memory;
use crate::gpu::opcode::Opcode;
use std::vec::Vec;

/// A blit, as its registers describe it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Job {
    /// Whether the chip is an A7xx.
    pub(super) a7xx: bool,
    /// The destination.
    pub(super) to: Surface,
    /// First and last column and row of it: left, top, right, bottom.
    pub(super) to_area: [u32; 4],
    /// The solid colour, if any, and the internal format that it is in.
    pub(super) solid: Option<([u32; 4], u32)>,
    /// The source.
    pub(super) from: Surface,
    /// Its columns and rows.
    pub(super) from_size: [u32; 2],
    /// First and last column and row of it: left, top, right, bottom.
    pub(super) from_area: [i32; 4],
    /// More bits of RB_2D_BLIT_CNTL.
    pub(super) control: u32,
    /// More bits of SP_PS_2D_SRC_INFO.
    pub(super) source_info: u32,
    /// More bits of RB_2D_DST_INFO.
    pub(super) destination_info: u32,
    /// RB_2D_UNKNOWN_8C01.
    pub(super) unknown_8c01: u32,
    /// The scissor, inclusive, if any.
    pub(super) scissor: Option<[u32; 4]>,
}

/// The information register of a surface.
fn information(surface: &Surface) -> u32 {
    surface.format | (surface.swap << 10) | (u32::from(surface.srgb) << 13)
}

impl Job {
    /// A copy of a rectangle onto one of the same size.
    pub(super) fn copy(a7xx: bool, to: Surface, from: Surface, width: u32, height: u32) -> Self {
        let (right, bottom) = (width - 1, height - 1);
        Self {
            a7xx,
            to,
            to_area: [0, 0, right, bottom],
            solid: None,
            from,
            from_size: [width, height],
            from_area: [0, 0, right.try_into().unwrap(), bottom.try_into().unwrap()],
            control: 0,
            source_info: 0,
            destination_info: 0,
            unknown_8c01: 0,
            scissor: None,
        }
    }

    /// A fill of a rectangle.
    pub(super) fn fill(to: Surface, area: [u32; 4], color: [u32; 4], internal: u32) -> Self {
        let mut job = Self::copy(false, to, to, 1, 1);
        (job.to_area, job.solid) = (area, Some((color, internal)));
        job
    }

    /// The command stream.
    pub(super) fn stream(&self) -> Vec<u32> {
        let internal = self.solid.map_or(0x10, |(_, internal)| internal);
        let scissor = u32::from(self.scissor.is_some()) << 16;
        let solid = u32::from(self.solid.is_some()) << 7;
        let mask = if self.control & (1 << 31) == 0 {
            0xf << 20
        } else {
            0
        };
        let control = self.control & !(1 << 31) | (internal << 24) | mask | solid | scissor;
        let mut stream = write(0x8c01, &[self.unknown_8c01]);
        stream.extend(write(0x8c00, &[control]));
        stream.extend(write(0x8400, &[control]));
        if let Some((color, _)) = self.solid {
            stream.extend(write(0x8c2c, &color));
        }
        if let Some([left, top, right, bottom]) = self.scissor {
            stream.extend(write(0x840a, &[left | (top << 16), right | (bottom << 16)]));
        }
        let [left, top, right, bottom] = self.to_area;
        stream.extend(write(0x8405, &[left | (top << 16)]));
        stream.extend(write(0x8406, &[right | (bottom << 16)]));
        let [left, top, right, bottom] = self.from_area.map(|edge| (edge << 8) as u32 & 0x1ff_ffff);
        stream.extend(write(0x8401, &[left, right, top, bottom]));
        let pitch = u32::try_from(self.from.pitch).unwrap();
        let (first, pitch) = if self.a7xx {
            (0xb2c0, pitch << 3)
        } else {
            (0xb4c0, (pitch / 64) << 9)
        };
        let [width, height] = self.from_size;
        let info = information(&self.from) | self.source_info;
        let (a, b) = (low(self.from.base), high(self.from.base));
        stream.extend(write(first, &[info, width | (height << 15), a, b, pitch]));
        let info = information(&self.to) | self.destination_info;
        let (a, b) = (low(self.to.base), high(self.to.base));
        let pitch = u32::try_from(self.to.pitch / 64).unwrap();
        stream.extend(write(0x8c17, &[info, a, b, pitch]));
        stream.extend(packet(Opcode::Blit, &[3]));
        stream
    }
}

/// Where the destination lies.
pub(super) const TO: u64 = DATA;
/// Where the source lies.
pub(super) const FROM: u64 = DATA + 0x1_0000;

/// A surface with rows of `pitch` bytes.
pub(super) fn surface(base: u64, format: u32, pitch: u64) -> Surface {
    Surface {
        format,
        swap: 0,
        srgb: false,
        base,
        pitch,
    }
}

/// A machine with noise from [`DATA`] on.
pub(super) fn noise(chip: &str, seed: u64) -> Machine {
    let mut machine = Machine::new(chip);
    let mut state = seed | 1;
    for index in 0..(SIZE - (DATA - BASE)) / 8 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        machine.ram.store64(DATA + index * 8, state).unwrap();
    }
    machine
}

/// Runs a job, and the model with `texel` for each texel of the area that it writes; both must
/// agree on all memory.
pub(super) fn check(
    machine: &mut Machine,
    job: &Job,
    mut texel: impl FnMut(&mut Machine, u32, u32) -> u128,
) {
    let [left, top, right, bottom] = job.to_area;
    let mut expected = Vec::new();
    for y in top..=bottom {
        for x in left..=right {
            expected.push((x, y, texel(machine, x, y)));
        }
    }
    let stream = job.stream();
    let mut before = machine.ram.clone();
    machine.place(STREAM, &stream);
    before.bytes[..stream.len() * 4].copy_from_slice(&machine.ram.bytes[..stream.len() * 4]);
    for (x, y, texel) in expected {
        job.to.store(&mut before, u64::from(x), u64::from(y), texel);
    }
    machine.complete(&stream);
    if before.bytes == machine.ram.bytes {
        return;
    }
    let difference = before
        .bytes
        .iter()
        .zip(&machine.ram.bytes)
        .position(|(a, b)| a != b);
    panic!("byte {difference:x?} differs: {job:x?}");
}
