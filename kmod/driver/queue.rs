// SPDX-License-Identifier: GPL-2.0

//! The queue in which the contexts of all devices run. It lives as long as the module: a work may
//! hold the last reference to a device, and must not destroy the queue that it runs in.

use crate::ext::{
    place::Place,
    workqueue::OwnedQueue, //
};
use kernel::{
    alloc::flags,
    c_str,
    prelude::*,
    sync::Arc, //
};

/// Where a device that appears finds the queue.
static PLACE: Place<OwnedQueue> = Place::new();

/// Keeps the queue. Dropping it waits for all works.
pub(super) struct Queue(Arc<OwnedQueue>);

impl Queue {
    /// The queue of this module.
    pub(super) fn new() -> Result<Self> {
        let queue = OwnedQueue::for_fences(c_str!("kgsl-3d0"))?;
        let queue = Arc::new(queue, flags::GFP_KERNEL)?;
        PLACE.fill(queue.clone())?;
        Ok(Self(queue))
    }

    /// The queue, while the module is there.
    pub(super) fn get() -> Result<Arc<OwnedQueue>> {
        PLACE.get()
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        drop(PLACE.take());
        self.0.drain();
    }
}
