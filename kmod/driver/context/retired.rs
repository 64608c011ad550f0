// SPDX-License-Identifier: GPL-2.0

//! Fences of what has retired, for those who ask without a reference to the context.

use super::progress::Retired;
use crate::ext::{
    fence::{
        Descriptor,
        Fence, //
    },
    lock::{
        new_spinlock,
        SpinLock, //
    },
};
use kernel::{
    prelude::*,
    sync::atomic::{
        Atomic,
        Relaxed, //
    },
};

/// No context has this id and a timestamp: ids count from 1.
const NOTHING: u64 = 0;

/// The fence that a file was given last of what had retired.
///
/// A program asks for that of one timestamp again and again, for every semaphore that a submission
/// signals. Such a fence keeps neither the context nor the module.
#[pin_data]
pub(crate) struct RetiredFence {
    #[pin]
    last: SpinLock<Option<Last>>,
    /// What it is of, or [`NOTHING`]; looked at before the lock is taken, and only a hint there.
    last_key: Atomic<u64>,
}

struct Last {
    key: u64,
    /// When the context was created.
    context_created: u64,
    fence: Fence,
}

impl RetiredFence {
    /// None yet.
    pub(crate) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            last <- new_spinlock!(None),
            last_key: Atomic::new(NOTHING),
        })
    }

    /// A sync_file for a timestamp that has retired, in the context of that id.
    ///
    /// Fails as [`Fence::to_descriptor`] does.
    pub(crate) fn descriptor(
        &self,
        context: u32,
        timestamp: u32,
        retired: Retired,
    ) -> Result<Descriptor> {
        let key = (u64::from(context) << 32) | u64::from(timestamp);
        if let Some(fence) = self.kept(key, retired.context_created) {
            return fence.to_descriptor();
        }
        let fence = Fence::signaled_at(retired.at)?;
        let descriptor = fence.to_descriptor()?;
        self.keep(Last {
            key,
            context_created: retired.context_created,
            fence,
        });
        Ok(descriptor)
    }

    fn kept(&self, key: u64, context_created: u64) -> Option<Fence> {
        if self.last_key.load(Relaxed) != key {
            return None;
        }
        let last = self.last.lock();
        let same = |last: &&Last| last.key == key && last.context_created == context_created;
        last.as_ref().filter(same).map(|last| last.fence.clone())
    }

    fn keep(&self, new: Last) {
        let mut last = self.last.lock();
        self.last_key.store(new.key, Relaxed);
        let given_up = last.replace(new);
        drop(last);
        drop(given_up);
    }
}
