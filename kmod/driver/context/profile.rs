// SPDX-License-Identifier: GPL-2.0

//! What a profiled submission leaves in memory: when it was queued, begun and finished.

use crate::{
    abi::command::ProfilingBuffer,
    driver::memory::GpuView,
    ext::time,
    gpu::memory::Memory, //
};
use core::mem::offset_of;

/// Nanoseconds in a second.
const NS_PER_S: u64 = 1_000_000_000;

/// Where a submission's profile goes, and when it was queued.
#[derive(Clone, Copy)]
pub(crate) struct Profile {
    /// GPU address of the [`ProfilingBuffer`], in bytes; a multiple of 8.
    pub(crate) address: u64,
    /// The wall clock when it was queued, in nanoseconds.
    pub(crate) wall_clock_ns: u64,
}

impl Profile {
    /// The submission is queued.
    pub(super) fn queued(&self, view: &mut GpuView) {
        let ticks = time::always_on_ticks();
        self.store(
            view,
            offset_of!(ProfilingBuffer, wall_clock_s),
            self.wall_clock_ns / NS_PER_S,
        );
        self.store(
            view,
            offset_of!(ProfilingBuffer, wall_clock_ns),
            self.wall_clock_ns % NS_PER_S,
        );
        self.store(view, offset_of!(ProfilingBuffer, gpu_ticks_queued), ticks);
    }

    /// The GPU begins it.
    pub(super) fn submitted(&self, view: &mut GpuView) {
        let ticks = time::always_on_ticks();
        self.store(
            view,
            offset_of!(ProfilingBuffer, gpu_ticks_submitted),
            ticks,
        );
    }

    /// The GPU has finished it.
    pub(super) fn retired(&self, view: &mut GpuView) {
        let ticks = time::always_on_ticks();
        self.store(view, offset_of!(ProfilingBuffer, gpu_ticks_retired), ticks);
    }

    /// Writes one field. The program may have freed the buffer meanwhile; the profile is lost then,
    /// nothing else.
    fn store(&self, view: &mut GpuView, field: usize, value: u64) {
        // CAST: The structure is 40 bytes long.
        if let Some(address) = self.address.checked_add(field as u64) {
            let _ = view.store64(address, value);
        }
    }
}
