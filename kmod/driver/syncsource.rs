// SPDX-License-Identifier: GPL-2.0

//! Sources of fences that the program signals itself.

use crate::ext::{
    fence::{
        Descriptor,
        Fence,
        OwnFence, //
    },
    ids::Ids,
    lock::{
        new_mutex,
        Mutex, //
    }, //
};
use kernel::{
    alloc::flags,
    c_str,
    prelude::*, //
};

/// The highest id: what the C driver's table takes.
const ID_MAX: u32 = i32::MAX as u32;

/// Sources of a process, and fences of a source that are not signaled, at most.
const COUNT_MAX: usize = 65_536;

/// The sources of a process.
#[pin_data]
pub(super) struct SyncSources {
    #[pin]
    ids: Ids,
    #[pin]
    sources: Mutex<KVVec<SyncSource>>,
}

/// A source and its fences that are not signaled yet. What is left when it goes is signaled as
/// canceled.
struct SyncSource {
    id: u32,
    pending: KVVec<OwnFence>,
}

impl SyncSources {
    /// No sources.
    pub(super) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            ids <- Ids::new(),
            sources <- new_mutex!(KVVec::new()),
        })
    }

    /// Creates a source, and returns its id.
    ///
    /// Fails with `ENOSPC` when the process has too many.
    pub(super) fn create(&self) -> Result<u32> {
        let mut sources = self.sources.lock();
        if sources.len() >= COUNT_MAX {
            return Err(ENOSPC);
        }
        sources.reserve(1, flags::GFP_KERNEL_ACCOUNT)?;
        let id = self.ids.take(1, ID_MAX)?;
        let source = SyncSource {
            id,
            pending: KVVec::new(),
        };
        sources.push(source, flags::GFP_KERNEL)?;
        Ok(id)
    }

    /// Destroys a source; its fences are signaled as canceled.
    ///
    /// Fails with `EINVAL` for an unknown id.
    pub(super) fn destroy(&self, id: u32) -> Result {
        let mut sources = self.sources.lock();
        let index = sources
            .iter()
            .position(|source| source.id == id)
            .ok_or(EINVAL)?;
        let source = sources.remove(index).map_err(|_| EINVAL)?;
        drop(sources);
        drop(source);
        self.ids.give_back(id);
        Ok(())
    }

    /// Creates a fence of a source; the program sees it once the descriptor is installed.
    ///
    /// Fails with `EINVAL` for an unknown id, and with `ENOSPC` when the source has too many.
    pub(super) fn create_fence(&self, id: u32) -> Result<Descriptor> {
        let name = c_str!("kgsl-syncsource-timeline");
        // Every fence has a timeline of its own, since the program may signal them in any order.
        let fence = OwnFence::new(c_str!("kgsl-syncsource"), name, 1)?;
        let descriptor = fence.fence().to_descriptor()?;
        let mut sources = self.sources.lock();
        let source = sources
            .iter_mut()
            .find(|source| source.id == id)
            .ok_or(EINVAL)?;
        if source.pending.len() >= COUNT_MAX {
            return Err(ENOSPC);
        }
        source.pending.push(fence, flags::GFP_KERNEL_ACCOUNT)?;
        Ok(descriptor)
    }

    /// Signals the fence behind a descriptor.
    ///
    /// Fails with `EINVAL` for an unknown id and for a fence that is not of that source, or
    /// signaled already.
    pub(super) fn signal(&self, id: u32, descriptor: i32) -> Result {
        let wanted = Fence::from_descriptor(descriptor)?;
        let mut sources = self.sources.lock();
        let source = sources
            .iter_mut()
            .find(|source| source.id == id)
            .ok_or(EINVAL)?;
        let index = source
            .pending
            .iter()
            .position(|own| own.fence().is(&wanted))
            .ok_or(EINVAL)?;
        let own = source.pending.remove(index).map_err(|_| EINVAL)?;
        drop(sources);
        own.signal(Ok(()));
        Ok(())
    }

    /// Destroys every source.
    pub(super) fn end(&self) {
        let sources = core::mem::take(&mut *self.sources.lock());
        drop(sources);
    }
}
