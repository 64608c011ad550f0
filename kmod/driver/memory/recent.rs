// SPDX-License-Identifier: GPL-2.0

//! The objects that the GPU has reached last: nearly every submission reaches for those of the one
//! before, and this takes a fraction of the time of a search in the tree.

use super::Object;
use crate::ext::lock::{
    new_spinlock,
    SpinLock, //
};
use kernel::{
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Full,
            Relaxed, //
        },
        Arc, //
    },
};

/// How many there are: few enough to be looked through.
const COUNT: usize = 8;

/// An object and where the GPU sees it.
struct Entry {
    /// The first GPU address, in bytes.
    base: u64,
    /// How many bytes there are; 0 where there is no object.
    length: u64,
    object: Option<Arc<Object>>,
}

impl Entry {
    const NONE: Self = Self {
        base: 0,
        length: 0,
        object: None,
    };
}

struct Entries {
    entries: [Entry; COUNT],
    /// Which one gives way to the next.
    next: usize,
}

/// Objects that stand in the tree of an address space, too. Nothing else lies in their lines of the
/// caches: every submission takes the lock.
#[pin_data]
#[repr(align(64))]
pub(super) struct Recent {
    #[pin]
    entries: SpinLock<Entries>,
    /// 1 once there may be entries: who removes objects looks no further before that.
    used: Atomic<u32>,
}

impl Recent {
    /// No objects.
    pub(super) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            entries <- new_spinlock!(Entries {
                entries: [Entry::NONE; COUNT],
                next: 0,
            }),
            used: Atomic::new(0),
        })
    }

    /// Begins to take objects in: from now on there is a GPU that reaches for them.
    pub(super) fn begin(&self) {
        self.used.store(1, Relaxed);
    }

    /// What `look` makes of the object at a GPU address, in bytes, and of the offset of the address
    /// within it, if the object is one of these.
    pub(super) fn look<R>(
        &self,
        address: u64,
        look: impl FnOnce(&Arc<Object>, u64) -> R,
    ) -> Option<R> {
        let entries = self.entries.lock();
        entries
            .entries
            .iter()
            .find_map(|entry| {
                let offset = address.wrapping_sub(entry.base);
                let object = entry.object.as_ref()?;
                (offset < entry.length).then_some((object, offset))
            })
            .map(|(object, offset)| look(object, offset))
    }

    /// The objects that start at GPU addresses, in bytes, of those that are here.
    pub(super) fn starting_at<const N: usize>(&self, bases: [u64; N]) -> [Option<Arc<Object>>; N] {
        let entries = self.entries.lock();
        bases.map(|base| {
            let mut entries = entries.entries.iter();
            let entry = entries.find(|entry| entry.base == base);
            entry.and_then(|entry| entry.object.clone())
        })
    }

    /// Puts an object in that is not being removed, which `stays` tells.
    pub(super) fn put(&self, object: &Arc<Object>, stays: impl FnOnce() -> bool) {
        if !self.is_used() {
            return;
        }
        let entry = Entry {
            base: object.gpu_address(),
            length: object.size(),
            object: Some(object.clone()),
        };
        let mut entries = self.entries.lock();
        // ORDERING: We say that there are entries, then look whether something was removed. Who
        // removes counts that, then looks here. So one of the two sees the other.
        self.used.xchg(1, Full);
        if !stays() {
            drop(entries);
            return;
        }
        let index = entries.next;
        entries.next = (index + 1) % COUNT;
        let before = match entries.entries.get_mut(index) {
            Some(place) => core::mem::replace(place, entry),
            None => entry,
        };
        drop(entries);
        drop(before);
    }

    /// Whether [`Recent::remove`] may have something to do. Asked after a [`Full`] barrier.
    pub(super) fn is_used(&self) -> bool {
        self.used.load(Relaxed) != 0
    }

    /// Takes an object out.
    pub(super) fn remove(&self, object: &Arc<Object>) {
        let holds = |entry: &&mut Entry| {
            let held = entry.object.as_ref();
            held.is_some_and(|held| Arc::ptr_eq(held, object))
        };
        let mut removed = [Entry::NONE; COUNT];
        let mut entries = self.entries.lock();
        // Two who looked for it at once may both have put it in.
        for (entry, removed) in entries.entries.iter_mut().filter(holds).zip(&mut removed) {
            *removed = core::mem::replace(entry, Entry::NONE);
        }
        drop(entries);
        drop(removed);
    }
}
