// SPDX-License-Identifier: GPL-2.0

//! Work from its submission until the program knows that it is done.

use std::io;
use std::mem::offset_of;
use std::sync::atomic::Ordering;

use kgsl_shim::abi::memory::{DeviceMemstore, MEMSTORE_SIZE, MEMSTORE_TOKEN};

use super::measure::timed;
use super::record::Title;
use super::run::Session;
use crate::client::{Access, Bench, Device, Mapping, SwSync, Vgem};
use crate::pm4::Commands;

/// More than any wait takes, in milliseconds.
const LONG: u32 = 25_000;

/// The commands of the smallest work that leaves something behind.
pub(super) fn commands(bench: &Bench<'_>) -> (u64, usize) {
    writes(bench, 1)
}

/// Commands that write so many dwords, each by a packet of its own.
pub(super) fn writes(bench: &Bench<'_>, count: u64) -> (u64, usize) {
    let mut commands = Commands::default();
    for index in 0..count {
        commands.mem_write(bench.dword(index), &[7]);
    }
    bench.write_at(0, &commands)
}

/// Submits commands and waits for them.
pub(super) fn submit(bench: &Bench<'_>, (address, dwords): (u64, usize)) -> io::Result<()> {
    let timestamp = bench.context.submit(address, dwords)?;
    Ok(bench.context.wait(timestamp, LONG)?)
}

/// The timestamp memory, from which programs read how far their contexts are.
struct Memstore {
    mapping: Mapping,
    /// The dword of the context's retired timestamp.
    retired: usize,
}

impl Memstore {
    /// The whole of it, of which the context's slot is watched.
    fn of(bench: &Bench<'_>, device: &Device) -> io::Result<Self> {
        let size = usize::try_from(MEMSTORE_SIZE).map_err(io::Error::other)?;
        let slot = usize::try_from(bench.context.id).map_err(io::Error::other)?;
        let at = slot * size_of::<DeviceMemstore>() + offset_of!(DeviceMemstore, eoptimestamp);
        Ok(Self {
            mapping: Mapping::new(device, size, Access::Read, MEMSTORE_TOKEN)?,
            retired: at / size_of::<u32>(),
        })
    }

    /// Whether the context has retired a timestamp.
    fn has_retired(&self, timestamp: u32) -> bool {
        let retired = self.mapping.dwords()[self.retired].load(Ordering::Acquire);
        retired.wrapping_sub(timestamp) < 1 << 31
    }
}

/// Submits commands and waits for them as Qualcomm's own library does: the call that waits is made
/// where the timestamp memory does not show the timestamp yet.
fn submit_and_look(
    bench: &Bench<'_>,
    memstore: &Memstore,
    (address, dwords): (u64, usize),
) -> io::Result<()> {
    let timestamp = bench.context.submit(address, dwords)?;
    if memstore.has_retired(timestamp) {
        return Ok(());
    }
    Ok(bench.context.wait(timestamp, LONG)?)
}

/// One CP_MEM_WRITE beside fences that are signaled without any work.
pub(super) fn compare(session: &mut Session) -> io::Result<()> {
    let device = Device::open()?;
    let bench = Bench::new(&device);
    let commands = commands(&bench);
    compare_with_fences(session, "submit + wait, one MEM_WRITE", || {
        submit(&bench, commands)
    })?;
    let memstore = Memstore::of(&bench, &device)?;
    let job = "submit + wait in the memstore, one MEM_WRITE";
    compare_with_fences(session, job, || {
        submit_and_look(&bench, &memstore, commands)
    })
}

/// Work beside fences that are signaled without any.
fn compare_with_fences(
    session: &mut Session,
    job: &'static str,
    work: impl FnMut() -> io::Result<()>,
) -> io::Result<()> {
    let mut ours = timed(work);
    let title = |peer| Title {
        job,
        size: 0,
        peer,
        target: Some(1.0),
    };
    let timeline = SwSync::new()?;
    let mut point = 0;
    let mut sw_sync = timed(|| {
        point += 1;
        let fence = timeline.fence(point);
        timeline.advance();
        signaled(fence.poll(LONG))
    });
    session.compare(
        &title("sw_sync create + inc + poll"),
        &mut ours,
        &mut sw_sync,
    )?;
    let vgem = Vgem::open()?;
    let handle = vgem.create(1)?;
    let mut attach = timed(|| Ok(vgem.signal(vgem.attach(handle)?)?));
    session.compare(&title("vgem attach + signal"), &mut ours, &mut attach)
}

/// An error unless a fence has signaled.
pub(super) fn signaled(signaled: bool) -> io::Result<()> {
    match signaled {
        true => Ok(()),
        false => Err(io::Error::other("a fence did not signal")),
    }
}
