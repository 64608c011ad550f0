// SPDX-License-Identifier: GPL-2.0

//! The timestamp memory: what user space may map to see how far each context is.

use crate::{
    abi::memory::{
        DeviceMemstore,
        MEMSTORE_SIZE, //
    },
    ext::storage::{
        Storage,
        StoredDword, //
    }, //
};
use core::mem::offset_of;
use kernel::{
    alloc::flags,
    mm::virt::VmaMixedMap,
    page::PAGE_SIZE,
    prelude::*,
    sync::Arc, //
};

/// A slot of [`DeviceMemstore`] for each context id.
pub(crate) struct Memstore(Arc<Storage>);

impl Memstore {
    /// Memory in which every timestamp is 0.
    pub(crate) fn new() -> Result<Self> {
        let size = usize::try_from(MEMSTORE_SIZE)?;
        let storage = Storage::zeroed(size / PAGE_SIZE)?;
        Ok(Self(Arc::new(storage, flags::GFP_KERNEL)?))
    }

    /// Maps all of it at the start of `vma`.
    ///
    /// Fails with `EINVAL` when the area is shorter or longer.
    pub(crate) fn map(&self, vma: &VmaMixedMap) -> Result {
        self.0.map(vma)
    }

    /// The slot of a context id.
    ///
    /// Fails with `EFAULT` when there is none.
    pub(super) fn slot(&self, context_id: u32) -> Result<Slot> {
        // CAST: No supported kernel has a `usize` narrower than 32 bits.
        let at = context_id as usize * size_of::<DeviceMemstore>();
        let field = |offset| StoredDword::new(self.0.clone(), at + offset);
        Ok(Slot {
            consumed: field(offset_of!(DeviceMemstore, soptimestamp))?,
            retired: field(offset_of!(DeviceMemstore, eoptimestamp))?,
        })
    }
}

/// What the timestamp memory says of a context.
pub(super) struct Slot {
    consumed: StoredDword,
    retired: StoredDword,
}

impl Slot {
    /// Says what the GPU has begun last.
    pub(super) fn set_consumed(&self, timestamp: u32) {
        self.consumed.store(timestamp.to_le());
    }

    /// Says what the GPU has finished last.
    pub(super) fn set_retired(&self, timestamp: u32) {
        self.retired.store(timestamp.to_le());
    }
}
