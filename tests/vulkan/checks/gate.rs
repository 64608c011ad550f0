// SPDX-License-Identifier: GPL-2.0

//! What keeps a submission from running until the check says so: a semaphore with the payload of a fence that the
//! kernel's sw_sync signals. However long that takes, it is no hang of the GPU.

use std::os::fd::AsFd;

use guest::client::SwSync;

use crate::gpu::{Gpu, Semaphore};

/// A closed gate.
pub(crate) struct Gate<'a> {
    timeline: SwSync,
    semaphore: Semaphore<'a>,
}

impl<'a> Gate<'a> {
    /// A gate for one submission of the device.
    pub(crate) fn new(gpu: &'a Gpu) -> Self {
        let timeline = SwSync::new().expect("the kernel has sw_sync");
        let semaphore = Semaphore::binary(gpu);
        let fence = timeline.fence(1);
        let file = fence.as_fd().try_clone_to_owned();
        semaphore.import(file.expect("the fence can be duplicated"));
        Self {
            timeline,
            semaphore,
        }
    }

    /// What the submission waits for.
    pub(crate) fn wait(&self) -> (&Semaphore<'a>, u64) {
        (&self.semaphore, 0)
    }

    /// Lets the submission run.
    pub(crate) fn open(&self) {
        self.timeline.advance();
    }
}
