// SPDX-License-Identifier: GPL-2.0

//! Zeroed pages that user space, the GPU and the kernel share.
//!
//! User space may change the contents at any time, so that no reference into them is ever made:
//! bytes are copied in and out through raw pointers, and what was copied is whatever was there at
//! that moment.
//!
//! C header: `include/linux/gfp.h`

use super::{
    shim,
    task, //
};
use core::ptr;
use kernel::{
    alloc::flags,
    bindings,
    error::to_result,
    ffi::c_ulong,
    mm::virt::VmaMixedMap,
    page::{
        PAGE_SHIFT,
        PAGE_SIZE, //
    },
    prelude::*, //
};

/// How many pages are asked for at once: between two batches a dying process gives up.
const BATCH: usize = 512;

/// An owned run of pages, in the order of their contents.
///
/// # Invariants
///
/// The elements are the pages of blocks that are ours alone to free: `kgsl_shim_alloc_pages` has
/// filled them in.
pub(crate) struct Pages(KVVec<*mut bindings::page>);

// SAFETY: Pages may be used and freed by any thread.
unsafe impl Send for Pages {}
// SAFETY: A shared `Pages` only offers copies in and out, which may race as those of user space
// may.
unsafe impl Sync for Pages {}

impl Pages {
    /// Allocates `count` zeroed pages.
    ///
    /// Fails with `ENOMEM`, and with `EINTR` when the calling thread was killed meanwhile.
    pub(crate) fn new(count: usize) -> Result<Self> {
        let mut pages = KVVec::new();
        pages.resize(count, ptr::null_mut(), flags::GFP_KERNEL_ACCOUNT)?;
        let mut partial = Partial { pages, filled: 0 };
        partial.fill()?;
        // INVARIANT: `fill` has succeeded, so that every element is a page of a block.
        Ok(Self(core::mem::take(&mut partial.pages)))
    }

    /// Size, in bytes.
    pub(crate) fn size(&self) -> usize {
        self.0.len() << PAGE_SHIFT
    }

    /// Maps the whole run at the start of `vma`, whose size must be that of the pages.
    ///
    /// Fails with `ENOMEM`; what was mapped by then is unmapped with the area.
    pub(crate) fn map(&self, vma: &VmaMixedMap) -> Result {
        let mut address = vma.start();
        if vma.end() - address != self.size() {
            return Err(EINVAL);
        }
        // The callee counts the number down.
        let mut left = self.0.len() as c_ulong;
        let pages = self.0.as_ptr();
        while left > 0 {
            let done = self.0.len() - left as usize;
            address = vma.start() + (done << PAGE_SHIFT);
            // SAFETY: The area is a mixed map that covers the range; `pages` holds `left` more
            // valid pages, which live as long as the area holds a reference to their object.
            to_result(unsafe {
                shim::kgsl_shim_insert_pages(vma.as_ptr(), address, pages.add(done), &mut left)
            })?;
        }
        Ok(())
    }

    /// Where the byte at `offset` is, and how many follow it in the same page, itself included.
    pub(super) fn run(&self, offset: usize) -> Result<(*mut u8, usize)> {
        let page = *self.0.get(offset >> PAGE_SHIFT).ok_or(EFAULT)?;
        let within = offset & (PAGE_SIZE - 1);
        // SAFETY: By the invariant the page is valid, and it is not in high memory, since `shim.c`
        // does not ask for that.
        let start = unsafe { shim::kgsl_shim_page_address(page) }.cast::<u8>();
        // SAFETY: `within` is less than the size of the page.
        Ok((unsafe { start.add(within) }, PAGE_SIZE - within))
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // SAFETY: By the invariant these are whole blocks, which are freed once.
        unsafe { shim::kgsl_shim_free_pages(self.0.len() as c_ulong, self.0.as_ptr()) }
    }
}

/// Pages of which only the first have been allocated.
///
/// # Invariants
///
/// The first `filled` elements are pages of blocks that are ours alone to free.
struct Partial {
    pages: KVVec<*mut bindings::page>,
    filled: usize,
}

impl Partial {
    /// Puts a page into every empty place.
    fn fill(&mut self) -> Result {
        let count = self.pages.len();
        while self.filled < count {
            if task::fatal_signal_pending() {
                return Err(EINTR);
            }
            let batch = BATCH.min(count - self.filled);
            // SAFETY: The array has `batch` null places from `filled` on.
            let got = unsafe {
                let rest = self.pages.as_mut_ptr().add(self.filled);
                shim::kgsl_shim_alloc_pages(batch as c_ulong, rest)
            };
            // INVARIANT: The callee has filled so many places with whole blocks.
            self.filled += got as usize;
            if got == 0 && !task::fatal_signal_pending() {
                return Err(ENOMEM);
            }
        }
        Ok(())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        let filled = self.filled.min(self.pages.len());
        // SAFETY: By the invariant these are whole blocks, which are freed once: what was handed on
        // is no longer in the array.
        unsafe { shim::kgsl_shim_free_pages(filled as c_ulong, self.pages.as_ptr()) }
    }
}
