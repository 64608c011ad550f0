// SPDX-License-Identifier: GPL-2.0

//! Pages that user space, the GPU and the kernel share.
//!
//! User space may change the contents at any time, so that no reference into them is ever made:
//! bytes are copied in and out through raw pointers, and what was copied is whatever was there at
//! that moment.
//!
//! Whoever is given [`Pages`] finds them zero. Pages that were used come back as [`Clean`] or as
//! [`Dirty`], and only clean ones can be [`Pages`] again.
//!
//! C header: `include/linux/gfp.h`

use super::{
    shim,
    task, //
};
use core::ptr::{
    self,
    NonNull, //
};
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
    prelude::*,
    sync::atomic::{
        Atomic,
        Relaxed, //
    },
};

/// How many pages are asked for at once: between two batches a dying process gives up.
const BATCH: usize = 512;

/// An owned run of pages, in the order of their contents.
///
/// # Invariants
///
/// The elements are the pages of whole blocks, as `kgsl_shim_alloc_pages` fills them in. One
/// reference to each block is ours.
struct Blocks(KVVec<*mut bindings::page>);

impl Blocks {
    /// Size, in bytes.
    fn size(&self) -> usize {
        self.0.len() << PAGE_SHIFT
    }

    /// Whether nobody else has any of the pages, which are mapped nowhere.
    fn are_ours_alone(&self) -> bool {
        // SAFETY: By the invariant these are pages of whole blocks.
        unsafe { shim::kgsl_shim_pages_are_ours(self.0.len() as c_ulong, self.0.as_ptr()) }
    }
}

impl Drop for Blocks {
    fn drop(&mut self) {
        // SAFETY: By the invariant these are whole blocks, to which we give our reference up.
        unsafe { shim::kgsl_shim_free_pages(self.0.len() as c_ulong, self.0.as_ptr()) }
    }
}

/// Pages in use.
///
/// # Invariants
///
/// As long as `written` is 0, nobody has got at the pages in a way to write, and all of them are
/// zero.
pub(crate) struct Pages {
    blocks: Blocks,
    written: Atomic<u32>,
}

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
        let blocks = Blocks(core::mem::take(&mut partial.pages));
        // INVARIANT: The pages have come zeroed, and nobody has them yet.
        Ok(Self::zero(blocks))
    }

    /// Pages in use, which must be zero, and nobody else's.
    fn zero(blocks: Blocks) -> Self {
        Self {
            blocks,
            written: Atomic::new(0),
        }
    }

    /// Size, in bytes.
    pub(crate) fn size(&self) -> usize {
        self.blocks.size()
    }

    /// Maps the whole run at the start of `vma`, whose size must be that of the pages.
    ///
    /// Fails with `ENOMEM`; what was mapped by then is unmapped with the area.
    pub(crate) fn map(&self, vma: &VmaMixedMap) -> Result {
        self.map_some(vma, false)
    }

    /// The same, but may leave some to be mapped when they are touched, by [`Pages::page`].
    pub(crate) fn map_on_demand(&self, vma: &VmaMixedMap) -> Result {
        self.map_some(vma, true)
    }

    fn map_some(&self, vma: &VmaMixedMap, on_demand: bool) -> Result {
        if vma.end() - vma.start() != self.size() {
            return Err(EINVAL);
        }
        // INVARIANT: A mapping that can only be read now may be made one that can be written.
        self.written.store(1, Relaxed);
        let Blocks(all) = &self.blocks;
        let (pages, count) = (all.as_ptr(), all.len() as c_ulong);
        // SAFETY: The area is a mixed map, being set up, and has the size of the pages; they are whole
        // blocks, which live as long as the area holds a reference to their object.
        to_result(unsafe { shim::kgsl_shim_map_pages(vma.as_ptr(), pages, count, on_demand) })
    }

    /// The page of that index, to be mapped into an area.
    pub(crate) fn page(&self, index: usize) -> Option<NonNull<bindings::page>> {
        NonNull::new(*self.blocks.0.get(index)?)
    }

    /// Where the byte at `offset` is, to be read, and how many follow it in one piece, itself
    /// included.
    pub(super) fn run(&self, offset: usize) -> Result<(*const u8, usize)> {
        let (start, room) = self.place(offset)?;
        Ok((start, room))
    }

    /// The same, to be written.
    pub(super) fn run_to_write(&self, offset: usize) -> Result<(*mut u8, usize)> {
        // INVARIANT: The pointer is not out yet.
        if self.written.load(Relaxed) == 0 {
            self.written.store(1, Relaxed);
        }
        self.place(offset)
    }

    fn place(&self, offset: usize) -> Result<(*mut u8, usize)> {
        let page = *self.blocks.0.get(offset >> PAGE_SHIFT).ok_or(EFAULT)?;
        let within = offset & (PAGE_SIZE - 1);
        let mut room = 0;
        // SAFETY: By the invariant of the blocks the page is valid and one of a whole block, and it
        // is not in high memory, since `pages.c` does not ask for that.
        let start = unsafe { shim::kgsl_shim_block_address(page, &mut room) }.cast::<u8>();
        // SAFETY: `within` is less than the size of the page.
        Ok((unsafe { start.add(within) }, room - within))
    }

    /// Gives the pages up, to be used again. `None` when somebody else still has some of them, who
    /// keeps those; the others are freed then.
    pub(crate) fn retire(self) -> Option<Retired> {
        let Self { blocks, written } = self;
        if !blocks.are_ours_alone() {
            return None;
        }
        Some(match written.load(Relaxed) {
            // INVARIANT: By that of `Pages` all are zero. We own them, so that nobody writes.
            0 => Retired::Clean(Clean(blocks)),
            _ => Retired::Dirty(Dirty(blocks)),
        })
    }
}

/// Pages that were used, and are nobody's.
pub(crate) enum Retired {
    /// Nobody has written to them.
    Clean(Clean),
    /// Somebody may have.
    Dirty(Dirty),
}

impl Retired {
    /// Size, in bytes.
    pub(crate) fn size(&self) -> usize {
        self.blocks().size()
    }

    /// Whether the control groups that the pages are charged to would bear `more` bytes on top.
    pub(crate) fn group_has_room(&self, more: usize) -> bool {
        let Some(first) = self.blocks().0.first() else {
            return false;
        };
        // SAFETY: By the invariant of the blocks the page is valid.
        unsafe { shim::kgsl_shim_group_has_room(*first, (more >> PAGE_SHIFT) as c_ulong) }
    }

    fn blocks(&self) -> &Blocks {
        match self {
            Self::Clean(Clean(blocks)) | Self::Dirty(Dirty(blocks)) => blocks,
        }
    }
}

/// Pages that are nobody's, and zero.
///
/// # Invariants
///
/// All bytes are zero, and only we have references.
pub(crate) struct Clean(Blocks);

// SAFETY: Pages may be used and freed by any thread.
unsafe impl Send for Clean {}

impl Clean {
    /// Takes the pages in use.
    pub(crate) fn into_pages(self) -> Pages {
        // INVARIANT: By our own they are zero.
        Pages::zero(self.0)
    }
}

/// Pages that are nobody's, with whatever somebody has left in them.
///
/// # Invariants
///
/// Only we have references.
pub(crate) struct Dirty(Blocks);

// SAFETY: Pages may be used and freed by any thread.
unsafe impl Send for Dirty {}

impl Dirty {
    /// Makes them zero. Takes long, and lets others run meanwhile.
    pub(crate) fn clean(self) -> Clean {
        let Self(blocks) = self;
        // SAFETY: By the invariant the pages are valid, and only ours.
        unsafe { shim::kgsl_shim_zero_pages(blocks.0.len() as c_ulong, blocks.0.as_ptr()) };
        // INVARIANT: They have just become zero.
        Clean(blocks)
    }
}

/// How much memory the machine has, in bytes.
pub(crate) fn ram_size() -> usize {
    // SAFETY: The function may be called from any context.
    let pages = unsafe { shim::kgsl_shim_ram_pages() };
    usize::saturating_mul(pages, PAGE_SIZE)
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
            // Blocks stand where an entry for them would: at a multiple of their size.
            let batch = (BATCH - self.filled % BATCH).min(count - self.filled);
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
