// SPDX-License-Identifier: GPL-2.0

//! The contexts of a device, by id.
//!
//! There are few ids, and nearly every call looks one up: so they index an array.

use super::{
    progress::{
        Progress,
        Retired, //
    },
    Context, //
};
use crate::ext::{
    cache_line::CacheLine,
    lock::{
        new_spinlock,
        SpinLock, //
    },
};
use kernel::{
    alloc::flags,
    prelude::*,
    sync::Arc, //
};

/// A place for the context of each id.
#[pin_data]
#[repr(align(64))]
pub(crate) struct Table {
    #[pin]
    slots: SpinLock<KVec<Option<Arc<Context>>>>,
    /// How far each of them is, by id; not beside the lock, which every submission takes.
    progress: CacheLine<KVVec<Progress>>,
}

impl Table {
    /// A table without contexts, for ids up to `id_max`.
    ///
    /// Fails with `ENOMEM`.
    pub(crate) fn new(id_max: u32) -> Result<impl PinInit<Self>> {
        let count = usize::try_from(id_max)? + 1;
        let slots = KVec::from_elem(None, count, flags::GFP_KERNEL)?;
        let mut progress = KVVec::with_capacity(count, flags::GFP_KERNEL)?;
        for _ in 0..count {
            progress.push(Progress::new(), flags::GFP_KERNEL)?;
        }
        Ok(pin_init!(Self {
            slots <- new_spinlock!(slots),
            progress: CacheLine::new(progress),
        }))
    }

    /// The context of that id.
    pub(crate) fn get(&self, id: u32) -> Option<Arc<Context>> {
        self.slots.lock().get(index(id))?.clone()
    }

    /// Puts a context in the place of its id, and returns what was there.
    ///
    /// Fails with `EINVAL` when there is no such place.
    pub(crate) fn put(&self, context: Arc<Context>) -> Result<Option<Arc<Context>>> {
        let mut slots = self.slots.lock();
        let slot = slots.get_mut(index(context.id)).ok_or(EINVAL)?;
        if let Some(progress) = self.progress(context.id) {
            progress.begin(context.owner);
        }
        Ok(slot.replace(context))
    }

    /// Takes out the context of that id.
    pub(crate) fn take(&self, id: u32) -> Option<Arc<Context>> {
        let mut slots = self.slots.lock();
        self.progress(id)?.end();
        slots.get_mut(index(id))?.take()
    }

    /// How far the context of that id is.
    pub(super) fn progress(&self, id: u32) -> Option<&Progress> {
        self.progress.get(index(id))
    }

    /// Whether the context of that id is that of a file, by its id, is good, and has retired a
    /// timestamp; `false`, too, where only the context itself can tell.
    pub(crate) fn has_retired(&self, id: u32, owner: u64, timestamp: u32) -> bool {
        let progress = self.progress(id);
        progress.is_some_and(|progress| progress.has_retired(owner, timestamp))
    }

    /// What is known of that; `None` where it is `false`.
    pub(crate) fn retired(&self, id: u32, owner: u64, timestamp: u32) -> Option<Retired> {
        self.progress(id)?.retired(owner, timestamp)
    }
}

/// An id as an index.
fn index(id: u32) -> usize {
    // CAST: No supported kernel has a `usize` narrower than 32 bits.
    id as usize
}
