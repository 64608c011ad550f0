// SPDX-License-Identifier: GPL-2.0

//! What all command processors of the device have counted, whatever became of their contexts.

use super::Perfcounters;
use crate::{
    driver::observe::Busy,
    ext::time,
    gpu::{
        counters::Counters,
        performance::Reading, //
    },
};
use kernel::{
    new_spinlock,
    prelude::*,
    sync::SpinLock, //
};

/// Sums over all contexts.
#[pin_data]
pub(super) struct Totals {
    #[pin]
    counters: SpinLock<Counters>,
}

impl Totals {
    /// Nothing has been counted.
    pub(super) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            counters <- new_spinlock!(Counters::new()),
        })
    }
}

impl Perfcounters {
    /// Adds what a command processor has counted.
    pub(super) fn add(&self, counted: &Counters) {
        let mut counters = self.totals.counters.lock();
        *counters = counters.plus(counted);
    }

    /// Everything that was counted until now, and `more`, which has not been added yet.
    pub(crate) fn reading(&self, busy: &Busy, more: &Counters) -> Reading {
        let counters = self.totals.counters.lock().plus(more);
        // A cycle is a nanosecond.
        let now = time::monotonic_ns();
        Reading {
            counters,
            cycles: now,
            busy_cycles: busy.total(now),
            ticks: time::always_on_ticks(),
        }
    }
}
