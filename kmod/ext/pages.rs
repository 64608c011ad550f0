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
/// Every element is a page that is ours alone to free, of order 0, and never null.
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
        let mut partial = Partial(pages);
        partial.fill()?;
        // INVARIANT: `fill` has succeeded, so that every element is a page.
        Ok(Self(core::mem::take(&mut partial.0)))
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
        // The callee counts the number down, and wants the array mutable without changing it.
        let mut left = self.0.len() as c_ulong;
        let pages = self.0.as_ptr().cast_mut();
        while left > 0 {
            let done = self.0.len() - left as usize;
            address = vma.start() + (done << PAGE_SHIFT);
            // SAFETY: The area is a mixed map that covers the range; `pages` holds `left` more
            // valid pages, which live as long as the area holds a reference to their object.
            to_result(unsafe {
                bindings::vm_insert_pages(vma.as_ptr(), address, pages.add(done), &mut left)
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
        free(&self.0);
    }
}

/// Pages of which some may still be null.
struct Partial(KVVec<*mut bindings::page>);

impl Partial {
    /// Puts a page into every empty place.
    fn fill(&mut self) -> Result {
        let count = self.0.len();
        let mut filled = 0;
        while filled < count {
            if task::fatal_signal_pending() {
                return Err(EINTR);
            }
            let batch = BATCH.min(count - filled);
            // SAFETY: The array has `batch` null places from `filled` on.
            let got = unsafe {
                shim::kgsl_shim_alloc_pages(batch as c_ulong, self.0.as_mut_ptr().add(filled))
            };
            if got == 0 {
                return Err(ENOMEM);
            }
            filled += got as usize;
        }
        Ok(())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        free(&self.0);
    }
}

/// Frees every page of the array that is not null.
fn free(pages: &[*mut bindings::page]) {
    for &page in pages.iter().filter(|page| !page.is_null()) {
        // SAFETY: The owner of the array gives its pages up: each is ours, of order 0, and freed
        // once.
        unsafe { bindings::__free_pages(page, 0) };
    }
}
