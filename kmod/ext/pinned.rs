// SPDX-License-Identifier: GPL-2.0

//! Memory of a program, pinned for as long as the GPU may reach it.
//!
//! C header: `include/linux/mm.h`

use super::shim;
use core::ptr;
use kernel::{
    alloc::flags,
    bindings,
    ffi::c_ulong,
    page::{
        PAGE_SHIFT,
        PAGE_SIZE, //
    },
    prelude::*, //
};

/// What `/proc/PID/status` says of a process as `VmPin`: that so many of its pages are pinned.
///
/// # Invariants
///
/// Owns a reference to the address space, in which `count` pages are noted for us.
struct Note {
    mm: *mut bindings::mm_struct,
    count: c_ulong,
}

impl Note {
    /// Notes that the calling process has `count` more pages pinned.
    fn new(count: usize) -> Self {
        let count = count as c_ulong;
        // SAFETY: Only system calls pin pages, so that the current task has an address space.
        let mm = unsafe { shim::kgsl_shim_note_pinned(count) };
        // INVARIANT: The callee has taken the reference and made the note.
        Self { mm, count }
    }
}

impl Drop for Note {
    fn drop(&mut self) {
        // SAFETY: By the invariant the reference is ours, and the note is taken back once.
        unsafe { shim::kgsl_shim_forget_pinned(self.mm, self.count) };
    }
}

/// Pages of the calling process, in the order of their addresses.
///
/// # Invariants
///
/// The first `pinned` elements are pages that we have pinned once. What the others hold means
/// nothing: the kernel leaves pages there that it has let go again.
pub(crate) struct PinnedPages {
    pages: KVVec<*mut bindings::page>,
    pinned: usize,
    writable: bool,
    /// Held for its drop effect.
    _note: Note,
}

// SAFETY: Pinned pages may be used and unpinned by any thread.
unsafe impl Send for PinnedPages {}
// SAFETY: A shared `PinnedPages` only says where its pages are.
unsafe impl Sync for PinnedPages {}

impl PinnedPages {
    /// Pins `count` pages of the calling process from `address` on, which must be that of a page.
    /// What the process itself may only read is pinned for reading.
    ///
    /// Fails with `EFAULT` when something else than memory of the process is there, and with
    /// `ENOMEM`.
    pub(crate) fn new(address: usize, count: usize) -> Result<Self> {
        if address % PAGE_SIZE != 0 {
            return Err(EINVAL);
        }
        // The kernel would say `EOVERFLOW` of a range that wraps.
        count
            .checked_mul(PAGE_SIZE)
            .and_then(|size| address.checked_add(size))
            .ok_or(EFAULT)?;
        match Self::pin(address, count, true) {
            Err(error) if error == EFAULT => Self::pin(address, count, false),
            result => result,
        }
    }

    fn pin(address: usize, count: usize, writable: bool) -> Result<Self> {
        let mut pages = KVVec::new();
        pages.resize(count, ptr::null_mut(), flags::GFP_KERNEL_ACCOUNT)?;
        // INVARIANT: No page is pinned yet.
        let mut this = Self {
            pages,
            pinned: 0,
            writable,
            _note: Note::new(count),
        };
        while this.pinned < count {
            this.pin_some(address)?;
        }
        Ok(this)
    }

    /// Pins some of the pages that are left, at least one.
    fn pin_some(&mut self, address: usize) -> Result {
        let done = self.pinned;
        let start = address.checked_add(done << PAGE_SHIFT).ok_or(EFAULT)?;
        let left = self.pages.len() - done;
        // SAFETY: The array has `left` places from `done` on.
        let got = unsafe {
            shim::kgsl_shim_pin_pages(
                start,
                left as c_ulong,
                self.writable,
                self.pages.as_mut_ptr().add(done),
            )
        };
        match usize::try_from(got) {
            Ok(0) => Err(EFAULT),
            Ok(got) => {
                // INVARIANT: The kernel says that it has pinned so many more, in order.
                self.pinned = done + got;
                Ok(())
            }
            Err(_) => Err(Error::from_errno(i32::try_from(got)?)),
        }
    }

    /// Whether the process may write the memory, and so the GPU.
    pub(crate) fn is_writable(&self) -> bool {
        self.writable
    }

    /// Size, in bytes.
    pub(super) fn size(&self) -> usize {
        self.pages.len() << PAGE_SHIFT
    }

    /// Where the byte at `offset` is, and how many follow it in the same page, itself included.
    pub(super) fn run(&self, offset: usize) -> Result<(*mut u8, usize)> {
        // A value that is in use has all of its pages pinned.
        let page = *self.pages.get(offset >> PAGE_SHIFT).ok_or(EFAULT)?;
        let within = offset & (PAGE_SIZE - 1);
        // SAFETY: By the invariant the page is valid; 64-bit kernels have no high memory.
        let start = unsafe { shim::kgsl_shim_page_address(page) }.cast::<u8>();
        // SAFETY: `within` is less than the size of the page.
        Ok((unsafe { start.add(within) }, PAGE_SIZE - within))
    }
}

impl Drop for PinnedPages {
    fn drop(&mut self) {
        // SAFETY: By the invariant the first `pinned` elements are pages that we have pinned once.
        unsafe {
            shim::kgsl_shim_unpin_pages(
                self.pages.as_mut_ptr(),
                self.pinned as c_ulong,
                self.writable,
            );
        }
    }
}
