// SPDX-License-Identifier: GPL-2.0

//! Writing to all memory that is free, once, before anything is measured.
//!
//! An emulator that translates code watches the pages that it has translated, also when what ran there is gone and the
//! page holds something else: every write to it is slow until all of it has been overwritten. Which pages those are
//! (what the kernel ran only at its start, programs that have ended) and who gets them next differs from boot to boot,
//! so that a row could be twice as slow in one boot as in another.

use std::fs;
use std::io;
use std::sync::atomic::Ordering;

use crate::client::Mapping;

/// What is left to the kernel, in KiB.
const LEFT: usize = 64 << 10;

/// Dwords of a page.
const STEP: usize = 1024;

/// Has the kernel clear what is free.
pub(super) fn scrub() -> io::Result<()> {
    let length = free()?.saturating_sub(LEFT) << 10;
    let memory = Mapping::anonymous(length)?;
    let pages = memory.dwords().iter().step_by(STEP);
    pages.for_each(|dword| dword.store(1, Ordering::Relaxed));
    Ok(())
}

/// How much memory is free, in KiB.
fn free() -> io::Result<usize> {
    let text = fs::read_to_string("/proc/meminfo")?;
    text.lines()
        .find_map(|line| line.strip_prefix("MemFree:"))
        .and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok())
        .ok_or_else(|| io::Error::other("/proc/meminfo says nothing of free memory"))
}
