// SPDX-License-Identifier: GPL-2.0

//! The memory objects of a process, by id and by GPU address.
//!
//! Where the GPU sees them is decided in `placing.rs`.

use super::{
    backing::Backing,
    binding::Change,
    flags::Flags,
    placing::ANCHOR,
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
        lock::{
            new_mutex,
            Mutex, //
        },
        range_tree::RangeTree,
        storage::Storage,
        trace, //
    },
};
use kernel::{
    alloc::flags::GFP_KERNEL_ACCOUNT,
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
        Arc, //
    },
};

/// The largest object, in bytes: what the size field of the oldest ioctls can say.
const SIZE_MAX: u64 = u32::MAX as u64;

/// The largest virtual buffer object, in pages: all addresses that there are.
const VIRTUAL_PAGES_MAX: usize = 0x40_0000_0000 >> PAGE_SHIFT;

/// The memory objects of a process.
#[pin_data]
pub(crate) struct AddressSpace {
    /// The number of the process, for those who trace.
    pub(super) process: u32,
    /// Held while the GPU address of a published object changes, and while an object is taken out
    /// whose address may.
    #[pin]
    pub(super) layout: Mutex<()>,
    /// Whether there has been an object whose address the CPU mapping decides: 0 or 1.
    pub(super) shares: Atomic<u32>,
    /// Objects by id. An object stands here last, when everything about it is decided.
    #[pin]
    pub(super) objects: Table,
    /// Objects by GPU page. The range may be longer than the object: alignment and a guard page are
    /// part of it.
    #[pin]
    pub(super) pages: RangeTree<Object>,
    /// Those of them that the GPU has reached last.
    #[pin]
    pub(super) recent: Recent,
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

const _: () = assert!(PAGE_SIZE == 4096, "ids are shifted by 12 in user space");
