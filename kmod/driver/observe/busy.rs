// SPDX-License-Identifier: GPL-2.0

//! How busy the GPU is.
//!
//! It is busy while at least one command processor runs: not while everything that is submitted
//! waits for something in memory, since a software GPU then does nothing.

use crate::ext::time;
use kernel::{
    new_spinlock,
    prelude::*,
    sync::SpinLock, //
};

/// Counts the time in which something runs.
#[pin_data]
pub(crate) struct Busy {
    #[pin]
    state: SpinLock<State>,
}

/// Times are nanoseconds of the monotonic clock.
struct State {
    /// How many command processors run.
    running: u32,
    /// Since when at least one does; or until when one did.
    since: u64,
    /// For how long at least one has run, until `since`.
    total: u64,
}

impl State {
    /// For how long at least one has run by now.
    fn total(&self, now: u64) -> u64 {
        match self.running {
            0 => self.total,
            _ => self.total + now.saturating_sub(self.since),
        }
    }
}

impl Busy {
    /// A GPU that has never run.
    pub(crate) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            state <- new_spinlock!(State {
                running: 0,
                since: 0,
                total: 0,
            }),
        })
    }

    /// A command processor runs until the guard is dropped.
    pub(crate) fn begin(&self) -> Running<'_> {
        let now = time::monotonic_ns();
        let mut state = self.state.lock();
        if state.running == 0 {
            state.since = now;
        }
        state.running += 1;
        Running { busy: self }
    }

    /// A command processor has stopped.
    fn end(&self, now: u64) {
        let mut state = self.state.lock();
        if state.running == 1 {
            state.total = state.total(now);
            state.since = now;
        }
        state.running -= 1;
    }

    /// For how many nanoseconds at least one command processor has run.
    pub(crate) fn total(&self, now: u64) -> u64 {
        self.state.lock().total(now)
    }
}

/// A command processor that runs.
pub(crate) struct Running<'a> {
    busy: &'a Busy,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.busy.end(time::monotonic_ns());
    }
}
