// SPDX-License-Identifier: GPL-2.0

//! What one command processor counts, on its way into the totals.

use crate::{
    driver::Device,
    gpu::{
        counters::Counters,
        performance::Counter, //
    },
};
use kernel::sync::Arc;

/// A command processor's connection to the counters of its device.
pub(crate) struct Meter {
    device: Arc<Device>,
    /// What the totals hold already.
    added: Counters,
}

impl Meter {
    /// The meter of a command processor that has counted nothing.
    pub(crate) fn new(device: Arc<Device>) -> Self {
        Self {
            device,
            added: Counters::new(),
        }
    }

    /// Brings the totals up to date; `counted` is what the command processor has counted by now.
    pub(crate) fn update(&mut self, counted: &Counters) {
        self.device.perfcounters.add(&counted.since(&self.added));
        self.added = *counted;
    }

    /// What a counter shows; `selected` is what the command stream selects where nobody has
    /// reserved it.
    pub(crate) fn value(&self, counter: &Counter, selected: u32, counted: &Counters) -> u64 {
        let more = counted.since(&self.added);
        let reading = self.device.reading(&more);
        self.device.perfcounters.value(counter, selected, &reading)
    }
}
