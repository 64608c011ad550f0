// SPDX-License-Identifier: GPL-2.0

//! Performance counters: who has reserved which, and what they show.

mod meter;
mod reservation;

use crate::ext::lock::{
    new_mutex,
    Mutex, //
};
use kernel::prelude::*;
use reservation::Slot;

pub(super) use meter::Meter;
pub(super) use reservation::slots;

/// The performance counters of a device.
#[pin_data]
pub(super) struct Perfcounters {
    /// The counters of all groups, group by group.
    #[pin]
    slots: Mutex<KVec<Slot>>,
}

impl Perfcounters {
    /// The counters of a GPU that has done nothing yet.
    pub(super) fn new(slots: KVec<Slot>) -> impl PinInit<Self> {
        pin_init!(Self {
            slots <- new_mutex!(slots),
        })
    }
}
