// SPDX-License-Identifier: GPL-2.0

//! The timestamp memory: what user space may map to see how far each context is.

use crate::{
    abi::memory::{
        DeviceMemstore,
        MEMSTORE_SIZE, //
    },
    ext::storage::Storage, //
};
use core::mem::offset_of;
use kernel::{
    mm::virt::VmaMixedMap,
    page::PAGE_SIZE,
    prelude::*, //
};

/// A slot of [`DeviceMemstore`] for each context id.
pub(crate) struct Memstore(Storage);

impl Memstore {
    /// Memory in which every timestamp is 0.
    pub(crate) fn new() -> Result<Self> {
        let size = usize::try_from(MEMSTORE_SIZE)?;
        Ok(Self(Storage::zeroed(size / PAGE_SIZE)?))
    }

    /// Maps all of it at the start of `vma`.
    ///
    /// Fails with `EINVAL` when the area is shorter or longer.
    pub(crate) fn map(&self, vma: &VmaMixedMap) -> Result {
        self.0.map(vma)
    }

    /// Says what the GPU has begun last in a context.
    pub(super) fn set_consumed(&self, context_id: u32, timestamp: u32) {
        self.set(
            context_id,
            offset_of!(DeviceMemstore, soptimestamp),
            timestamp,
        );
    }

    /// Says what the GPU has finished last in a context.
    pub(super) fn set_retired(&self, context_id: u32, timestamp: u32) {
        self.set(
            context_id,
            offset_of!(DeviceMemstore, eoptimestamp),
            timestamp,
        );
    }

    fn set(&self, context_id: u32, field: usize, timestamp: u32) {
        let slot = context_id as usize * size_of::<DeviceMemstore>();
        // Context ids are chosen so that their slots are inside, and the fields are aligned.
        let stored = self.0.store(slot + field, timestamp.to_le());
        debug_assert!(stored.is_ok());
    }
}
