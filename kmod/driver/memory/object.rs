// SPDX-License-Identifier: GPL-2.0

//! A memory object: zeroed pages, known by an id and by a GPU address.

use super::flags::Flags;
use crate::ext::{
    pages::Pages,
    vma::Mappable, //
};
use kernel::{
    page::{
        PAGE_SHIFT,
        PAGE_SIZE, //
    },
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        ArcBorrow, //
    },
};

/// The largest object, in bytes: what the size field of the oldest ioctls can say.
const SIZE_MAX: u64 = u32::MAX as u64;

/// A memory object of a process.
pub(crate) struct Object {
    /// What the process calls it.
    pub(crate) id: u32,
    /// How it was asked for.
    pub(crate) flags: Flags,
    /// Its contents.
    pub(crate) pages: Pages,
    /// Where the GPU sees it, in bytes; 0 until the address space has placed it.
    gpu_address: Atomic<u64>,
    /// How many areas of CPU address spaces show it.
    mappings: Atomic<u32>,
    /// Whether it is being freed, now or when something happens: 0 or 1.
    pending_free: Atomic<u32>,
}

impl Object {
    /// Zeroed memory of at least `size` bytes.
    ///
    /// Fails with `EINVAL` when the size is 0 or more than 32 bits can say, and with `ENOMEM`.
    pub(crate) fn new(id: u32, size: u64, flags: Flags) -> Result<Self> {
        if size == 0 || size > SIZE_MAX {
            return Err(EINVAL);
        }
        let size = usize::try_from(size)?;
        let pages = Pages::new(size.div_ceil(PAGE_SIZE))?;
        Ok(Self {
            id,
            flags,
            pages,
            gpu_address: Atomic::new(0),
            mappings: Atomic::new(0),
            pending_free: Atomic::new(0),
        })
    }

    /// Size, in bytes: a multiple of the page size.
    pub(crate) fn size(&self) -> u64 {
        // CAST: No supported kernel has a `usize` wider than 64 bits.
        self.pages.size() as u64
    }

    /// Size, in pages.
    pub(super) fn page_count(&self) -> usize {
        self.pages.size() >> PAGE_SHIFT
    }

    /// Where the GPU sees it, in bytes.
    pub(crate) fn gpu_address(&self) -> u64 {
        self.gpu_address.load(Relaxed)
    }

    /// Says where the GPU sees it; called once, before the object is published.
    pub(super) fn place(&self, gpu_address: u64) {
        self.gpu_address.store(gpu_address, Relaxed);
    }

    /// Begins to free the object.
    ///
    /// Fails with `EBUSY` when that has begun before.
    pub(super) fn begin_free(&self) -> Result {
        match self.pending_free.xchg(1, Relaxed) {
            0 => Ok(()),
            _ => Err(EBUSY),
        }
    }

    /// Gives up freeing the object.
    pub(super) fn cancel_free(&self) {
        self.pending_free.store(0, Relaxed);
    }

    /// The offset of a GPU address within the object, in bytes, if it is inside.
    pub(super) fn offset_of(&self, gpu_address: u64) -> Option<usize> {
        let offset = gpu_address.checked_sub(self.gpu_address())?;
        usize::try_from(offset)
            .ok()
            .filter(|&offset| offset < self.pages.size())
    }
}

impl Mappable for Object {
    fn mapped(this: ArcBorrow<'_, Self>) {
        this.mappings.add(1, Relaxed);
    }

    fn unmapped(this: ArcBorrow<'_, Self>) {
        this.mappings.add(u32::MAX, Relaxed);
    }
}
