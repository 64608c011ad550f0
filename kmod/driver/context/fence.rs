// SPDX-License-Identifier: GPL-2.0

//! Fences of a context: timestamps as sync_files, and what a submission waits for.

use super::{
    event::Action,
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
    /// A fence that signals when `timestamp` has retired: at once, when it has already.
    ///
    /// Fails with `EINVAL` for a timestamp that was never given out, and with `ENOMEM`.
    pub(crate) fn fence(&self, timestamp: u32) -> Result<Fence> {
        let due = self.is_due(&self.state.lock(), timestamp)?;
        let driver = c_str!("kgsl-timeline");
        let own = OwnFence::on_timeline(driver, &self.timeline, u64::from(timestamp))?;
        if due {
            return Ok(own.into_signaled());
        }
        let fence = own.fence().clone();
        self.when_retired(timestamp, Action::Signal(own))?;
        Ok(fence)
    }
}

impl Notify for Context {
    /// Something that a submission waits for has happened.
    fn notify(this: ArcBorrow<'_, Self>) {
        Arc::from(this).schedule(0);
    }
}
