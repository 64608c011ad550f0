// SPDX-License-Identifier: GPL-2.0

//! What is known of a context: its timestamps, its queue, and whether it is still good.

use super::{
    submission::Submission,
    timestamp::has_reached, //
};
use crate::{
    abi::device::CTX_STAT_NO_ERROR,
    ext::errno, //
};
use kernel::{
    alloc::flags,
    prelude::*, //
};

/// Submissions that may wait in a context; one more blocks the program. The C driver's `context_drawqueue_size`.
pub(super) const QUEUE_SIZE: usize = 50;

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
    /// The timestamp that was given out last.
    pub(super) queued: u32,
    /// The timestamp whose work has begun last.
    pub(super) consumed: u32,
    /// The timestamp that has retired last.
    pub(super) retired: u32,
    /// What waits to run, first in first out; has room for [`QUEUE_SIZE`].
    pub(super) queue: KVec<KBox<Submission>>,
    /// Whether a submission is being run.
    pub(super) running: bool,
    /// What GPU_RESET_STAT says next: a `CTX_STAT_*`.
    pub(super) reset_status: u32,
    /// Whether a fault has happened that no call has told the program of yet.
    pub(super) fault_notice: bool,
}

impl State {
    /// A good context that has seen nothing.
    pub(super) fn new() -> Result<Self> {
        Ok(Self {
            status: Status::Active,
            queued: 0,
            consumed: 0,
            retired: 0,
            queue: KVec::with_capacity(QUEUE_SIZE, flags::GFP_KERNEL)?,
            running: false,
            reset_status: CTX_STAT_NO_ERROR,
            fault_notice: false,
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

    /// Whether `timestamp` has retired.
    pub(super) fn has_retired(&self, timestamp: u32) -> bool {
        has_reached(self.retired, timestamp)
    }

    /// Whether there is nothing left to run.
    pub(super) fn is_idle(&self) -> bool {
        self.queue.is_empty() && !self.running
    }

    /// Whether a fault has happened since this was asked last.
    pub(super) fn take_fault_notice(&mut self) -> bool {
        core::mem::take(&mut self.fault_notice)
    }

    /// Ends the context: everything that was queued counts as retired. Returns the queue, to be dropped outside of the
    /// lock.
    pub(super) fn end(&mut self, status: Status) -> KVec<KBox<Submission>> {
        self.status = status;
        self.consumed = self.queued;
        self.retired = self.queued;
        core::mem::take(&mut self.queue)
    }
}
