// SPDX-License-Identifier: GPL-2.0

//! The memory objects of a process by their ids, of which the lowest that is free is given first.
//!
//! The table grows by parts, each as large as all before it, and never moves what is in it. The
//! kernel's XArray would take and give back a node whenever the first object of 64 comes and the
//! last goes, and needs a second structure to find free ids.

use super::Object;
use crate::ext::lock::{
    new_spinlock,
    SpinLock, //
};
use core::mem;
use kernel::{
    alloc::flags::GFP_KERNEL_ACCOUNT,
    prelude::*,
    sync::Arc, //
};

/// The lowest id.
const FIRST: u32 = 1;

/// How many ids the first part has: the bits of a word.
const WORD: u32 = u64::BITS;

/// How many parts there are at most: user space shifts ids by the size of a page and keeps the
/// result in 32 bits, which leaves 20 of them.
const PARTS: usize = 15;

/// Ids and objects.
#[pin_data]
pub(super) struct Table {
    #[pin]
    ids: SpinLock<Ids>,
}

struct Ids {
    parts: [Part; PARTS],
    /// No id below this is free.
    lowest: u32,
    /// The highest id that was taken; 0 when none was.
    highest: u32,
}

/// A part; without any memory until it is needed.
#[derive(Default)]
struct Part {
    /// A bit for each id that is in use.
    used: KVVec<u64>,
    objects: KVVec<Option<Arc<Object>>>,
}

/// What looking for a free id comes to.
enum Search {
    Found(u32),
    /// There would be one in the part of that index.
    Missing(usize),
    Full,
}

/// The part in which an id stands, and its index in that.
fn place(id: u32) -> (usize, usize) {
    match (id / WORD).checked_ilog2() {
        // CAST: Logarithms and 20 bits fit.
        Some(log) => (log as usize + 1, (id & !(WORD << log)) as usize),
        None => (0, id as usize),
    }
}

impl Part {
    /// The part of that index.
    ///
    /// Fails with `ENOMEM`.
    fn new(index: usize) -> Result<Self> {
        let words = 1_usize << index.saturating_sub(1);
        let mut part = Self::default();
        part.used.resize(words, 0, GFP_KERNEL_ACCOUNT)?;
        let count = words * WORD as usize;
        part.objects.resize(count, None, GFP_KERNEL_ACCOUNT)?;
        Ok(part)
    }
}

impl Ids {
    /// Takes the lowest free id.
    fn take(&mut self) -> Search {
        loop {
            let (index, at) = place(self.lowest);
            let Some(part) = self.parts.get_mut(index) else {
                return Search::Full;
            };
            let Some(word) = part.used.get_mut(at / WORD as usize) else {
                return Search::Missing(index);
            };
            let base = self.lowest & !(WORD - 1);
            let free = !*word & (u64::MAX << (self.lowest % WORD));
            if free != 0 {
                // The lowest bit that is set.
                *word |= free & free.wrapping_neg();
                let id = base + free.trailing_zeros();
                self.lowest = id + 1;
                self.highest = self.highest.max(id);
                return Search::Found(id);
            }
            self.lowest = base + WORD;
        }
    }

    /// Gives an id back.
    fn give_back(&mut self, id: u32) {
        let (index, at) = place(id);
        let part = self.parts.get_mut(index);
        if let Some(word) = part.and_then(|part| part.used.get_mut(at / WORD as usize)) {
            *word &= !(1 << (id % WORD));
            self.lowest = self.lowest.min(id);
        }
    }

    /// What stands at an id.
    fn object(&mut self, id: u32) -> Option<&mut Option<Arc<Object>>> {
        let (index, at) = place(id);
        self.parts.get_mut(index)?.objects.get_mut(at)
    }
}

impl Table {
    /// An empty table.
    pub(super) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            ids <- new_spinlock!(Ids {
                parts: Default::default(),
                lowest: FIRST,
                highest: 0,
            }),
        })
    }

    /// Takes the lowest free id, at which nothing stands yet.
    ///
    /// Fails with `ENOSPC` when all are in use, and with `ENOMEM`.
    pub(super) fn take_id(&self) -> Result<u32> {
        loop {
            let found = self.ids.lock().take();
            match found {
                Search::Found(id) => return Ok(id),
                Search::Missing(index) => self.grow(index)?,
                Search::Full => return Err(ENOSPC),
            }
        }
    }

    /// Adds the part of that index, unless somebody else has meanwhile.
    fn grow(&self, index: usize) -> Result {
        let mut part = Part::new(index)?;
        let mut ids = self.ids.lock();
        if let Some(place) = ids.parts.get_mut(index) {
            if place.used.is_empty() {
                mem::swap(place, &mut part);
            }
        }
        drop(ids);
        Ok(())
    }

    /// Puts an object where its id is, which was taken for it.
    pub(super) fn publish(&self, object: Arc<Object>) {
        let id = object.id;
        if let Some(place) = self.ids.lock().object(id) {
            *place = Some(object);
        }
    }

    /// The object of that id.
    pub(super) fn get(&self, id: u32) -> Option<Arc<Object>> {
        self.ids.lock().object(id)?.clone()
    }

    /// What `look` sees in the object of that id; it must not sleep.
    pub(super) fn look<R>(&self, id: u32, look: impl FnOnce(&Object) -> R) -> Option<R> {
        Some(look(self.ids.lock().object(id)?.as_ref()?))
    }

    /// Takes the object of that id out if `may_go` says so, which must not sleep, and gives its id
    /// back: whoever finds it gone may have that.
    ///
    /// Fails with `EINVAL` when there is none, and as `may_go` does.
    pub(super) fn remove(
        &self,
        id: u32,
        may_go: impl FnOnce(&Object) -> Result,
    ) -> Result<Arc<Object>> {
        let mut ids = self.ids.lock();
        let place = ids.object(id).ok_or(EINVAL)?;
        may_go(place.as_ref().ok_or(EINVAL)?)?;
        let removed = place.take().ok_or(EINVAL)?;
        ids.give_back(id);
        Ok(removed)
    }

    /// Gives an id back at which nothing was put.
    pub(super) fn give_back_id(&self, id: u32) {
        self.ids.lock().give_back(id);
    }

    /// The highest id that any object has had; 0 when there was none.
    pub(super) fn highest_id(&self) -> u32 {
        self.ids.lock().highest
    }
}

const _: () = assert!(WORD << (PARTS - 1) == 1 << 20, "ids have 20 bits");
