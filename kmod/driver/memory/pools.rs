// SPDX-License-Identifier: GPL-2.0

//! The pools of all processes: what they may keep together, and how the kernel gets it back.

use super::{
    super::list::{
        List,
        Node, //
    },
    PagePool, //
};
use crate::ext::{
    lock::{
        new_spinlock,
        SpinLock, //
    },
    pages,
    place::Place,
    shrinker::{
        Reclaim,
        Shrinker, //
    }, //
};
use kernel::{
    alloc::flags,
    c_str,
    page::PAGE_SHIFT,
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Arc, //
    },
};

/// Where a process finds them.
static PLACE: Place<Pools> = Place::new();

/// Which part of the machine's memory all pools may keep, and which part one.
const PART_OF_ALL: usize = 8;
const PART_OF_ONE: usize = 16;

/// What one pool may keep at most, in bytes.
const SIZE_MAX: usize = 64 << 20;

/// All pools.
#[pin_data]
pub(super) struct Pools {
    #[pin]
    list: SpinLock<List<Arc<PagePool>>>,
    /// How much they keep, in bytes.
    size: Atomic<usize>,
    /// How much they may, in bytes.
    limit: usize,
    /// How much each may, in bytes.
    pub(super) limit_of_one: usize,
}

impl Pools {
    /// The pools of this module.
    ///
    /// Fails with `ENODEV` when it is going.
    pub(super) fn get() -> Result<Arc<Self>> {
        PLACE.get()
    }

    fn new() -> Result<Arc<Self>> {
        let ram = pages::ram_size();
        Arc::pin_init(
            pin_init!(Self {
                list <- new_spinlock!(List::new()),
                size: Atomic::new(0),
                limit: ram / PART_OF_ALL,
                limit_of_one: SIZE_MAX.min(ram / PART_OF_ONE),
            }),
            flags::GFP_KERNEL,
        )
    }

    /// Adds a pool.
    ///
    /// Fails with `ENOMEM`.
    pub(super) fn add(&self, pool: Arc<PagePool>) -> Result {
        let node = Node::new(pool)?;
        self.list.lock().push(node);
        Ok(())
    }

    /// Takes a pool out.
    pub(super) fn remove(&self, pool: &Arc<PagePool>) {
        let mut list = self.list.lock();
        let removed = list.take_matching(|other| Arc::ptr_eq(other, pool));
        drop(list);
        drop(removed);
    }

    /// Counts so many bytes that a pool is to keep, and returns whether it may. If not, nothing is
    /// counted.
    pub(super) fn grow(&self, size: usize) -> bool {
        let before = self.size.fetch_add(size, Relaxed);
        // No sum of sizes of memory that exists is larger than an integer.
        if before.saturating_add(size) <= self.limit {
            return true;
        }
        self.shrink(size);
        false
    }

    /// So many bytes are kept no longer.
    pub(super) fn shrink(&self, size: usize) {
        self.size.fetch_add(size.wrapping_neg(), Relaxed);
    }
}

impl Reclaim for Pools {
    fn count(&self) -> usize {
        self.size.load(Relaxed) >> PAGE_SHIFT
    }

    fn reclaim(&self, pages: usize) -> usize {
        let mut freed = 0;
        while freed < pages {
            let mut oldest = None;
            self.list.lock().find_mut(|pool| {
                oldest = pool.take_oldest();
                oldest.is_some()
            });
            match oldest {
                Some(oldest) => freed += oldest.size() >> PAGE_SHIFT,
                None => break,
            }
        }
        freed
    }
}

/// The pools, for as long as this lives.
pub(crate) struct Pooling {
    _shrinker: Shrinker<Pools>,
}

impl Pooling {
    /// Lets processes have pools.
    ///
    /// Fails with `ENOMEM`.
    pub(crate) fn new() -> Result<Self> {
        let pools = Pools::new()?;
        let shrinker = Shrinker::new(c_str!("kgsl-pages"), pools.clone())?;
        PLACE.fill(pools)?;
        Ok(Self {
            _shrinker: shrinker,
        })
    }
}

impl Drop for Pooling {
    fn drop(&mut self) {
        drop(PLACE.take());
    }
}
