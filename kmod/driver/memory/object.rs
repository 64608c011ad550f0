// SPDX-License-Identifier: GPL-2.0

//! A memory object: memory that is known by an id and by a GPU address.

use super::{
    backing::Backing,
    binding::{
        Bindings,
        Change,
        Found, //
    },
    flags::Flags, //
};
use crate::{
    abi::memory::GPUOBJ_METADATA_MAX,
    ext::{
        lock::{
            new_mutex,
            Mutex, //
        },
        range_tree::HasEnd,
        storage::Storage,
        trace,
        vma::Mappable, //
    },
};
use core::ptr::NonNull;
use kernel::{
    bindings,
    page::PAGE_SHIFT,
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        ArcBorrow, //
    },
};

/// What a program says about an object, closed by a zero.
pub(crate) type Note = [u8; GPUOBJ_METADATA_MAX as usize];

/// A memory object of a process.
#[pin_data]
pub(crate) struct Object {
    /// What the process calls it.
    pub(crate) id: u32,
    /// Its contents.
    pub(super) storage: Backing,
    flags: Flags,
    /// What the program uses it for, as in `MEMTYPE_MASK` but not shifted.
    memory_type: Atomic<u32>,
    /// Where the GPU sees it, in bytes; 0 until the address space has placed it.
    gpu_address: Atomic<u64>,
    /// The first GPU page after its own: alignment and a guard page may lie between.
    range_end: Atomic<usize>,
    /// Where the process sees it, in bytes; 0 when it has not mapped it.
    user_address: Atomic<u64>,
    /// How many areas of CPU address spaces show it.
    mappings: Atomic<u32>,
    /// Whether it is being freed, now or when something happens: 0 or 1.
    pending_free: Atomic<u32>,
    #[pin]
    note: Mutex<Note>,
    /// What is bound to a virtual buffer object.
    #[pin]
    bindings: Mutex<Bindings>,
}

impl Object {
    /// An object that the GPU cannot see yet.
    pub(super) fn new(id: u32, storage: Backing, flags: Flags) -> impl PinInit<Self> {
        pin_init!(Self {
            id,
            storage,
            flags,
            memory_type: Atomic::new(flags.memory_type()),
            gpu_address: Atomic::new(0),
            range_end: Atomic::new(0),
            user_address: Atomic::new(0),
            mappings: Atomic::new(0),
            pending_free: Atomic::new(0),
            note <- new_mutex!([0; GPUOBJ_METADATA_MAX as usize]),
            bindings <- new_mutex!(Bindings::new()),
        })
    }

    /// Size, in bytes: a multiple of the page size.
    pub(crate) fn size(&self) -> u64 {
        // CAST: No supported kernel has a `usize` wider than 64 bits.
        self.storage.size() as u64
    }

    /// Size, in pages.
    pub(super) fn page_count(&self) -> usize {
        self.storage.size() >> PAGE_SHIFT
    }

    /// How it was asked for, with the memory type that it was given last.
    pub(crate) fn flags(&self) -> Flags {
        self.flags.with_memory_type(self.memory_type.load(Relaxed))
    }

    /// Whether it is a virtual buffer object: addresses to which memory of other objects is bound.
    pub(super) fn is_virtual(&self) -> bool {
        matches!(*self.storage, Storage::Virtual(_))
    }

    /// Changes what is bound to it. The address space must be told, with [`AddressSpace::changed`].
    ///
    /// [`AddressSpace::changed`]: super::AddressSpace::changed
    pub(super) fn bind(&self, change: Change) {
        let before = self.bindings.lock().apply(change);
        drop(before);
    }

    /// What is bound at byte `offset`.
    pub(super) fn bound_at(&self, offset: usize) -> Found {
        self.bindings.lock().find(offset, self.storage.size())
    }

    /// Whether the GPU may write it.
    pub(super) fn gpu_may_write(&self) -> bool {
        self.flags.gpu_may_write()
    }

    /// Says what the program uses it for.
    pub(crate) fn set_memory_type(&self, memory_type: u32) {
        self.memory_type.store(memory_type, Relaxed);
    }

    /// Says what the program says about it.
    pub(crate) fn annotate(&self, note: Note) {
        *self.note.lock() = note;
    }

    /// Where the GPU sees it, in bytes.
    pub(crate) fn gpu_address(&self) -> u64 {
        self.gpu_address.load(Relaxed)
    }

    /// Says where the GPU sees it, and which page is the first that others may have; called once.
    pub(super) fn place(&self, gpu_address: u64, range_end: usize) {
        self.range_end.store(range_end, Relaxed);
        self.gpu_address.store(gpu_address, Relaxed);
    }

    /// Where the process sees it, in bytes; 0 when it does not.
    pub(crate) fn user_address(&self) -> u64 {
        match self.mappings.load(Relaxed) {
            0 => 0,
            _ => self.user_address.load(Relaxed),
        }
    }

    /// How many areas of CPU address spaces show it.
    pub(crate) fn mappings(&self) -> u32 {
        self.mappings.load(Relaxed)
    }

    /// What trace events say of it, in the process of that number.
    pub(super) fn traced(&self, process: u32) -> trace::Memory {
        trace::Memory {
            gpu_address: self.gpu_address(),
            size: self.size(),
            process,
            id: self.id,
            flags: self.flags().bits(),
        }
    }

    /// Says where the process sees it.
    pub(super) fn set_user_address(&self, address: usize) {
        // CAST: No supported kernel has a `usize` wider than 64 bits.
        self.user_address.store(address as u64, Relaxed);
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
        let base = self.gpu_address();
        let offset = gpu_address.checked_sub(base).filter(|_| base != 0)?;
        usize::try_from(offset)
            .ok()
            .filter(|&offset| offset < self.storage.size())
    }
}

impl HasEnd for Object {
    fn end(&self) -> usize {
        self.range_end.load(Relaxed)
    }
}

impl Mappable for Object {
    fn mapped(this: ArcBorrow<'_, Self>) {
        this.mappings.add(1, Relaxed);
    }

    fn unmapped(this: ArcBorrow<'_, Self>) {
        this.mappings.add(u32::MAX, Relaxed);
    }

    fn page(this: ArcBorrow<'_, Self>, index: usize) -> Option<NonNull<bindings::page>> {
        this.storage.page(index)
    }
}
