// SPDX-License-Identifier: GPL-2.0

//! Fills and copies by the 2D engine beside the kernel's memset and memcpy, of as many bytes; on the same pages, where
//! the GPU has imported them, and on the GPU's own.

use std::io;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::kernel_memory::KernelMemory;
use super::measure::timed;
use super::record::Title;
use super::run::Session;
use super::submission;
use crate::client::{Access, Bench, Device, Mapping, Object};
use crate::pm4::Commands;

/// How many bytes are filled or copied.
const SIZE: u64 = 16 << 20;

/// How many sets of buffers either side has: how fast memory is depends on where it lies, in the machine and in the host.
/// A sample works on all of them, so that either side comes to the same pages after the other as often as before it: who
/// comes second finds them in the caches and in QEMU's table of translations.
const SETS: u32 = 4;

/// From the commands for a set to those for the next, in bytes.
const COMMANDS: usize = 512;

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

impl Surfaces {
    /// The GPU's own memory.
    fn new(device: &Device) -> io::Result<Self> {
        let to = Object::gpumem(device, SIZE, 0)?;
        let from = Object::gpumem(device, SIZE + STAGGER, 0)?;
        Ok(Self {
            to: to.gpu_address,
            from: from.gpu_address + STAGGER,
            result: to.map(device)?,
        })
    }

    /// The memory that the kernel works on.
    fn of(device: &Device, memory: &KernelMemory) -> io::Result<Self> {
        let import = |buffer| {
            let id = Object::import_dma_buf(device, buffer)?;
            Object::info(device, id).map(|info| info.gpuaddr)
        };
        let [to, from] = &memory.buffers;
        let length = usize::try_from(SIZE).map_err(io::Error::other)?;
        Ok(Self {
            to: import(to)?,
            from: import(from)?,
            result: Mapping::new(to, length, Access::ReadWrite, 0)?,
        })
    }
}

/// Fills and copies of the GPU's own memory, and of the memory that the kernel works on.
pub(super) fn compare(session: &mut Session) -> io::Result<()> {
    let device = Device::open()?;
    let memories = (0..SETS).map(|_| KernelMemory::new(SIZE));
    let memories = memories.collect::<io::Result<Vec<_>>>()?;
    let own = (0..SETS).map(|_| Surfaces::new(&device));
    let own = own.collect::<io::Result<Vec<_>>>()?;
    compare_on(session, &device, &memories, &own, ["2D fill", "2D copy"])?;
    let same = memories.iter().map(|memory| Surfaces::of(&device, memory));
    let same = same.collect::<io::Result<Vec<_>>>()?;
    let jobs = ["2D fill, the same pages", "2D copy, the same pages"];
    compare_on(session, &device, &memories, &same, jobs)
}

fn compare_on(
    session: &mut Session,
    device: &Device,
    memories: &[KernelMemory],
    surfaces: &[Surfaces],
    [fill, copy]: [&'static str; 2],
) -> io::Result<()> {
    let bench = Bench::new(device);
    let title = |job, peer| Title {
        job,
        size: SIZE,
        peer,
        target: Some(1.1),
    };
    let filling = |set: &Surfaces| blit(SOLID, set.to, set.to);
    let mut ours = of_gpu(surfaces, FILLED, &bench, &filling)?;
    let mut theirs = of_kernel(memories, KernelMemory::fill);
    session.compare(&title(fill, "memset in the kernel"), &mut ours, &mut theirs)?;
    let copying = |set: &Surfaces| blit(0, set.to, set.from);
    let mut ours = of_gpu(surfaces, 0, &bench, &copying)?;
    let mut theirs = of_kernel(memories, KernelMemory::copy);
    session.compare(&title(copy, "memcpy in the kernel"), &mut ours, &mut theirs)
}

/// The kernel's work on each of its sets.
fn of_kernel(
    memories: &[KernelMemory],
    work: fn(&KernelMemory) -> io::Result<()>,
) -> impl FnMut(u32) -> io::Result<Duration> + '_ {
    for_one_set(move || memories.iter().try_for_each(work))
}

/// Work on all the sets, timed as work on one of them: the mean.
fn for_one_set<'a>(
    all: impl FnMut() -> io::Result<()> + 'a,
) -> impl FnMut(u32) -> io::Result<Duration> + 'a {
    let mut all = timed(all);
    move |count| Ok(all(count)? / SETS)
}

/// The GPU's work on each set, once it has been seen to leave that value.
fn of_gpu<'a>(
    surfaces: &[Surfaces],
    value: u32,
    bench: &'a Bench<'_>,
    commands: &dyn Fn(&Surfaces) -> Commands,
) -> io::Result<impl FnMut(u32) -> io::Result<Duration> + 'a> {
    let mut work = Vec::new();
    for (offset, set) in (0..).step_by(COMMANDS).zip(surfaces) {
        let one = bench.write_at(offset, &commands(set));
        submission::submit(bench, one)?;
        expect(&set.result, value)?;
        work.push(one);
    }
    Ok(for_one_set(move || {
        work.iter()
            .try_for_each(|one| submission::submit(bench, *one))
    }))
}

/// An error unless every dword of the destination has the value: a GPU that did nothing would be quick.
fn expect(result: &Mapping, value: u32) -> io::Result<()> {
    let right = |dword: &AtomicU32| dword.load(Ordering::Relaxed) == value;
    match result.dwords().iter().all(right) {
        true => Ok(()),
        false => Err(io::Error::other("the GPU did not fill or copy")),
    }
}
