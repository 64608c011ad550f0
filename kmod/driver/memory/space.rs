// SPDX-License-Identifier: GPL-2.0

//! The memory objects of a process, by id and by GPU address.
//!
//! Addresses are those of the C driver's 64-bit page tables (ABI facts, section 4.2).

use super::{
    backing::Backing,
    binding::Change,
    flags::Flags,
    recent::Recent,
    table::Table,
    unmapped::Unmapped,
    Object,
    PagePool, //
};
use crate::{
    abi::memory::{
        MEMFLAGS_VBO,
        USER_MEM_TYPE_ADDR,
        USER_MEM_TYPE_DMABUF, //
    },
    ext::{
        range_tree::RangeTree,
        storage::Storage,
        task,
        trace,
        vma, //
    },
};
use core::ops::RangeInclusive;
use kernel::{
    alloc::flags::GFP_KERNEL_ACCOUNT,
    new_mutex,
    page::{
        PAGE_SHIFT,
        PAGE_SIZE, //
    },
    prelude::*,
    sync::{
        atomic::{
            Acquire,
            Atomic,
            Full,
            Relaxed, //
        },
        Arc,
        Mutex, //
    },
};

/// The largest object, in bytes: what the size field of the oldest ioctls can say.
const SIZE_MAX: u64 = u32::MAX as u64;

/// The pages of GPU addresses that any object may get: 0x40_0000_0000 up to 0x80_0000_0000.
const PAGES: RangeInclusive<usize> =
    0x40_0000_0000 >> PAGE_SHIFT..=(0x80_0000_0000 >> PAGE_SHIFT) - 1;

/// A page that no object may get.
const ANCHOR: usize = *PAGES.end() + 1;

/// The largest virtual buffer object, in pages: all addresses that there are.
const VIRTUAL_PAGES_MAX: usize = 0x40_0000_0000 >> PAGE_SHIFT;

/// The addresses, in bytes, that the CPU and the GPU can share: 0x10_0000_0000 up to
/// 0x40_0000_0000. Both arm64 and x86_64 have them in user space, below where they map things of
/// their own accord.
const SHARED: RangeInclusive<usize> = 0x10_0000_0000..=0x40_0000_0000 - 1;

/// The GPU addresses, in bytes, that fit 32 bits: what lies above the largest graphics memory's
/// window, below the timestamp memory's token. The CPU and the GPU can share them in 32-bit
/// programs.
const BYTES_32BIT: RangeInclusive<usize> = 0x1000_0000..=0xefff_f000 - 1;

/// The pages of them.
const PAGES_32BIT: RangeInclusive<usize> =
    *BYTES_32BIT.start() >> PAGE_SHIFT..=*BYTES_32BIT.end() >> PAGE_SHIFT;

/// The memory objects of a process.
#[pin_data]
pub(crate) struct AddressSpace {
    /// The number of the process, for those who trace.
    process: u32,
    /// Held while the GPU address of a published object changes, and while an object is taken out
    /// whose address may.
    #[pin]
    layout: Mutex<()>,
    /// Whether there has been an object whose address the CPU mapping decides: 0 or 1.
    shares: Atomic<u32>,
    /// Objects by id. An object stands here last, when everything about it is decided.
    #[pin]
    objects: Table,
    /// Objects by GPU page. The range may be longer than the object: alignment and a guard page are
    /// part of it.
    #[pin]
    pages: RangeTree<Object>,
    /// Those of them that the GPU has reached last.
    #[pin]
    recent: Recent,
    /// Counts what was removed from `pages`, so that a remembered translation knows when it is
    /// stale.
    removals: Atomic<u64>,
    /// Pages for objects to come.
    pub(crate) pool: Arc<PagePool>,
    /// What the kernel has not mapped yet.
    #[pin]
    pub(super) unmapped: Unmapped,
}

impl AddressSpace {
    /// The address space of the process of that number, with nothing in it. Its pages are those of
    /// `pool`.
    pub(crate) fn new(process: u32, pool: Arc<PagePool>) -> impl PinInit<Self> {
        pin_init!(Self {
            process,
            layout <- new_mutex!(()),
            shares: Atomic::new(0),
            objects <- Table::new(),
            pages <- RangeTree::new(),
            recent <- Recent::new(),
            removals: Atomic::new(0),
            pool,
            unmapped <- Unmapped::new(),
        })
    }

    /// Puts something in the tree that stays: the tree has no memory while nothing is in it, and
    /// the first object to come would take some, and the last to go give it back, each time.
    ///
    /// Fails with `ENOMEM`.
    pub(crate) fn anchor(&self) -> Result {
        let flags = Flags::virtual_buffer(0)?;
        let nothing = Object::new(0, Storage::Virtual(0).into(), flags);
        let nothing = Arc::pin_init(nothing, GFP_KERNEL_ACCOUNT)?;
        self.pages.insert(ANCHOR..=ANCHOR, nothing)
    }

    /// Allocates an object of at least `size` bytes, and places it.
    ///
    /// Fails with `EINVAL` for a size that no object can have, `EOPNOTSUPP` for flags that the
    /// device cannot serve, and `ENOMEM` when memory or addresses run out.
    pub(crate) fn allocate(&self, size: u64, wanted: u64) -> Result<Arc<Object>> {
        if wanted & MEMFLAGS_VBO != 0 {
            return self.allocate_virtual(size, wanted);
        }
        let flags = Flags::allocation(wanted)?;
        if size == 0 || size > SIZE_MAX {
            return Err(EINVAL);
        }
        let size = usize::try_from(size)?;
        self.add(Backing::pages(&self.pool, size.div_ceil(PAGE_SIZE))?, flags)
    }

    /// Makes a virtual buffer object of at least `size` bytes, and places it.
    fn allocate_virtual(&self, size: u64, wanted: u64) -> Result<Arc<Object>> {
        let flags = Flags::virtual_buffer(wanted)?;
        let size = usize::try_from(size)?;
        let size = size.checked_next_multiple_of(PAGE_SIZE).ok_or(EINVAL)?;
        match size >> PAGE_SHIFT {
            1..=VIRTUAL_PAGES_MAX => self.add(Storage::Virtual(size).into(), flags),
            _ => Err(EINVAL),
        }
    }

    /// Changes what is bound to a virtual buffer object, one change after the other.
    pub(crate) fn bind(&self, target: &Object, changes: KVVec<Change>) {
        for change in changes {
            target.bind(change);
        }
        self.changed();
    }

    /// Imports `size` bytes of the calling process, from the user address `address` on.
    ///
    /// Fails with `EINVAL` for an address or size that cannot be imported, and with `EFAULT` when
    /// something else than memory of the process is there.
    pub(crate) fn import_user(&self, address: u64, size: u64, wanted: u64) -> Result<Arc<Object>> {
        if size == 0 || size > SIZE_MAX {
            return Err(EINVAL);
        }
        let size = usize::try_from(size)?;
        let storage = Storage::user(usize::try_from(address)?, size.div_ceil(PAGE_SIZE))?;
        let flags = Flags::import(wanted, USER_MEM_TYPE_ADDR, storage.is_writable())?;
        self.add(storage.into(), flags)
    }

    /// Imports a dma-buf; importing it again makes another object.
    ///
    /// Fails with `EINVAL` or `EBADF` when the descriptor is none, and with `EINVAL` when its driver
    /// maps nothing into the kernel.
    pub(crate) fn import_dma_buf(&self, descriptor: i32, wanted: u64) -> Result<Arc<Object>> {
        let storage = Storage::dma_buf(descriptor)?;
        let flags = Flags::import(wanted, USER_MEM_TYPE_DMABUF, true)?;
        self.add(storage.into(), flags)
    }

    /// Makes an object of memory, and places it.
    fn add(&self, storage: Backing, flags: Flags) -> Result<Arc<Object>> {
        let id = self.objects.take_id()?;
        self.add_as(id, storage, flags)
            .inspect_err(|_| self.objects.give_back_id(id))
    }

    /// The highest id that any object has had; 0 when there was none.
    pub(super) fn highest_id(&self) -> u32 {
        self.objects.highest_id()
    }

    /// Makes the object that gets `id`.
    fn add_as(&self, id: u32, storage: Backing, flags: Flags) -> Result<Arc<Object>> {
        let object = Arc::pin_init(Object::new(id, storage, flags), GFP_KERNEL_ACCOUNT)?;
        self.unmapped.add(&object)?;
        self.publish(&object)
            .inspect_err(|_| self.unmapped.remove(&object))?;
        trace::allocated(object.traced(self.process));
        Ok(object)
    }

    /// Shows an object to the GPU and to the program.
    fn publish(&self, object: &Arc<Object>) -> Result {
        // Where the CPU mapping decides the address, there is none yet.
        match object.flags().use_cpu_map() {
            false => self.place(object)?,
            true => self.shares.store(1, Relaxed),
        }
        self.objects.publish(object.clone());
        Ok(())
    }

    /// Gives an object its GPU address.
    fn place(&self, object: &Arc<Object>) -> Result {
        let flags = object.flags();
        let alignment = usize::try_from(flags.alignment())? >> PAGE_SHIFT;
        // The alignment is a power of two, so that this is also the mask of what it rounds away.
        let slack = alignment.saturating_sub(1);
        let guard = usize::from(flags.guard_page());
        let range = match flags.force_32bit() {
            true => &PAGES_32BIT,
            false => &PAGES,
        };
        let count = object.page_count() + slack + guard;
        let first = self.pages.allocate(count, object.clone(), range)?;
        let aligned = (first + slack) & !slack;
        // CAST: No supported kernel has a `usize` wider than 64 bits.
        object.place((aligned << PAGE_SHIFT) as u64, first + count);
        Ok(())
    }

    /// An address at which both the calling process and the GPU have `length` bytes free: `hint`,
    /// if they do.
    ///
    /// Fails with `EBUSY` when the object has an address already, and with `ENOMEM` when there is
    /// none. Called with the mmap lock of the process held.
    pub(super) fn find_shared_address(
        &self,
        object: &Object,
        hint: usize,
        length: usize,
    ) -> Result<usize> {
        if object.gpu_address() != 0 {
            return Err(EBUSY);
        }
        let (shared, aligned) = (shared(), hint & !(PAGE_SIZE - 1));
        if shared.contains(&aligned) && self.next_shared(aligned, length, &shared) == Ok(aligned) {
            return Ok(aligned);
        }
        self.next_shared(*shared.start(), length, &shared)
    }

    /// The first such address from `start` on, within the range `shared`.
    fn next_shared(
        &self,
        start: usize,
        length: usize,
        shared: &RangeInclusive<usize>,
    ) -> Result<usize> {
        let mut start = start;
        loop {
            start = vma::next_free_address(start, length);
            let last = start.checked_add(length - 1).ok_or(ENOMEM)?;
            if !shared.contains(&last) {
                return Err(ENOMEM);
            }
            match self
                .pages
                .end_of_overlap(start >> PAGE_SHIFT, last >> PAGE_SHIFT)
            {
                // Whoever is just being placed does not know yet where it ends.
                Some(end) => start = (end << PAGE_SHIFT).max(start + PAGE_SIZE),
                None => return Ok(start),
            }
        }
    }

    /// Gives an object the GPU address at which the process maps it.
    ///
    /// Fails with `EBUSY` when it has one already, with `EINVAL` when it is gone or the GPU cannot
    /// use that address, and with `ENOMEM` when the GPU sees something else there.
    pub(super) fn place_at(&self, object: &Arc<Object>, address: usize) -> Result {
        let first = address >> PAGE_SHIFT;
        let last = first + object.page_count() - 1;
        let shared = shared();
        if !shared.contains(&address) || !shared.contains(&(last << PAGE_SHIFT)) {
            return Err(EINVAL);
        }
        let _layout = self.layout.lock();
        if !Arc::ptr_eq(&self.object(object.id)?, object) {
            return Err(EINVAL);
        }
        if object.gpu_address() != 0 {
            return Err(EBUSY);
        }
        // CAST: No supported kernel has a `usize` wider than 64 bits.
        object.place(address as u64, last + 1);
        self.pages
            .insert(first..=last, object.clone())
            .map_err(|_| ENOMEM)
            .inspect_err(|_| object.place(0, 0))
    }

    /// Takes the range that holds `page` out of the address space.
    ///
    /// It is counted twice: before the object is taken from those reached last, so that nobody puts
    /// it there any more, and after that, so that who has found it there meanwhile knows.
    fn displace(&self, page: usize) {
        let object = self.pages.remove(page, |object| {
            self.changed();
            if self.recent.is_used() {
                self.recent.remove(object);
                self.changed();
            }
        });
        drop(object);
    }

    /// Notes that a GPU will reach for its objects.
    pub(super) fn begin_to_remember(&self) {
        self.recent.begin();
    }

    /// Makes every translation that was remembered stale.
    pub(super) fn changed(&self) {
        // ORDERING: As in `Recent::put`.
        self.removals.fetch_add(1, Full);
    }

    /// The object of that id.
    ///
    /// Fails with `EINVAL` when there is none.
    pub(crate) fn object(&self, id: u32) -> Result<Arc<Object>> {
        self.objects.get(id).ok_or(EINVAL)
    }

    /// Whether the GPU address of any object may be that of its CPU mapping. Whoever has been told of
    /// one knows it: it was noted before anybody could find the object.
    pub(super) fn shares_addresses(&self) -> bool {
        self.shares.load(Relaxed) != 0
    }

    /// Whether the GPU address of the object of that id is that of its CPU mapping; `None` when there
    /// is no such object.
    pub(super) fn uses_cpu_map(&self, id: u32) -> Option<bool> {
        self.objects.look(id, |object| object.flags().use_cpu_map())
    }

    /// The object that starts at a GPU address, in bytes.
    ///
    /// Fails with `EINVAL` when there is none.
    pub(crate) fn object_from(&self, address: u64) -> Result<Arc<Object>> {
        match self.object_at(address) {
            Some((object, 0)) => Ok(object),
            _ => Err(EINVAL),
        }
    }

    /// The object at a GPU address, in bytes, and the offset of the address within it.
    pub(crate) fn object_at(&self, address: u64) -> Option<(Arc<Object>, usize)> {
        let found = |object: &Arc<Object>, offset| (object.clone(), offset);
        let (object, offset) = match self.recent.look(address, found) {
            Some(found) => found,
            None => self.search(address)?,
        };
        // CAST: It is less than the size of the object.
        Some((object, offset as usize))
    }

    /// The objects that start at GPU addresses, in bytes, as far as they are among those that were
    /// reached last.
    pub(super) fn recent_from<const N: usize>(&self, bases: [u64; N]) -> [Option<Arc<Object>>; N] {
        self.recent.starting_at(bases)
    }

    /// How many bytes of one object there are from a GPU address on, in bytes; `None` when there is
    /// none.
    pub(crate) fn room_at(&self, address: u64) -> Option<u64> {
        let room = |object: &Arc<Object>, offset| object.size().checked_sub(offset);
        match self.recent.look(address, room) {
            Some(room) => room,
            None => {
                let (object, offset) = self.search(address)?;
                room(&object, offset)
            }
        }
    }

    /// Searches all objects for the one at a GPU address, in bytes, and remembers it; returns the
    /// offset of the address within it, too.
    fn search(&self, address: u64) -> Option<(Arc<Object>, u64)> {
        let removals = self.removals();
        let page = usize::try_from(address >> PAGE_SHIFT).ok()?;
        let object = self.pages.get(page)?;
        let offset = object.offset_of(address)?;
        self.recent.put(&object, || self.removals() == removals);
        // CAST: No supported kernel has a `usize` wider than 64 bits.
        Some((object, offset as u64))
    }

    /// Takes an object out: the GPU sees it no longer, and its id may be used again. Its memory
    /// lives on while a CPU mapping shows it.
    ///
    /// Fails with `EINVAL` when there is none of that id, and with `EBUSY` when it is being freed
    /// already.
    pub(crate) fn free(&self, id: u32) -> Result {
        self.take_out(id, Object::begin_free)
    }

    /// Announces that an object will be freed, so that nobody else frees it.
    ///
    /// Fails as [`AddressSpace::free`] does.
    pub(crate) fn begin_free(&self, id: u32) -> Result {
        self.object(id)?.begin_free()
    }

    /// Takes back what [`AddressSpace::begin_free`] has announced.
    pub(crate) fn cancel_free(&self, id: u32) {
        if let Ok(object) = self.object(id) {
            object.cancel_free();
        }
    }

    /// Takes out an object whose freeing was announced.
    pub(crate) fn free_pending(&self, id: u32) -> Result {
        self.take_out(id, |_| Ok(()))
    }

    /// Takes an object out that `may_go`, and what is not mapped of it.
    ///
    /// Fails with `EINVAL` when that was done before, and as `may_go` does.
    fn take_out(&self, id: u32, may_go: impl Fn(&Object) -> Result) -> Result {
        let stays = |object: &Object| match object.flags().use_cpu_map() {
            false => may_go(object),
            true => Err(EAGAIN),
        };
        let object = match self.objects.remove(id, stays) {
            // Its address may just be decided.
            Err(error) if error == EAGAIN => {
                let _layout = self.layout.lock();
                let object = self.objects.remove(id, may_go)?;
                self.hide(&object);
                object
            }
            result => result.inspect(|object| self.hide(object))?,
        };
        self.unmapped.remove(&object);
        Ok(())
    }

    /// Takes an object from the GPU that has been taken out of the table.
    fn hide(&self, object: &Object) {
        if object.gpu_address() != 0 {
            self.displace((object.gpu_address() as usize) >> PAGE_SHIFT);
        }
        trace::freed(object.traced(self.process));
    }

    /// Takes every object out.
    pub(crate) fn clear(&self) {
        for id in 1..=self.highest_id() {
            // An id that is free, or whose object something else has just taken out.
            let _ = self.free_pending(id);
        }
    }

    /// How often something was taken out: a translation is good as long as this does not change.
    pub(super) fn removals(&self) -> u64 {
        self.removals.load(Acquire)
    }
}

/// The addresses, in bytes, that the GPU can share with the program that calls.
fn shared() -> RangeInclusive<usize> {
    match task::in_compat_call() {
        true => BYTES_32BIT,
        false => SHARED,
    }
}

const _: () = assert!(PAGE_SIZE == 4096, "ids are shifted by 12 in user space");
