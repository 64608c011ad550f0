// SPDX-License-Identifier: GPL-2.0

//! Small numbers for user space: the lowest that is free.
//!
//! C header: `include/linux/idr.h`

use super::shim;
use kernel::{
    bindings,
    error::to_result,
    prelude::*,
    types::Opaque, //
};

/// A set of numbers in use.
#[pin_data(PinnedDrop)]
pub(crate) struct Ids {
    #[pin]
    ida: Opaque<bindings::ida>,
}

// SAFETY: An ida has a lock of its own and belongs to no thread.
unsafe impl Send for Ids {}
// SAFETY: Every operation takes the ida's own lock.
unsafe impl Sync for Ids {}

impl Ids {
    /// An empty set.
    pub(crate) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            // SAFETY: The slot is valid for writes, stays where it is, and is destroyed when `Ids`
            // is dropped.
            ida <- Opaque::ffi_init(|slot| unsafe { shim::kgsl_shim_ida_init(slot) }),
        })
    }

    /// Takes the lowest free number from `min` to `max`, both included.
    ///
    /// Fails with `ENOSPC` when all are in use and with `ENOMEM`.
    pub(crate) fn take(&self, min: u32, max: u32) -> Result<u32> {
        // SAFETY: The type invariant of `Opaque::ffi_init` above: the ida is initialised.
        let id =
            unsafe { bindings::ida_alloc_range(self.ida.get(), min, max, bindings::GFP_KERNEL) };
        to_result(id)?;
        u32::try_from(id).map_err(|_| EINVAL)
    }

    /// Gives a number back. It must have come from [`Ids::take`]; the kernel warns otherwise.
    pub(crate) fn give_back(&self, id: u32) {
        // SAFETY: The ida is initialised; a number that is not in use is reported and changes
        // nothing.
        unsafe { bindings::ida_free(self.ida.get(), id) }
    }
}

#[pinned_drop]
impl PinnedDrop for Ids {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: The ida is initialised, and nobody uses it after this.
        unsafe { bindings::ida_destroy(self.ida.get()) }
    }
}
