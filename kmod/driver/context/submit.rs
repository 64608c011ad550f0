// SPDX-License-Identifier: GPL-2.0

//! Handing work to a context.

use super::{
    state::{
        State,
        QUEUE_SIZE, //
    },
    timestamp::has_reached,
    Context,
    Submission, //
};
use crate::{
    abi::context::CONTEXT_USER_GENERATED_TS,
    driver::memory::{
        GpuView,
        Reach, //
    },
    ext::{
        lock::MutexGuard,
        trace, //
    },
};
use kernel::{
    alloc::flags,
    prelude::*,
    sync::{
        Arc,
        CondVarTimeoutResult, //
    },
    time::msecs_to_jiffies, //
};

/// How long a submission waits for room in the queue, in milliseconds: the C driver's
/// `context_queue_wait`.
pub(crate) const QUEUE_WAIT_MS: u32 = 10_000;

impl Context {
    /// Runs or queues what is in `submission`, and returns its timestamp, or 0 where it has none;
    /// `wanted` is the timestamp where the program numbers its submissions itself.
    ///
    /// Fails with `ENOENT` when the context is destroyed or is being destroyed, `EDEADLK` when a
    /// fault ended it, `ERANGE` when `wanted` does not come after the last timestamp, `ETIMEDOUT` when
    /// the queue stays full, `ENOMEM`, and `ERESTARTSYS` when a signal came first; nothing is queued
    /// then. There is no `EPROTO` after a fault: that tells a program of a context that goes on, and
    /// here a guilty context ends while the others never notice.
    pub(crate) fn submit(
        self: &Arc<Self>,
        submission: &mut Submission,
        wanted: u32,
    ) -> Result<u32> {
        let _reach = Reach::new(self.process.space.as_arc_borrow())?;
        match self.run_at_once(submission, wanted)? {
            Some(timestamp) => Ok(timestamp),
            None => self.enqueue(core::mem::take(submission), wanted),
        }
    }

    /// Leaves a submission, what it reaches being mapped, to a worker; as [`Context::submit`].
    fn enqueue(self: &Arc<Self>, mut submission: Submission, wanted: u32) -> Result<u32> {
        submission.reach = Some(Reach::another(self.process.space.clone()));
        // What it finds may be given up only outside of the lock.
        let mut view = submission
            .profile
            .map(|_| GpuView::new(self.process.space.clone()));
        let mut submission = KBox::new(submission, flags::GFP_KERNEL_ACCOUNT)?;
        let mut state = self.state.lock();
        self.wait_for_room(&mut state)?;
        self.number(&mut submission, &mut state, wanted)?;
        let (timestamp, profile) = (submission.timestamp.unwrap_or(0), submission.profile);
        state
            .queue
            .push_within_capacity(submission)
            .map_err(|_| ENOMEM)?;
        if let (Some(profile), Some(view)) = (profile, &mut view) {
            profile.queued(view);
        }
        let waiting = state.queue.len();
        // Who runs one looks at the queue afterwards, and what holds one up has it run.
        let taken_care_of = state.running || state.is_held_up();
        drop(state);
        trace::queued(self.id, timestamp, waiting);
        if !taken_care_of {
            self.clone().schedule(0);
        }
        Ok(timestamp)
    }

    /// Gives a submission its timestamp, if it gets one.
    pub(super) fn number(
        &self,
        submission: &mut Submission,
        state: &mut State,
        wanted: u32,
    ) -> Result {
        if submission.is_numbered() {
            let timestamp = self.next_timestamp(state, wanted)?;
            submission.timestamp = Some(timestamp);
            state.queued = timestamp;
        }
        Ok(())
    }

    /// Waits until the queue has room for one submission more.
    fn wait_for_room(&self, state: &mut MutexGuard<'_, State>) -> Result {
        let mut left = msecs_to_jiffies(QUEUE_WAIT_MS);
        loop {
            state.check_open()?;
            if state.queue.len() < QUEUE_SIZE {
                return Ok(());
            }
            match self.wait_for_change(state, left) {
                CondVarTimeoutResult::Woken { jiffies } => left = jiffies,
                CondVarTimeoutResult::Timeout => return Err(ETIMEDOUT),
                CondVarTimeoutResult::Signal { .. } => return Err(ERESTARTSYS),
            }
        }
    }

    /// The timestamp of the next submission.
    fn next_timestamp(&self, state: &State, wanted: u32) -> Result<u32> {
        if self.flags & CONTEXT_USER_GENERATED_TS == 0 {
            return Ok(state.queued.wrapping_add(1));
        }
        match has_reached(state.queued, wanted) {
            true => Err(ERANGE),
            false => Ok(wanted),
        }
    }
}
