// SPDX-License-Identifier: GPL-2.0

//! Giving things up where nobody waits for a fence.
//!
//! Whoever waits for a fence may hold the locks of a dma-buf or a page, or may be the kernel that
//! looks for memory. So no work that leads to a signal may wait for either (the cross-driver contract
//! of `Documentation/driver-api/dma-buf.rst`). What does so when it is given up is wrapped here:
//! where a work drops it, or a call that does the work itself, another work does what there is to do,
//! and nobody depends on that one.

use super::{
    place::Place,
    task,
    workqueue::OwnedQueue, //
};
use core::{
    mem::ManuallyDrop,
    ops::Deref, //
};
use kernel::{
    alloc::flags,
    c_str, impl_has_work, new_work,
    prelude::*,
    sync::Arc,
    workqueue::{
        Work,
        WorkItem, //
    },
};

/// Where works find the queue.
static PLACE: Place<OwnedQueue> = Place::new();

/// The queue in which things are given up. Dropping it waits until all of them are.
pub(crate) struct Later(Arc<OwnedQueue>);

impl Later {
    /// The queue of this module.
    pub(crate) fn new() -> Result<Self> {
        let queue = OwnedQueue::new(c_str!("kgsl-later"))?;
        let queue = Arc::new(queue, flags::GFP_KERNEL)?;
        PLACE.fill(queue.clone())?;
        Ok(Self(queue))
    }
}

impl Drop for Later {
    fn drop(&mut self) {
        drop(PLACE.take());
        self.0.drain();
    }
}

/// A value that goes where nobody waits for a fence: at once, unless fences wait for who drops this.
pub(crate) struct Deferred<T: Send + 'static>(ManuallyDrop<Pin<KBox<Item<T>>>>);

/// The value, and the work that drops it.
#[pin_data]
struct Item<T: Send + 'static> {
    value: T,
    #[pin]
    work: Work<Item<T>>,
}

impl_has_work! {
    impl{T: Send + 'static} HasWork<Item<T>> for Item<T> { self.work }
}

impl<T: Send + 'static> WorkItem for Item<T> {
    type Pointer = Pin<KBox<Self>>;

    fn run(this: Pin<KBox<Self>>) {
        drop(this);
    }
}

impl<T: Send + 'static> Deferred<T> {
    /// Wraps a value.
    ///
    /// Fails with `ENOMEM`; the value is dropped then.
    pub(crate) fn new(value: T) -> Result<Self> {
        let item = pin_init!(Item {
            value,
            work <- new_work!("kgsl-later"),
        });
        let item = KBox::pin_init(item, flags::GFP_KERNEL_ACCOUNT)?;
        Ok(Self(ManuallyDrop::new(item)))
    }
}

impl<T: Send + 'static> Deref for Deferred<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.value
    }
}

impl<T: Send + 'static> Drop for Deferred<T> {
    fn drop(&mut self) {
        // SAFETY: Nobody uses the field after this.
        let item = unsafe { ManuallyDrop::take(&mut self.0) };
        if !task::holds_up_fences() {
            return drop(item);
        }
        match PLACE.get() {
            Ok(queue) => queue.queue().enqueue(item),
            // Without the queue the module goes, and nobody can have a fence of it any more.
            Err(_) => drop(item),
        }
    }
}
