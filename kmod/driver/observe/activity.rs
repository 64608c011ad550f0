// SPDX-License-Identifier: GPL-2.0

//! How busy the GPU is, and what all its command processors have counted, whatever became of their
//! contexts.
//!
//! It is busy while at least one command processor runs: not while everything that is submitted
//! waits for something in memory, since a software GPU then does nothing. It goes to sleep when
//! nothing has run for [`IDLE_TIMER_MS`], and then, as in the C driver, has not been busy.

use crate::{
    ext::{
        lock::{
            new_spinlock,
            SpinLock, //
        },
        time, //
    },
    gpu::{
        counters::Counters,
        performance::Reading, //
    },
};
use kernel::prelude::*;

/// After how many milliseconds without work the GPU sleeps: the C driver's `idle_timer`.
pub(crate) const IDLE_TIMER_MS: u64 = 80;

const NS_PER_MS: u64 = 1_000_000;

/// How long a window lasts in which time is counted, in nanoseconds: the C driver's second.
const WINDOW_NS: u64 = 1_000_000_000;

/// How much of some time the GPU was busy, both in nanoseconds.
#[derive(Clone, Copy, Default)]
pub(crate) struct Share {
    /// The time in which something ran.
    pub(crate) busy: u64,
    /// All of it.
    pub(crate) total: u64,
}

/// Counts the time in which something runs, and adds up what it counts.
///
/// All contexts take the lock, on all CPUs: what short work needs of this lies in one line of their
/// caches, and nothing else that is written lies there. The clock is read under the lock only by who
/// finds nothing running, so that others have it sooner. Who stops has read it before: what was counted
/// until later than that stays counted.
#[pin_data]
#[repr(C, align(64))]
pub(crate) struct Activity {
    #[pin]
    state: SpinLock<State>,
}

/// Times are nanoseconds of the monotonic clock. What short work leaves alone comes last.
#[repr(C)]
struct State {
    /// How many command processors run.
    running: u32,
    /// Until when `total` counts, while at least one does; or until when one did.
    since: u64,
    /// For how long at least one has run.
    total: u64,
    /// When the current window began.
    window: u64,
    /// What was counted by everything that has run.
    counters: Counters,
    /// What `total` was when the window began.
    before: u64,
    /// The last window that is complete.
    last: Option<Share>,
}

impl State {
    /// Counts until `now`, which `since` does not lie after.
    fn advance(&mut self, now: u64) {
        if self.running > 0 {
            self.total += now.saturating_sub(self.since);
            self.since = now;
        }
    }

    /// Whether the GPU, in which nothing runs, sleeps.
    fn sleeps(&self, now: u64) -> bool {
        now.saturating_sub(self.since) > IDLE_TIMER_MS * NS_PER_MS
    }

    /// Begins a window.
    fn restart(&mut self, now: u64) {
        self.before = self.total;
        self.window = now;
    }

    /// The current window, as it is by now.
    fn current(&self, now: u64) -> Share {
        Share {
            busy: self.total.saturating_sub(self.before),
            total: now.saturating_sub(self.window),
        }
    }

    /// Completes the current window when it has lasted long enough.
    fn roll(&mut self, now: u64) {
        if now.saturating_sub(self.window) >= WINDOW_NS {
            self.last = Some(self.current(now));
            self.restart(now);
        }
    }

    /// Begins anew after sleep.
    fn wake(&mut self, now: u64) {
        self.last = None;
        self.restart(now);
    }
}

impl Activity {
    /// A GPU that has never run.
    pub(crate) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            state <- new_spinlock!(State {
                running: 0,
                since: 0,
                total: 0,
                window: 0,
                counters: Counters::new(),
                before: 0,
                last: None,
            }),
        })
    }

    /// A command processor begins; returns when.
    pub(crate) fn begin(&self) -> u64 {
        let mut state = self.state.lock();
        state.running += 1;
        if state.running > 1 {
            drop(state);
            return time::monotonic_ns();
        }
        let began = time::monotonic_ns();
        if state.sleeps(began) {
            state.wake(began);
        }
        state.since = began;
        began
    }

    /// A command processor that has begun has stopped; `counted` is what it has counted, and begins
    /// anew. Returns when it has.
    pub(crate) fn end(&self, counted: &mut Counters) -> u64 {
        let now = time::monotonic_ns();
        let mut state = self.state.lock();
        let now = now.max(state.since);
        state.advance(now);
        state.roll(now);
        state.running -= 1;
        counted.move_to(&mut state.counters);
        now
    }

    /// Everything that was counted until now, and `more`, which has not been added yet.
    pub(crate) fn reading(&self, more: &Counters) -> Reading {
        let mut state = self.state.lock();
        // A cycle is a nanosecond.
        let now = time::monotonic_ns();
        state.advance(now);
        Reading {
            counters: state.counters.plus(more),
            cycles: now,
            busy_cycles: state.total,
            ticks: time::always_on_ticks(),
        }
    }

    /// For how many nanoseconds at least one command processor has run.
    pub(crate) fn total(&self) -> u64 {
        let mut state = self.state.lock();
        state.advance(time::monotonic_ns());
        state.total
    }

    /// How busy the GPU has been lately: in the last whole second, in what there is of the first
    /// one, or not at all while it sleeps.
    pub(crate) fn share(&self) -> Share {
        let mut state = self.state.lock();
        let now = time::monotonic_ns();
        if state.running == 0 && state.sleeps(now) {
            return Share::default();
        }
        state.advance(now);
        state.roll(now);
        state.last.unwrap_or_else(|| state.current(now))
    }
}
