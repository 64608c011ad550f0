// SPDX-License-Identifier: GPL-2.0

//! How far each context is, for those who ask without a lock, and without a reference to it.

use super::timestamp::has_lately_reached;
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

/// How far the context of an id is.
///
/// Only changed by who makes or ends the context, or holds the lock of its state.
pub(super) struct Progress {
    /// The file that owns the context, or [`NOBODY`].
    owner: Atomic<u64>,
    /// [`GOOD`] and the timestamp that has retired last, or 0.
    retired: Atomic<u64>,
}

impl Progress {
    /// That of an id without a context.
    pub(super) const fn new() -> Self {
        Self {
            owner: Atomic::new(NOBODY),
            retired: Atomic::new(0),
        }
    }

    /// A file gets a context of that id, which has done nothing.
    pub(super) fn begin(&self, owner: u64) {
        self.set_retired(0);
        // ORDERING: Who sees the owner sees no timestamp from before.
        self.owner.store(owner, Release);
    }

    /// The id is no context's any more.
    pub(super) fn end(&self) {
        self.set_ended();
        // ORDERING: The next one has the id from us, by way of a lock.
        self.owner.store(NOBODY, Relaxed);
    }

    /// A timestamp has retired.
    pub(super) fn set_retired(&self, timestamp: u32) {
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
}
