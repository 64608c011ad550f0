// SPDX-License-Identifier: GPL-2.0

//! Clears of system memory by the event CCU_RESOLVE of A7xx.

use super::machine::{packet, write, Machine, DATA};
use crate::gpu::fault::Cause;
use crate::gpu::opcode::Opcode as O;
use std::vec::Vec;

/// The pitch of every surface, in bytes.
const PITCH: u64 = 256;

/// What the registers say: format, swap, tile mode, samples, the texel and the mask.
#[derive(Clone, Copy)]
struct Clear {
    format: u32,
    swap: u32,
    tile_mode: u32,
    samples: u32,
    texel: [u32; 4],
    info: u32,
    mode: u32,
}

/// A clear of all channels of a colour surface in system memory.
const COLOR: Clear = Clear {
    format: 0x30,
    swap: 0,
    tile_mode: 0,
    samples: 0,
    texel: [0x4433_2211, 0x8877_6655, 0xccbb_aa99, 0x00ff_eedd],
    info: 2 | (0xf << 4),
    mode: 0,
};

impl Clear {
    /// The stream, for columns 2 to 4 and rows 1 to 2.
    fn stream(&self) -> Vec<u32> {
        let info = self.tile_mode | (self.samples << 3) | (self.swap << 5) | (self.format << 7);
        let base = u32::try_from(DATA).unwrap();
        let pitch = u32::try_from(PITCH / 64).unwrap();
        [
            write(0x88d1, &[2 | (1 << 16), 4 | (2 << 16)]),
            write(0x88d7, &[info, base, 0, pitch]),
            write(0x88df, &self.texel),
            write(0x88e3, &[self.info, self.mode]),
            packet(O::EventWrite7, &[30]),
        ]
        .concat()
    }

    /// Runs it on zeroed memory; the dwords of the first three rows.
    fn run(&self) -> Vec<Vec<u32>> {
        let mut machine = Machine::new("a740");
        machine.complete(&self.stream());
        let row = |y: u64| (0..16).map(move |x| DATA + y * PITCH + x * 4);
        (0..3)
            .map(|y| row(y).map(|address| machine.dword(address)).collect())
            .collect()
    }
}

/// A row with these dwords from `first` on.
fn row(first: usize, dwords: &[u32]) -> Vec<u32> {
    let mut row = std::vec![0; 16];
    row[first..first + dwords.len()].copy_from_slice(dwords);
    row
}

#[test]
fn the_texel_is_written_to_the_scissor() {
    let expected = row(2, &[0x4433_2211; 3]);
    assert_eq!(COLOR.run(), [row(0, &[]), expected.clone(), expected]);
}

#[test]
fn channels_go_where_the_swap_puts_them() {
    let clear = Clear { swap: 1, ..COLOR };
    assert_eq!(clear.run()[1], row(2, &[0x4411_2233; 3]));
}

#[test]
fn texels_of_any_size_are_written() {
    let clear = Clear {
        format: 0x82,
        ..COLOR
    };
    assert_eq!(clear.run()[1], row(8, &COLOR.texel.repeat(2)));
    let clear = Clear {
        format: 0x03,
        ..COLOR
    };
    assert_eq!(clear.run()[1], row(0, &[0x1111_0000, 0x11]));
}

#[test]
fn depth_and_stencil_are_cleared_apart() {
    let clear = |mask: u32| Clear {
        format: 0xa0,
        info: 2 | (1 << 3) | (mask << 4),
        ..COLOR
    };
    assert_eq!(clear(1).run()[1], row(2, &[0x0033_2211; 3]));
    assert_eq!(clear(2).run()[1], row(2, &[0x4400_0000; 3]));
    assert_eq!(clear(3).run()[1], row(2, &[0x4433_2211; 3]));
}

#[test]
fn tiled_surfaces_are_cleared() {
    let clear = Clear {
        tile_mode: 3,
        ..COLOR
    };
    let written = clear.run().concat();
    let count = written
        .iter()
        .filter(|dword| **dword == 0x4433_2211)
        .count();
    // Some of the six texels lie beyond what is looked at, or all within.
    assert!((1..=6).contains(&count), "{count}");
    assert_ne!(written, COLOR.run().concat());
}

#[test]
fn what_needs_a_render_backend_is_counted_or_refused() {
    let others = [
        Clear { mode: 1, ..COLOR },
        Clear { info: 0, ..COLOR },
        Clear {
            samples: 1,
            ..COLOR
        },
    ];
    for clear in others {
        let mut machine = Machine::new("a740");
        machine.complete(&clear.stream());
        assert_eq!(machine.processor.counters().resolves_skipped, 1);
        assert_eq!(machine.dword(DATA + PITCH + 8), 0);
        machine.configuration.strict = true;
        let fault = machine.fault(&clear.stream());
        assert_eq!(fault.cause, Cause::RenderBackend(O::EventWrite7));
    }
}

#[test]
fn a_surface_that_cannot_be_cleared_faults() {
    let clear = Clear {
        format: 0xff,
        ..COLOR
    };
    let fault = Machine::new("a740").fault(&clear.stream());
    assert!(matches!(fault.cause, Cause::Surface(_)), "{fault}");
}
