// SPDX-License-Identifier: GPL-2.0

//! How far each context is, for those who ask without a lock, and without a reference to it.

use super::timestamp::has_lately_reached;
use crate::ext::time;
use kernel::sync::atomic::{
    Acquire,
    Atomic,
    Relaxed,
    Release, //
};

/// The owner of a context that there is not. No file has that id: they count up from 0.
const NOBODY: u64 = u64::MAX;

/// Set beside a timestamp while the context is good.
const GOOD: u64 = 1 << 32;

/// How far the context of an id is, in a line of the caches for itself: each submission of the context
/// writes here.
///
/// Only changed by who makes or ends the context, or holds the lock of its state.
#[repr(align(64))]
pub(super) struct Progress {
    /// The file that owns the context, or [`NOBODY`].
    owner: Atomic<u64>,
    /// [`GOOD`] and the timestamp that has retired last, or 0.
    retired: Atomic<u64>,
    /// When it did, in nanoseconds of the monotonic clock.
    retired_ns: Atomic<u64>,
    /// When the context was created, in nanoseconds of the same clock.
    created_ns: Atomic<u64>,
}

/// What is known of a timestamp that has retired. Both are nanoseconds of the monotonic clock.
#[derive(Clone, Copy)]
pub(crate) struct Retired {
    /// When it had at the latest.
    pub(super) at: u64,
    /// When its context was created, which tells that from others that have had the id.
    pub(super) context_created: u64,
}

impl Progress {
    /// That of an id without a context.
    pub(super) const fn new() -> Self {
        Self {
            owner: Atomic::new(NOBODY),
            retired: Atomic::new(0),
            retired_ns: Atomic::new(0),
            created_ns: Atomic::new(0),
        }
    }

    /// A file gets a context of that id, which has done nothing.
    pub(super) fn begin(&self, owner: u64) {
        let now = time::monotonic_ns();
        self.created_ns.store(now, Relaxed);
        self.set_retired(0, now);
        // ORDERING: Who sees the owner sees no timestamp from before.
        self.owner.store(owner, Release);
    }

    /// The id is no context's any more.
    pub(super) fn end(&self) {
        self.set_ended();
        // ORDERING: The next one has the id from us, by way of a lock.
        self.owner.store(NOBODY, Relaxed);
    }

    /// A timestamp has retired, at `now` of the monotonic clock, in nanoseconds.
    pub(super) fn set_retired(&self, timestamp: u32, now: u64) {
        self.retired_ns.store(now, Relaxed);
        // ORDERING: Who sees the timestamp sees what was done until then.
        self.retired.store(GOOD | u64::from(timestamp), Release);
    }

    /// Only the context itself can say any more what became of its timestamps.
    pub(super) fn set_ended(&self) {
        self.retired.store(0, Release);
    }

    /// Whether the context is that of a file, is good, and has retired a timestamp; `false`, too,
    /// where only the context itself can tell.
    ///
    /// The owner is looked at before and after. Were the timestamp that of a later context of the
    /// id, we would see with it that the owner is another; so it is that of the file's context, or of
    /// one that came and went while the file destroyed a context of that id, made another, and asked
    /// for a timestamp, all at once: then it cannot know which of the two it asks.
    pub(super) fn has_retired(&self, owner: u64, timestamp: u32) -> bool {
        // ORDERING: The loads happen in this order, and what was done until then is seen after them.
        let before = self.owner.load(Acquire);
        let retired = self.retired.load(Acquire);
        // CAST: The low half is the timestamp.
        before == owner
            && self.owner.load(Relaxed) == owner
            && retired & GOOD != 0
            && has_lately_reached(retired as u32, timestamp)
    }

    /// What is known of a timestamp that has retired; `None` where [`Progress::has_retired`] is `false`.
    pub(super) fn retired(&self, owner: u64, timestamp: u32) -> Option<Retired> {
        // ORDERING: What is loaded then is at least as new as the timestamp that was seen, which was
        // stored after it.
        self.has_retired(owner, timestamp).then(|| Retired {
            at: self.retired_ns.load(Relaxed),
            context_created: self.created_ns.load(Relaxed),
        })
    }
}
