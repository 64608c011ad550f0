// SPDX-License-Identifier: GPL-2.0

//! What is behind an object, and where it goes when the object does.

use super::PagePool;
use crate::ext::storage::Storage;
use core::{
    mem,
    ops::Deref, //
};
use kernel::{
    page::PAGE_SHIFT,
    prelude::*,
    sync::Arc, //
};

/// The memory of an object. Pages of our own go back to the pool they have come from.
pub(super) struct Backing {
    storage: Storage,
    pool: Option<Arc<PagePool>>,
}

impl Backing {
    /// `count` zeroed pages, of the pool if it has them.
    ///
    /// Fails with `ENOMEM`, and with `EINTR` when the calling thread was killed meanwhile.
    pub(super) fn pages(pool: &Arc<PagePool>, count: usize) -> Result<Self> {
        let pages = pool.allocate(count << PAGE_SHIFT)?;
        Ok(Self {
            storage: Storage::Pages(pages),
            pool: Some(pool.clone()),
        })
    }
}

impl From<Storage> for Backing {
    /// Memory that no pool is for.
    fn from(storage: Storage) -> Self {
        Self {
            storage,
            pool: None,
        }
    }
}

impl Deref for Backing {
    type Target = Storage;

    fn deref(&self) -> &Storage {
        &self.storage
    }
}

impl Drop for Backing {
    fn drop(&mut self) {
        let Some(pool) = self.pool.take() else {
            return;
        };
        if let Storage::Pages(pages) = mem::replace(&mut self.storage, Storage::Virtual(0)) {
            pool.give_back(pages);
        }
    }
}
