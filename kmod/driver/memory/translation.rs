// SPDX-License-Identifier: GPL-2.0

//! From GPU addresses to memory, with the last answers at hand.

use super::{
    AddressSpace,
    Object, //
};
use kernel::sync::Arc;

/// How many answers are at hand: a stream and what it works on, or a source and a destination.
const COUNT: usize = 2;

/// The memory of translations that are not used any more; these may be the last references to it.
pub(crate) type Forgotten = [Option<Arc<Object>>; COUNT];

/// What was found at an address: memory, or addresses of a virtual buffer object to which nothing
/// is bound.
#[derive(Clone)]
pub(crate) struct Translation {
    /// The first GPU address for which it holds, in bytes.
    base: u64,
    /// For how many bytes it holds.
    pub(super) length: usize,
    /// The memory; without any, reads are zero and writes are lost.
    pub(super) memory: Option<Arc<Object>>,
    /// The byte of the memory that lies at `base`.
    pub(super) offset: usize,
}

impl Translation {
    /// A translation that holds for nothing.
    const NONE: Self = Self {
        base: 0,
        length: 0,
        memory: None,
        offset: 0,
    };

    /// The distance of a GPU address from the base, in bytes, if the translation holds for it.
    pub(super) fn distance(&self, address: u64) -> Option<usize> {
        let distance = usize::try_from(address.checked_sub(self.base)?).ok()?;
        (distance < self.length).then_some(distance)
    }
}

/// The translations of an address space that were used last.
pub(super) struct Translations {
    space: Arc<AddressSpace>,
    recent: [Translation; COUNT],
    /// Which one gives way to the next.
    next: usize,
    /// What [`AddressSpace::removals`] was before anything of this was looked up.
    removals: u64,
}

impl Translations {
    /// None at hand.
    pub(super) fn new(space: Arc<AddressSpace>) -> Self {
        space.begin_to_remember();
        Self {
            space,
            recent: [Translation::NONE; COUNT],
            next: 0,
            removals: 0,
        }
    }

    /// Has at hand what was before it was forgotten, as far as that was reached lately: nearly every
    /// submission goes where the one before went. Does nothing while there is something at hand.
    pub(super) fn recall(&mut self) {
        if self.recent.iter().any(|one| one.length != 0) {
            return;
        }
        self.removals = self.space.removals();
        let bases = self.recent.each_ref().map(|one| one.base);
        let objects = self.space.recent_from(bases);
        for (one, object) in self.recent.iter_mut().zip(objects) {
            if let Some(object) = object.filter(|object| !object.is_virtual()) {
                one.length = object.storage.size();
                one.memory = Some(object);
                one.offset = 0;
            }
        }
    }

    /// Takes out what is at hand.
    #[must_use]
    pub(super) fn forget(&mut self) -> Forgotten {
        let mut forgotten = [const { None }; COUNT];
        for (recent, memory) in self.recent.iter_mut().zip(&mut forgotten) {
            recent.length = 0;
            *memory = recent.memory.take();
        }
        forgotten
    }

    /// The translation that holds for an address, in bytes: one at hand, if it is still good, else a
    /// new one.
    pub(super) fn find(&mut self, address: u64) -> Option<&Translation> {
        let removals = self.space.removals();
        if self.removals != removals {
            // What is gone must not live on here.
            drop(self.forget());
            self.removals = removals;
        }
        let mut recent = self.recent.iter();
        let index = match recent.position(|one| one.distance(address).is_some()) {
            Some(index) => index,
            None => self.remember(self.look_up(address)?),
        };
        self.recent.get(index)
    }

    /// Puts a translation in the place of the older one, and returns the place.
    fn remember(&mut self, translation: Translation) -> usize {
        let index = self.next;
        if let Some(place) = self.recent.get_mut(index) {
            *place = translation;
        }
        self.next = (index + 1) % COUNT;
        index
    }

    /// Looks an address up.
    fn look_up(&self, address: u64) -> Option<Translation> {
        let (object, offset) = self.space.object_at(address)?;
        let base = object.gpu_address();
        if !object.is_virtual() {
            return Some(Translation {
                base,
                length: object.storage.size(),
                memory: Some(object),
                offset: 0,
            });
        }
        let found = object.bound_at(offset);
        if found.child.is_none() && object.flags().faults_where_unbound() {
            return None;
        }
        let (memory, offset) = found.child.unzip();
        Some(Translation {
            // CAST: No supported kernel has a `usize` wider than 64 bits.
            base: base.checked_add(found.start as u64)?,
            length: found.end - found.start,
            memory,
            offset: offset.unwrap_or(0),
        })
    }
}
