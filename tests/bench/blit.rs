// SPDX-License-Identifier: GPL-2.0

//! Fills and copies by the 2D engine beside the kernel's memset and memcpy, of as many bytes; on the same pages, where
//! the GPU has imported them, and on the GPU's own.

use std::io;
use std::sync::atomic::{AtomicU32, Ordering};

use super::kernel_memory::KernelMemory;
use super::measure::timed;
use super::record::Title;
use super::run::Session;
use super::submission;
use crate::client::{Access, Bench, Device, Mapping, Object};
use crate::pm4::Commands;

/// How many bytes are filled or copied.
const SIZE: u64 = 16 << 20;

/// By how many bytes the source is moved against its pages: large blocks of memory begin at like addresses, and a page and
/// its copy would then meet in one place of QEMU's table of translations. The other side's buffers lie a page apart.
const STAGGER: u64 = 4096;

/// 32-bit texels, without tiles, as both sides have them.
const FORMAT: u32 = 0x4b;

/// A surface of all the bytes, in texels, and the bytes from a row to the next.
const COLUMNS: u32 = 4096;
const ROWS: u32 = 1024;
const PITCH: u32 = 4 * COLUMNS;

/// What fills write to every dword, as memset does on the other side.
const FILLED: u32 = 0x5a5a_5a5a;

/// RB_2D_BLIT_CNTL: a solid color; both: the mask of everything, and the format of the color.
const SOLID: u32 = (1 << 7) | (7 << 24);
const EVERYTHING: u32 = 0xf << 20;

/// A blit of a whole surface of A6xx.
fn blit(control: u32, to: u64, from: u64) -> Commands {
    let (right, bottom) = (COLUMNS - 1, ROWS - 1);
    let [to_low, to_high] = split(to);
    let [from_low, from_high] = split(from);
    let mut commands = Commands::default();
    commands
        .registers(0x8c00, &[control | EVERYTHING])
        .registers(0x8400, &[control | EVERYTHING])
        .registers(0x8405, &[0, right | (bottom << 16)])
        .registers(0x8401, &[0, right << 8, 0, bottom << 8])
        .registers(
            0xb4c0,
            &[
                FORMAT,
                COLUMNS | (ROWS << 15),
                from_low,
                from_high,
                (PITCH / 64) << 9,
            ],
        )
        .registers(0x8c17, &[FORMAT, to_low, to_high, PITCH / 64])
        .registers(0x8c2c, &[FILLED; 4])
        .packet(0x2c, &[3]);
    commands
}

fn split(address: u64) -> [u32; 2] {
    // Each half fits.
    [(address & 0xffff_ffff) as u32, (address >> 32) as u32]
}

/// A destination and a source, as the GPU sees them, and the destination as the process does.
struct Surfaces {
    to: u64,
    from: u64,
    result: Mapping,
}

/// Fills and copies of the GPU's own memory, and of the memory that the kernel works on.
pub(super) fn compare(session: &mut Session) -> io::Result<()> {
    let device = Device::open()?;
    let memory = KernelMemory::new(SIZE)?;
    let to = Object::gpumem(&device, SIZE, 0)?;
    let from = Object::gpumem(&device, SIZE + STAGGER, 0)?;
    let own = Surfaces {
        to: to.gpu_address,
        from: from.gpu_address + STAGGER,
        result: to.map(&device)?,
    };
    compare_on(session, &device, &memory, &own, ["2D fill", "2D copy"])?;
    let import = |buffer| {
        let id = Object::import_dma_buf(&device, buffer)?;
        Object::info(&device, id).map(|info| info.gpuaddr)
    };
    let [to, from] = &memory.buffers;
    let length = own.result.dwords().len() * size_of::<u32>();
    let same = Surfaces {
        to: import(to)?,
        from: import(from)?,
        result: Mapping::new(to, length, Access::ReadWrite, 0)?,
    };
    let jobs = ["2D fill, the same pages", "2D copy, the same pages"];
    compare_on(session, &device, &memory, &same, jobs)
}

fn compare_on(
    session: &mut Session,
    device: &Device,
    memory: &KernelMemory,
    surfaces: &Surfaces,
    [fill, copy]: [&'static str; 2],
) -> io::Result<()> {
    let bench = Bench::new(device);
    let title = |job, peer| Title {
        job,
        size: SIZE,
        peer,
        target: 1.1,
    };
    let filling = bench.write_at(0, &blit(SOLID, surfaces.to, surfaces.to));
    let mut ours = timed(|| submission::submit(&bench, filling));
    ours(1)?;
    expect(&surfaces.result, FILLED)?;
    let title_of_fill = title(fill, "memset in the kernel");
    let mut theirs = timed(|| memory.fill());
    session.compare(&title_of_fill, &mut ours, &mut theirs)?;
    let copying = bench.write_at(2048, &blit(0, surfaces.to, surfaces.from));
    let mut ours = timed(|| submission::submit(&bench, copying));
    ours(1)?;
    expect(&surfaces.result, 0)?;
    let title_of_copy = title(copy, "memcpy in the kernel");
    let mut theirs = timed(|| memory.copy());
    session.compare(&title_of_copy, &mut ours, &mut theirs)
}

/// An error unless every dword of the destination has the value: a GPU that did nothing would be quick.
fn expect(result: &Mapping, value: u32) -> io::Result<()> {
    let right = |dword: &AtomicU32| dword.load(Ordering::Relaxed) == value;
    match result.dwords().iter().all(right) {
        true => Ok(()),
        false => Err(io::Error::other("the GPU did not fill or copy")),
    }
}
