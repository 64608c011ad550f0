// SPDX-License-Identifier: GPL-2.0

//! Performance counters: what all command processors have counted, and who has reserved which
//! counter.

mod meter;
mod reservation;
mod totals;

use kernel::{
    new_mutex,
    prelude::*,
    sync::Mutex, //
};
use reservation::Slot;
use totals::Totals;

pub(super) use meter::Meter;
pub(super) use reservation::slots;

/// The performance counters of a device.
#[pin_data]
pub(super) struct Perfcounters {
    /// Everything that was counted.
    #[pin]
    totals: Totals,
    /// The counters of all groups, group by group.
    #[pin]
    slots: Mutex<KVec<Slot>>,
}

impl Perfcounters {
    /// The counters of a GPU that has done nothing yet.
    pub(super) fn new(slots: KVec<Slot>) -> impl PinInit<Self> {
        pin_init!(Self {
            totals <- Totals::new(),
            slots <- new_mutex!(slots),
        })
    }
}
