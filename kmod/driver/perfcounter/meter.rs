// SPDX-License-Identifier: GPL-2.0

//! What a command processor sees of the counters of its device.

use crate::{
    driver::Device,
    gpu::{
        counters::Counters,
        performance::Counter, //
    },
};
use kernel::sync::Arc;

/// A command processor's connection to the counters of its device.
pub(crate) struct Meter(Arc<Device>);

impl Meter {
    /// The meter of a command processor.
    pub(crate) fn new(device: Arc<Device>) -> Self {
        Self(device)
    }

    /// What a counter shows; `selected` is what the command stream selects where nobody has
    /// reserved it, and `counted` what the command processor has not handed on yet.
    pub(crate) fn value(&self, counter: &Counter, selected: u32, counted: &Counters) -> u64 {
        let Self(device) = self;
        let reading = device.reading(counted);
        device.perfcounters.value(counter, selected, &reading)
    }
}
