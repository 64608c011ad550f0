// SPDX-License-Identifier: GPL-2.0

//! Fences of a context: timestamps as sync_files, and what a submission waits for.

use super::{
    event::Action,
    Context, //
};
use crate::ext::fence::{
    self,
    Fence,
    Notify,
    OwnFence,
    TimelineName, //
};
use kernel::{
    c_str,
    prelude::*,
    sync::{
        Arc,
        ArcBorrow, //
    },
};

/// The timeline on which a context's fences lie, in the order of its timestamps.
pub(super) struct Timeline {
    name: TimelineName,
    context: u64,
}

impl Timeline {
    /// The timeline of a context that the calling thread creates.
    pub(super) fn new(context_id: u32) -> Self {
        Self {
            name: TimelineName::of_context(context_id),
            context: fence::new_context(),
        }
    }
}

impl Context {
    /// A fence that signals when `timestamp` has retired: at once, when it has already.
    ///
    /// Fails with `EINVAL` for a timestamp that was never given out, and with `ENOMEM`.
    pub(crate) fn fence(&self, timestamp: u32) -> Result<Fence> {
        let own = OwnFence::new(
            c_str!("kgsl-timeline"),
            self.timeline.name.as_c_str(),
            self.timeline.context,
            u64::from(timestamp),
        )?;
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
