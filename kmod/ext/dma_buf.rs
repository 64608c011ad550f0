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
    prelude::*,
    sync::atomic::{
        Acquire,
        Atomic,
        Release, //
    },
};

/// A dma-buf, which the kernel maps when it is needed.
///
/// # Invariants
///
/// `address` is 0, or where the `size` bytes of the buffer are mapped, once for us; then it does not
/// change any more.
pub(crate) struct DmaBuf {
    address: Atomic<usize>,
    size: usize,
    buffer: Reference,
}

// SAFETY: dma-bufs may be used and released by any thread.
unsafe impl Send for DmaBuf {}
// SAFETY: A shared `DmaBuf` only maps the buffer, which has a lock for that, and says where it is.
unsafe impl Sync for DmaBuf {}

impl DmaBuf {
    /// The dma-buf behind a descriptor.
    ///
    /// Fails with `EBADF` or `EINVAL` when it is none, and with `EINVAL` when its driver maps nothing
    /// into the kernel.
    pub(crate) fn from_descriptor(descriptor: i32) -> Result<Self> {
        // SAFETY: The function takes any number, and returns a reference or an error.
        let buffer = from_err_ptr(unsafe { bindings::dma_buf_get(descriptor) })?;
        let buffer = Reference(NonNull::new(buffer).ok_or(EINVAL)?);
        // SAFETY: The dma-buf is valid.
        if !unsafe { shim::kgsl_shim_dma_buf_is_mappable(buffer.0.as_ptr()) } {
            return Err(EINVAL);
        }
        // SAFETY: The dma-buf is valid, and its size never changes.
        let size = unsafe { (*buffer.0.as_ptr()).size };
        // INVARIANT: It is not mapped for us yet.
        Ok(Self {
            address: Atomic::new(0),
            size: size - size % PAGE_SIZE,
            buffer,
        })
    }

    /// Whether it is mapped.
    pub(super) fn is_mapped(&self) -> bool {
        self.address.load(Acquire) != 0
    }

    /// Maps it, unless it is mapped. This takes the lock of the buffer, under which others may wait
    /// for fences.
    ///
    /// Fails with `ENOMEM`, with `EOPNOTSUPP` for memory of a device, and with what else its driver
    /// says.
    pub(super) fn map(&self) -> Result {
        if self.is_mapped() {
            return Ok(());
        }
        let mut address = ptr::null_mut();
        let buffer = self.buffer.0.as_ptr();
        // SAFETY: The dma-buf is valid, and `address` may be written.
        to_result(unsafe { shim::kgsl_shim_dma_buf_map(buffer, &mut address) })?;
        // INVARIANT: What is put there is mapped for us.
        if self.address.cmpxchg(0, address as usize, Release).is_err() {
            // SAFETY: Somebody else has mapped it meanwhile, so that this mapping, which is counted
            // by itself, is nobody's.
            unsafe { shim::kgsl_shim_dma_buf_unmap(buffer, address) };
        }
        Ok(())
    }

    /// Size, in bytes: whole pages.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Where the byte at `offset` is, and how many follow it, itself included. Fails with `EFAULT`
    /// where there is none, and while the buffer is not mapped.
    pub(super) fn run(&self, offset: usize) -> Result<(*mut u8, usize)> {
        let room = self
            .size
            .checked_sub(offset)
            .filter(|&room| room > 0)
            .ok_or(EFAULT)?;
        let start = match self.address.load(Acquire) {
            0 => return Err(EFAULT),
            address => address as *mut u8,
        };
        // SAFETY: By the invariant `size` bytes are mapped, and the offset is less.
        Ok((unsafe { start.add(offset) }, room))
    }
}

impl Drop for DmaBuf {
    fn drop(&mut self) {
        match *self.address.get_mut() {
            0 => {}
            // SAFETY: By the invariant the mapping is ours.
            address => unsafe {
                shim::kgsl_shim_dma_buf_unmap(self.buffer.0.as_ptr(), address as *mut c_void);
            },
        }
    }
}

/// A reference to a dma-buf.
///
/// # Invariants
///
/// The dma-buf is valid, and a reference to it is ours.
struct Reference(NonNull<bindings::dma_buf>);

impl Drop for Reference {
    fn drop(&mut self) {
        // SAFETY: The reference is ours and given back once.
        unsafe { bindings::dma_buf_put(self.0.as_ptr()) };
    }
}
