// SPDX-License-Identifier: GPL-2.0

//! A workqueue of our own, so that unloading the module can wait for everything that runs in it.
//!
//! C header: `include/linux/workqueue.h`

use super::shim;
use core::ptr;
use kernel::{
    bindings,
    prelude::*,
    str::CStr,
    sync::Arc,
    workqueue::{
        HasDelayedWork,
        Queue,
        Work,
        WorkItem, //
    },
};

/// An unbound workqueue that runs as many works at once as there are CPUs to run them.
///
/// # Invariants
///
/// Holds a workqueue that lives until this is dropped.
pub(crate) struct OwnedQueue(ptr::NonNull<bindings::workqueue_struct>);

// SAFETY: A workqueue belongs to no thread.
unsafe impl Send for OwnedQueue {}
// SAFETY: Workqueues may be used from several threads at once.
unsafe impl Sync for OwnedQueue {}

impl OwnedQueue {
    /// Creates a workqueue of that name.
    pub(crate) fn new(name: &CStr) -> Result<Self> {
        Self::create(name, false)
    }

    /// Creates a workqueue whose works lead to the signal of fences. Whoever frees memory may wait for
    /// those, so that it has a thread in reserve for when there is no memory for one; `name` is what
    /// `ps` shows of that.
    pub(crate) fn for_fences(name: &CStr) -> Result<Self> {
        Self::create(name, true)
    }

    fn create(name: &CStr, reclaim: bool) -> Result<Self> {
        // SAFETY: `name` is a NUL-terminated string, which the callee copies.
        let queue = unsafe { shim::kgsl_shim_alloc_workqueue(name.as_char_ptr(), reclaim) };
        // INVARIANT: The workqueue has just been created, and only `drop` destroys it.
        Ok(Self(ptr::NonNull::new(queue).ok_or(ENOMEM)?))
    }

    /// The workqueue, to enqueue works.
    pub(crate) fn queue(&self) -> &Queue {
        // SAFETY: By the invariant the workqueue outlives the borrow of `self`.
        unsafe { Queue::from_raw(self.0.as_ptr()) }
    }
}

impl OwnedQueue {
    /// Waits for every work, including those that works enqueue. Must not be called from one of its
    /// own works.
    pub(crate) fn drain(&self) {
        // SAFETY: By the invariant the workqueue exists.
        unsafe { bindings::drain_workqueue(self.0.as_ptr()) }
    }
}

impl Drop for OwnedQueue {
    /// Waits for every work, including those that works enqueue, then destroys the workqueue. Must
    /// not be reached from one of its own works.
    fn drop(&mut self) {
        // SAFETY: By the invariant the workqueue exists; nobody can enqueue any more, since that
        // takes a borrow of `self`.
        unsafe { bindings::destroy_workqueue(self.0.as_ptr()) }
    }
}

/// Takes a delayed work out of its queue, or waits until it has run, and sees to it that it is
/// never queued again. Must not be called from that work.
pub(crate) fn disable<T, const ID: u64>(item: &Arc<T>)
where
    T: WorkItem<ID, Pointer = Arc<T>> + HasDelayedWork<T, ID>,
{
    let item = Arc::as_ptr(item);
    let delayed = delayed_work::<T, ID>(item);
    // SAFETY: The delayed work is initialised and lives in the item.
    if unsafe { bindings::disable_delayed_work_sync(delayed) } {
        // SAFETY: A work that was pending had owned the reference that enqueueing it had leaked;
        // now nobody does.
        drop(unsafe { Arc::from_raw(item) });
    }
}

/// Waits until a delayed work has run, if it is queued or runs; what is delayed runs at once. Must not
/// be called from that work, nor under a lock that it takes.
pub(crate) fn flush<T: HasDelayedWork<T, ID>, const ID: u64>(item: &T) {
    let delayed = delayed_work::<T, ID>(item);
    // SAFETY: The delayed work is initialised and lives in the item, which the reference keeps.
    unsafe { bindings::flush_delayed_work(delayed) };
}

/// The delayed work inside an item, which must be live.
fn delayed_work<T: HasDelayedWork<T, ID>, const ID: u64>(
    item: *const T,
) -> *mut bindings::delayed_work {
    // SAFETY: The item is live, as all callers ensure, so that the field may be pointed at.
    let work = unsafe { Work::raw_get(T::raw_get_work(item.cast_mut())) };
    // SAFETY: By `HasDelayedWork` the work is that of a `struct delayed_work`.
    unsafe { kernel::container_of!(work, bindings::delayed_work, work) }
}
