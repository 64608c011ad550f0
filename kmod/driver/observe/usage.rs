// SPDX-License-Identifier: GPL-2.0

//! What a file has had of the GPU, in all its contexts.

use crate::ext::cache_line::CacheLine;
use kernel::{
    alloc::flags,
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Arc, //
    }, //
};

/// How many contexts may run side by side without a line in common.
const LANES: usize = 8;

/// Sums that only grow.
pub(crate) struct Usage {
    /// For how many nanoseconds its command processors have run, each by itself: the sum of all. Those
    /// of contexts that run side by side stand in lines of their own.
    run_ns: [CacheLine<Atomic<u64>>; LANES],
}

impl Usage {
    /// Nothing yet.
    pub(crate) fn new() -> Result<Arc<Self>> {
        let usage = Self {
            run_ns: [const { CacheLine::new(Atomic::new(0)) }; LANES],
        };
        Ok(Arc::new(usage, flags::GFP_KERNEL_ACCOUNT)?)
    }

    /// The command processor of a context has run.
    pub(crate) fn ran(&self, context: u32, nanoseconds: u64) {
        // CAST: No supported kernel has a `usize` narrower than 32 bits.
        if let Some(lane) = self.run_ns.get(context as usize % LANES) {
            lane.fetch_add(nanoseconds, Relaxed);
        }
    }

    /// For how many nanoseconds they have run.
    pub(crate) fn run_ns(&self) -> u64 {
        self.run_ns.iter().map(|lane| lane.load(Relaxed)).sum()
    }
}
