// SPDX-License-Identifier: GPL-2.0

//! Memory that user space, the GPU and the kernel share, wherever it comes from.
//!
//! How it is read and written stands in `access.rs`.

use super::{
    access::aligned,
    dma_buf::DmaBuf,
    later::Deferred,
    pages::Pages,
    pinned::PinnedPages, //
};
use core::ptr::NonNull;
use kernel::{
    bindings,
    mm::virt::VmaMixedMap,
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Release, //
        },
        Arc, //
    },
};

/// Where the memory comes from.
pub(crate) enum Storage {
    /// Pages of our own.
    Pages(Pages),
    /// Memory of a program, pinned.
    Pinned(Deferred<PinnedPages>),
    /// A dma-buf, of this or another driver.
    DmaBuf(Deferred<DmaBuf>),
    /// Addresses without memory, so many bytes of them.
    Virtual(usize),
}

/// Where memory can come from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Pages of our own.
    Pages,
    /// Memory of a program, pinned.
    User,
    /// A dma-buf.
    DmaBuf,
    /// There is none, only addresses.
    Virtual,
}

impl Origin {
    /// The C driver's name for it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pages => "gpumem",
            Self::User => "usermem",
            Self::DmaBuf => "ion",
            Self::Virtual => "vbo",
        }
    }
}

impl Storage {
    /// Where the memory comes from.
    pub(crate) fn origin(&self) -> Origin {
        match self {
            Self::Pages(_) => Origin::Pages,
            Self::Pinned(_) => Origin::User,
            Self::DmaBuf(_) => Origin::DmaBuf,
            Self::Virtual(_) => Origin::Virtual,
        }
    }

    /// `count` zeroed pages of our own.
    ///
    /// Fails with `ENOMEM`, and with `EINTR` when the calling thread was killed meanwhile.
    pub(crate) fn zeroed(count: usize) -> Result<Self> {
        Ok(Self::Pages(Pages::new(count)?))
    }

    /// `count` pages of the calling process, from the user address `address` on.
    ///
    /// Fails with `EINVAL` when that is not the address of a page, with `EFAULT` when something
    /// else than memory of the process is there, and with `ENOMEM`.
    pub(crate) fn user(address: usize, count: usize) -> Result<Self> {
        Ok(Self::Pinned(Deferred::new(PinnedPages::new(
            address, count,
        )?)?))
    }

    /// The dma-buf behind a descriptor.
    ///
    /// Fails with `EBADF` or `EINVAL` when it is none, and with `EINVAL` when its driver maps nothing
    /// into the kernel.
    pub(crate) fn dma_buf(descriptor: i32) -> Result<Self> {
        Ok(Self::DmaBuf(Deferred::new(DmaBuf::from_descriptor(
            descriptor,
        )?)?))
    }

    /// Whether it is memory that [`Storage::map_into_kernel`] has yet to map.
    pub(crate) fn is_unmapped(&self) -> bool {
        match self {
            Self::DmaBuf(buffer) => !buffer.is_mapped(),
            Self::Pages(_) | Self::Pinned(_) | Self::Virtual(_) => false,
        }
    }

    /// Makes the memory one that the functions below reach. May wait for fences.
    ///
    /// Fails with `ENOMEM`, `EOPNOTSUPP` for memory of a device, and what else the driver of a
    /// dma-buf says.
    pub(crate) fn map_into_kernel(&self) -> Result {
        match self {
            Self::DmaBuf(buffer) => buffer.map(),
            Self::Pages(_) | Self::Pinned(_) | Self::Virtual(_) => Ok(()),
        }
    }

    /// Whether the GPU may write it.
    pub(crate) fn is_writable(&self) -> bool {
        match self {
            Self::Pinned(pages) => pages.is_writable(),
            Self::Pages(_) | Self::DmaBuf(_) | Self::Virtual(_) => true,
        }
    }

    /// Size, in bytes: a multiple of the page size.
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::Pages(pages) => pages.size(),
            Self::Pinned(pages) => pages.size(),
            Self::DmaBuf(buffer) => buffer.size(),
            Self::Virtual(size) => *size,
        }
    }

    /// Maps all of it at the start of `vma`, whose size must be that of the storage.
    ///
    /// Fails with `EBUSY` for memory that was imported, which the program has mapped already, and
    /// with `EINVAL` where there is none.
    pub(crate) fn map(&self, vma: &VmaMixedMap) -> Result {
        self.mappable()?.map(vma)
    }

    /// The same, but may leave some to be mapped when it is touched, by [`Storage::page`].
    pub(crate) fn map_on_demand(&self, vma: &VmaMixedMap) -> Result {
        self.mappable()?.map_on_demand(vma)
    }

    /// The page of that index, to be mapped into an area; `None` where there is none.
    pub(crate) fn page(&self, index: usize) -> Option<NonNull<bindings::page>> {
        self.mappable().ok()?.page(index)
    }

    /// The pages that may be mapped.
    fn mappable(&self) -> Result<&Pages> {
        match self {
            Self::Pages(pages) => Ok(pages),
            Self::Pinned(_) | Self::DmaBuf(_) => Err(EBUSY),
            Self::Virtual(_) => Err(EINVAL),
        }
    }
}

/// A dword of a storage that is written again and again.
///
/// # Invariants
///
/// `dword` is valid for reads and writes as long as `storage` lives, and aligned.
pub(crate) struct StoredDword {
    dword: NonNull<u32>,
    /// Held for its drop effect.
    _storage: Arc<Storage>,
}

// SAFETY: A storage may be used and freed by any thread.
unsafe impl Send for StoredDword {}
// SAFETY: A shared one only offers to store the dword atomically.
unsafe impl Sync for StoredDword {}

impl StoredDword {
    /// The dword at `offset` of a storage of pages of our own.
    ///
    /// Fails with `EFAULT` when it is not inside or not aligned, and with `EINVAL` where the pages are
    /// others'.
    pub(crate) fn new(storage: Arc<Storage>, offset: usize) -> Result<Self> {
        let Storage::Pages(pages) = &*storage else {
            return Err(EINVAL);
        };
        let (dword, room) = pages.run_to_write(offset)?;
        let dword = aligned::<u32>(offset, (dword.cast_const(), room))?.cast_mut();
        let dword = NonNull::new(dword).ok_or(EFAULT)?;
        // INVARIANT: `aligned` has checked it, and pages of our own stay where they are, and mapped
        // in the kernel, until they are freed, which `_storage` prevents.
        Ok(Self {
            dword,
            _storage: storage,
        })
    }

    /// Writes it in one access: who sees it sees what was done before.
    pub(crate) fn store(&self, value: u32) {
        // SAFETY: By the invariant the pointer is valid and aligned. All the kernel's accesses are
        // atomic or volatile, and those of user space race with nothing that the kernel relies on.
        let dword = unsafe { Atomic::from_ptr(self.dword.as_ptr()) };
        dword.store(value, Release);
    }
}
