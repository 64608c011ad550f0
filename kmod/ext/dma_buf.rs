// SPDX-License-Identifier: GPL-2.0

//! dma-bufs of any driver, as memory.
//!
//! C header: `include/linux/dma-buf.h`

use super::shim;
use core::ptr::{
    self,
    NonNull, //
};
use kernel::{
    bindings,
    error::{
        from_err_ptr,
        to_result, //
    },
    ffi::c_void,
    page::PAGE_SIZE,
    prelude::*, //
};

/// A dma-buf that the kernel has mapped.
///
/// # Invariants
///
/// `buffer` is a dma-buf to which we own a reference, and `address` is where its `size` bytes are
/// mapped, once for us.
pub(crate) struct DmaBuf {
    buffer: NonNull<bindings::dma_buf>,
    address: *mut c_void,
    size: usize,
}

// SAFETY: dma-bufs may be used and released by any thread.
unsafe impl Send for DmaBuf {}
// SAFETY: A shared `DmaBuf` only says where its memory is.
unsafe impl Sync for DmaBuf {}

impl DmaBuf {
    /// The dma-buf behind a descriptor.
    ///
    /// Fails with `EBADF` or `EINVAL` when it is none, and with what its driver says when it cannot
    /// be mapped.
    pub(crate) fn from_descriptor(descriptor: i32) -> Result<Self> {
        // SAFETY: The function takes any number, and returns a reference or an error.
        let buffer = from_err_ptr(unsafe { bindings::dma_buf_get(descriptor) })?;
        let buffer = Reference(NonNull::new(buffer).ok_or(EINVAL)?);
        let mut address = ptr::null_mut();
        // SAFETY: The dma-buf is valid, and `address` may be written.
        to_result(unsafe { shim::kgsl_shim_dma_buf_map(buffer.0.as_ptr(), &mut address) })?;
        // SAFETY: The dma-buf is valid, and its size never changes.
        let size = unsafe { (*buffer.0.as_ptr()).size };
        // INVARIANT: The reference and the mapping are ours now.
        Ok(Self {
            buffer: buffer.keep(),
            address,
            size: size - size % PAGE_SIZE,
        })
    }

    /// Size, in bytes: whole pages.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Where the byte at `offset` is, and how many follow it, itself included.
    pub(super) fn run(&self, offset: usize) -> Result<(*mut u8, usize)> {
        let room = self
            .size
            .checked_sub(offset)
            .filter(|&room| room > 0)
            .ok_or(EFAULT)?;
        // SAFETY: By the invariant `size` bytes are mapped, and the offset is less.
        Ok((unsafe { self.address.cast::<u8>().add(offset) }, room))
    }
}

impl Drop for DmaBuf {
    fn drop(&mut self) {
        // SAFETY: By the invariant the mapping is ours.
        unsafe { shim::kgsl_shim_dma_buf_unmap(self.buffer.as_ptr(), self.address) };
        drop(Reference(self.buffer));
    }
}

/// Gives the reference to a dma-buf back when dropped.
struct Reference(NonNull<bindings::dma_buf>);

impl Reference {
    /// Leaves giving it back to the caller.
    fn keep(self) -> NonNull<bindings::dma_buf> {
        let buffer = self.0;
        core::mem::forget(self);
        buffer
    }
}

impl Drop for Reference {
    fn drop(&mut self) {
        // SAFETY: The reference is ours and given back once.
        unsafe { bindings::dma_buf_put(self.0.as_ptr()) };
    }
}
