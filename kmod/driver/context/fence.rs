// SPDX-License-Identifier: GPL-2.0

//! Fences of a context: timestamps as sync_files, and what a submission waits for.

use super::{
    event::Action,
    state::Status,
    Context, //
};
use crate::ext::fence::{
    Fence,
    Notify,
    OwnFence, //
};
use kernel::{
    c_str,
    prelude::*,
    sync::{
        Arc,
        ArcBorrow, //
    },
};

impl Context {
    /// A fence that signals when `timestamp` has retired: at once, when it has already. Who asks for
    /// that of one timestamp again and again, as for every semaphore that a submission signals, or
    /// every submission that waits for it, gets the same one.
    ///
    /// Fails with `EINVAL` for a timestamp that was never given out, and with `ENOMEM`.
    pub(crate) fn fence(&self, timestamp: u32) -> Result<Fence> {
        let state = self.state.lock();
        let due = self.is_due(&state, timestamp)?;
        if let Some(last) = state.last_fence.as_ref() {
            if last.timestamp == timestamp && last.fence.is_signaled() == due {
                return Ok(last.fence.clone());
            }
        }
        drop(state);
        let fence = self.new_fence(timestamp, due)?;
        self.remember(timestamp, fence.clone());
        Ok(fence)
    }

    /// A fence of its own for a timestamp, which is due, or was not when it was looked at.
    fn new_fence(&self, timestamp: u32, due: bool) -> Result<Fence> {
        if due {
            return Fence::signaled();
        }
        let driver = c_str!("kgsl-timeline");
        let own = OwnFence::on_timeline(driver, &self.timeline, u64::from(timestamp))?;
        let fence = own.fence().clone();
        self.when_retired(timestamp, Action::Signal(own))?;
        Ok(fence)
    }

    /// Keeps a fence for who asks for it next. A context that has ended keeps none, since fences keep
    /// the module.
    fn remember(&self, timestamp: u32, fence: Fence) {
        let last = LastFence { timestamp, fence };
        let mut state = self.state.lock();
        let given_up = match state.status {
            Status::Active => state.last_fence.replace(last),
            Status::Invalid | Status::Detached => Some(last),
        };
        drop(state);
        drop(given_up);
    }
}

/// The fence that was made last, and its timestamp.
pub(super) struct LastFence {
    timestamp: u32,
    fence: Fence,
}

impl Notify for Context {
    /// Something that a submission waits for has happened.
    fn notify(this: ArcBorrow<'_, Self>) {
        Arc::from(this).schedule(0);
    }
}
