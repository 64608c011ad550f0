// SPDX-License-Identifier: GPL-2.0

//! Objects by ranges of numbers that do not overlap: who owns a page of an address space.
//!
//! C header: `include/linux/maple_tree.h`

use core::ops::RangeBounds;
use kernel::{
    alloc::flags::GFP_KERNEL_ACCOUNT,
    maple_tree::MapleTreeAlloc,
    prelude::*,
    sync::Arc, //
};

/// An object that knows where its range ends.
pub(crate) trait HasEnd {
    /// The first number after the range under which it stands in the tree; anything below that where
    /// it is just being put in.
    fn end(&self) -> usize;
}

/// A tree of shared objects, each known under a range.
#[pin_data]
pub(crate) struct RangeTree<T: 'static> {
    #[pin]
    tree: MapleTreeAlloc<Arc<T>>,
}

// SAFETY: A maple tree belongs to no thread, and its objects may be sent.
unsafe impl<T: Send + Sync + 'static> Send for RangeTree<T> {}
// SAFETY: Every operation takes the tree's own lock, and its objects may be shared.
unsafe impl<T: Send + Sync + 'static> Sync for RangeTree<T> {}

impl<T: 'static> RangeTree<T> {
    /// An empty tree.
    pub(crate) fn new() -> impl PinInit<Self> {
        pin_init!(Self { tree <- MapleTreeAlloc::new() })
    }

    /// Puts an object under the lowest free range of `count` numbers within `range`, and returns
    /// the first of them.
    ///
    /// Fails with `ENOMEM` when there is no such range, or no memory.
    pub(crate) fn allocate(
        &self,
        count: usize,
        object: Arc<T>,
        range: impl RangeBounds<usize>,
    ) -> Result<usize> {
        self.tree
            .alloc_range(count, object, range, GFP_KERNEL_ACCOUNT)
            .map_err(|_| ENOMEM)
    }

    /// Puts an object under a range.
    ///
    /// Fails with `EEXIST` when a part of the range is taken, and with `ENOMEM`.
    pub(crate) fn insert(&self, range: impl RangeBounds<usize>, object: Arc<T>) -> Result {
        self.tree
            .insert_range(range, object, GFP_KERNEL_ACCOUNT)
            .map_err(|error| error.cause.into())
    }

    /// The first number after the lowest range that has a part in `first..=last`; `None` when none
    /// has.
    pub(crate) fn end_of_overlap(&self, first: usize, last: usize) -> Option<usize>
    where
        T: HasEnd,
    {
        let mut tree = self.tree.lock();
        let mut state = tree.ma_state(first, first);
        Some(state.find(last)?.end())
    }

    /// Takes out the object whose range holds `number`.
    pub(crate) fn remove(&self, number: usize) -> Option<Arc<T>> {
        self.tree.erase(number)
    }

    /// What `look` sees in the object whose range holds `number`; it must not sleep.
    pub(crate) fn look<R>(&self, number: usize, look: impl FnOnce(&T) -> R) -> Option<R> {
        let mut tree = self.tree.lock();
        let object = tree.load(number)?;
        Some(look(&*object))
    }

    /// The object whose range holds `number`.
    pub(crate) fn get(&self, number: usize) -> Option<Arc<T>> {
        Some(self.tree.lock().load(number)?.into())
    }
}
