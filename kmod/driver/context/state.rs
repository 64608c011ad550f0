// SPDX-License-Identifier: GPL-2.0

//! What is known of a context: its timestamps, its queue, and whether it is still good.

use super::{
    engine::Engine,
    event::Events,
    fence::LastFence,
    submission::Submission,
    timestamp::has_reached, //
};
use crate::{
    abi::{
        command::PageFaultReport,
        device::{
            ContextPropertyFault,
            CTX_STAT_NO_ERROR, //
        },
    },
    ext::errno, //
};
use kernel::{
    alloc::flags,
    prelude::*, //
};

/// Submissions that may wait in a context; one more blocks the program. The C driver's
/// `context_drawqueue_size`.
pub(crate) const QUEUE_SIZE: usize = 50;

/// Whether a context takes and runs work.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    /// It does.
    Active,
    /// A fault of its own ended it.
    Invalid,
    /// Its owner has destroyed it.
    Detached,
}

/// The state of a context.
pub(super) struct State {
    pub(super) status: Status,
    /// Whether its owner is about to destroy it: it takes no more work.
    pub(super) closing: bool,
    /// The timestamp that was given out last.
    pub(super) queued: u32,
    /// The timestamp whose work has begun last.
    pub(super) consumed: u32,
    /// The timestamp that has retired last.
    pub(super) retired: u32,
    /// What waits to run, first in first out; has room for [`QUEUE_SIZE`].
    pub(super) queue: KVec<KBox<Submission>>,
    /// What happens when a timestamp retires.
    pub(super) events: Events,
    /// The fence that was made last.
    pub(super) last_fence: Option<LastFence>,
    /// Whether a submission is being run.
    pub(super) running: bool,
    /// What runs its work. It is out while it does so, for one turn: whoever has taken it owns it, and
    /// puts it back. So it is at hand whenever nothing is being run.
    pub(super) engine: Option<KBox<Engine>>,
    /// How many threads wait for a change.
    pub(super) waiters: u32,
    /// How many faults there were, and the timestamp of the last.
    pub(super) faults: ContextPropertyFault,
    /// The access to memory that ended the context.
    pub(super) page_fault: Option<PageFaultReport>,
    /// What GPU_RESET_STAT says next: a `CTX_STAT_*`.
    pub(super) reset_status: u32,
}

impl State {
    /// A good context that has seen nothing.
    pub(super) fn new(engine: KBox<Engine>) -> Result<Self> {
        Ok(Self {
            status: Status::Active,
            closing: false,
            queued: 0,
            consumed: 0,
            retired: 0,
            queue: KVec::with_capacity(QUEUE_SIZE, flags::GFP_KERNEL)?,
            events: Events::new(),
            last_fence: None,
            running: false,
            engine: Some(engine),
            waiters: 0,
            faults: ContextPropertyFault::default(),
            page_fault: None,
            reset_status: CTX_STAT_NO_ERROR,
        })
    }

    /// Fails with `ENOENT` when the context is destroyed, and with `EDEADLK` when a fault ended it.
    pub(super) fn check(&self) -> Result {
        match self.status {
            Status::Active => Ok(()),
            Status::Invalid => Err(errno::edeadlk()),
            Status::Detached => Err(ENOENT),
        }
    }

    /// Fails as [`State::check`] does, and with `ENOENT` when the context is being destroyed.
    pub(super) fn check_open(&self) -> Result {
        self.check()?;
        match self.closing {
            true => Err(ENOENT),
            false => Ok(()),
        }
    }

    /// Whether `timestamp` has retired.
    pub(super) fn has_retired(&self, timestamp: u32) -> bool {
        has_reached(self.retired, timestamp)
    }

    /// Whether there is nothing left to run.
    pub(super) fn is_idle(&self) -> bool {
        self.queue.is_empty() && !self.running
    }

    /// Whether nothing runs because the first submission still waits for something.
    pub(super) fn is_held_up(&self) -> bool {
        let first = self.queue.first();
        !self.running && first.is_some_and(|first| !first.is_ready())
    }

    /// The timestamp that has retired last; `None` when every one counts as retired, since no more
    /// will.
    pub(super) fn retired_or_never(&self) -> Option<u32> {
        match self.status {
            Status::Active => Some(self.retired),
            Status::Invalid | Status::Detached => None,
        }
    }

    /// Ends the context: everything that was queued counts as retired. What is returned must be
    /// dropped, and run, outside of the lock.
    #[must_use]
    pub(super) fn end(&mut self, status: Status) -> Leftovers {
        self.status = status;
        self.consumed = self.queued;
        self.retired = self.queued;
        Leftovers {
            queue: core::mem::take(&mut self.queue),
            events: self.events.take_all(),
            _last_fence: self.last_fence.take(),
        }
    }
}

/// What is left over of a context that has ended.
pub(super) struct Leftovers {
    queue: KVec<KBox<Submission>>,
    events: Events,
    _last_fence: Option<LastFence>,
}

impl Leftovers {
    /// Drops what will not run, and does what was to happen after it.
    pub(super) fn settle(self) {
        drop(self.queue);
        self.events.run();
    }
}
