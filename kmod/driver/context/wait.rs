// SPDX-License-Identifier: GPL-2.0

//! Waiting for timestamps, and reading them.

use super::{
    state::State,
    timestamp::has_reached,
    Context, //
};
use crate::{
    abi::context as abi,
    ext::{
        lock::MutexGuard,
        parameter, //
    },
};
use kernel::{
    prelude::*,
    sync::CondVarTimeoutResult,
    time::{
        msecs_to_jiffies,
        Jiffies, //
    },
};

/// The timeout, in milliseconds, that means for ever.
const FOREVER: u32 = u32::MAX;

impl Context {
    /// Waits, without the lock of the state, until something changes, for at most `left`.
    pub(super) fn wait_for_change(
        &self,
        state: &mut MutexGuard<'_, State>,
        left: Jiffies,
    ) -> CondVarTimeoutResult {
        state.waiters += 1;
        let result = self.changed.wait_interruptible_timeout(state, left);
        state.waiters -= 1;
        result
    }

    /// Waits, without the lock of the state, until somebody may have put the engine back, which takes
    /// no longer than a turn.
    pub(super) fn wait_for_engine(&self, state: &mut MutexGuard<'_, State>) {
        state.waiters += 1;
        self.changed.wait(state);
        state.waiters -= 1;
    }

    /// Gives up the lock of the state, which has changed, and wakes who waits for that. Who is about
    /// to wait has either been counted, or will see the change.
    pub(super) fn wake_waiters(&self, state: MutexGuard<'_, State>) {
        let waiters = state.waiters;
        drop(state);
        if waiters != 0 {
            self.changed.notify_all();
        }
    }

    /// Waits until `timestamp` has retired, for at most `timeout` milliseconds.
    ///
    /// A timeout of 0 asks without waiting, unless the module's parameter `wait_zero` says `forever`:
    /// Mesa's turnip asks so for every `vkGetFenceStatus`. The C driver would wait for ever.
    ///
    /// Fails with `EINVAL` for a timestamp that was never given out, `ETIMEDOUT`, `ERESTARTSYS`,
    /// and `ENOENT` or `EDEADLK` when the context ends.
    pub(crate) fn wait(&self, timestamp: u32, timeout: u32) -> Result {
        let timeout = match timeout {
            0 if parameter::wait_zero_forever() => FOREVER,
            _ => timeout,
        };
        let mut left = jiffies(timeout);
        let mut state = self.state.lock();
        state.check()?;
        self.check_given_out(&state, timestamp)?;
        while !state.has_retired(timestamp) {
            if left == 0 {
                return Err(ETIMEDOUT);
            }
            match self.wait_for_change(&mut state, left) {
                CondVarTimeoutResult::Woken { .. } if timeout == FOREVER => {}
                CondVarTimeoutResult::Woken { jiffies } => left = jiffies,
                CondVarTimeoutResult::Timeout => left = 0,
                CondVarTimeoutResult::Signal { .. } => return Err(ERESTARTSYS),
            }
            state.check()?;
        }
        Ok(())
    }

    /// Fails with `EINVAL` for a timestamp in the future, unless the program numbers its
    /// submissions itself.
    pub(super) fn check_given_out(&self, state: &State, timestamp: u32) -> Result {
        let user_generated = self.flags & abi::CONTEXT_USER_GENERATED_TS != 0;
        match user_generated || has_reached(state.queued, timestamp) {
            true => Ok(()),
            false => Err(EINVAL),
        }
    }

    /// Whether a timestamp was given out.
    pub(crate) fn has_given_out(&self, timestamp: u32) -> bool {
        has_reached(self.state.lock().queued, timestamp)
    }

    /// One of the context's timestamps; `kind` is a `TIMESTAMP_*`.
    ///
    /// Fails with `EINVAL` for any other kind.
    pub(crate) fn timestamp(&self, kind: u32) -> Result<u32> {
        let state = self.state.lock();
        match kind {
            abi::TIMESTAMP_CONSUMED => Ok(state.consumed),
            abi::TIMESTAMP_RETIRED => Ok(state.retired),
            abi::TIMESTAMP_QUEUED => Ok(state.queued),
            _ => Err(EINVAL),
        }
    }
}

/// A timeout in milliseconds, as jiffies: for ever is the longest that the scheduler takes.
fn jiffies(timeout: u32) -> Jiffies {
    match timeout {
        FOREVER => Jiffies::MAX >> 1,
        _ => msecs_to_jiffies(timeout),
    }
}
