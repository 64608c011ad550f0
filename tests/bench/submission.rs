// SPDX-License-Identifier: GPL-2.0

//! Work from its submission until the program knows that it is done.

use std::io;

use super::measure::timed;
use super::record::Title;
use super::run::Session;
use crate::client::{Bench, Device, SwSync, Vgem};
use crate::pm4::Commands;

/// More than any wait takes, in milliseconds.
const LONG: u32 = 25_000;

/// The commands of the smallest work that leaves something behind.
pub(super) fn commands(bench: &Bench<'_>) -> (u64, usize) {
    let commands = Commands::default().mem_write(bench.dword(0), &[7]).clone();
    bench.write_at(0, &commands)
}

/// Submits commands and waits for them.
pub(super) fn submit(bench: &Bench<'_>, (address, dwords): (u64, usize)) -> io::Result<()> {
    let timestamp = bench.context.submit(address, dwords)?;
    Ok(bench.context.wait(timestamp, LONG)?)
}

/// One CP_MEM_WRITE beside fences that are signaled without any work.
pub(super) fn compare(session: &mut Session) -> io::Result<()> {
    let device = Device::open()?;
    let bench = Bench::new(&device);
    let commands = commands(&bench);
    let mut ours = timed(|| submit(&bench, commands));
    let title = |peer| Title {
        job: "submit + wait, one MEM_WRITE",
        size: 0,
        peer,
        target: 1.0,
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
