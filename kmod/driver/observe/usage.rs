// SPDX-License-Identifier: GPL-2.0

//! What a file has had of the GPU, in all its contexts.

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

/// Sums that only grow.
pub(crate) struct Usage {
    /// For how many nanoseconds its command processors have run, each by itself.
    run_ns: Atomic<u64>,
}

impl Usage {
    /// Nothing yet.
    pub(crate) fn new() -> Result<Arc<Self>> {
        let usage = Self {
            run_ns: Atomic::new(0),
        };
        Ok(Arc::new(usage, flags::GFP_KERNEL)?)
    }

    /// A command processor has run.
    pub(crate) fn ran(&self, nanoseconds: u64) {
        self.run_ns.fetch_add(nanoseconds, Relaxed);
    }

    /// For how many nanoseconds they have run.
    pub(crate) fn run_ns(&self) -> u64 {
        self.run_ns.load(Relaxed)
    }
}
