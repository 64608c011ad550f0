// SPDX-License-Identifier: GPL-2.0

//! Objects by ranges of numbers that do not overlap: who owns a page of an address space.
//!
//! A maple tree is made to be searched: changing it takes many times as long. So the place of an
//! object that goes stays in the tree for a moment, vacant, for the next object that wants as many
//! numbers. Nobody but whoever has the note of a vacant place fills it, or takes it out.
//!
//! C header: `include/linux/maple_tree.h`

use super::vacancies::{
    Vacancies,
    Vacancy, //
};
use core::{
    mem,
    ops::RangeInclusive, //
};
use kernel::{
    alloc::flags::GFP_KERNEL_ACCOUNT,
    maple_tree::{
        InsertErrorKind,
        MapleTreeAlloc, //
    },
    prelude::*,
    sync::Arc, //
};

/// An object that knows where its range ends.
pub(crate) trait HasEnd {
    /// The first number after the range under which it stands in the tree; anything below that where
    /// it is just being put in.
    fn end(&self) -> usize;
}

/// What stands in the tree under a range.
struct Place<T> {
    /// How many numbers the range has.
    count: usize,
    content: Content<T>,
}

enum Content<T> {
    Object(Arc<T>),
    /// Nothing, up to that number, which is not in the range any more.
    Vacant(usize),
}

impl<T: HasEnd> Place<T> {
    /// A place for `object`.
    ///
    /// Fails with `ENOMEM`.
    fn new(count: usize, object: Arc<T>) -> Result<KBox<Self>> {
        let content = Content::Object(object);
        Ok(KBox::new(Self { count, content }, GFP_KERNEL_ACCOUNT)?)
    }

    /// The object, if there is one.
    fn object(&self) -> Option<&Arc<T>> {
        match &self.content {
            Content::Object(object) => Some(object),
            Content::Vacant(_) => None,
        }
    }

    /// The first number after the range.
    fn end(&self) -> usize {
        match &self.content {
            Content::Object(object) => object.end(),
            Content::Vacant(end) => *end,
        }
    }

    /// Takes the object out, and returns the range that is vacant now.
    fn vacate(&mut self) -> Option<(Arc<T>, Vacancy)> {
        let end = self.end();
        let vacancy = Vacancy {
            first: end.checked_sub(self.count)?,
            count: self.count,
        };
        match mem::replace(&mut self.content, Content::Vacant(end)) {
            Content::Object(object) => Some((object, vacancy)),
            Content::Vacant(_) => None,
        }
    }
}

/// A tree of shared objects, each known under a range.
#[pin_data]
pub(crate) struct RangeTree<T: 'static> {
    #[pin]
    tree: MapleTreeAlloc<KBox<Place<T>>>,
    /// The places in the tree that are vacant.
    vacancies: Vacancies,
}

// SAFETY: A maple tree belongs to no thread, and its objects may be sent.
unsafe impl<T: Send + Sync + 'static> Send for RangeTree<T> {}
// SAFETY: Every operation takes the tree's own lock, the notes of vacant places are atomic, and the
// objects may be shared.
unsafe impl<T: Send + Sync + 'static> Sync for RangeTree<T> {}

impl<T: HasEnd + 'static> RangeTree<T> {
    /// An empty tree.
    pub(crate) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            tree <- MapleTreeAlloc::new(),
            vacancies: Vacancies::new(),
        })
    }

    /// Puts an object under a free range of `count` numbers within `range`, and returns the first of
    /// them: a range of as many that was free a moment ago, or else the lowest.
    ///
    /// Fails with `ENOMEM` when there is no such range, or no memory.
    pub(crate) fn allocate(
        &self,
        count: usize,
        object: Arc<T>,
        range: &RangeInclusive<usize>,
    ) -> Result<usize> {
        let fits = |vacancy: Vacancy| vacancy.count == count && vacancy.is_within(range);
        let Some(vacancy) = self.vacancies.take(fits) else {
            return self.allocate_anew(count, object, range);
        };
        match self.fill(vacancy, object) {
            Ok(()) => Ok(vacancy.first),
            Err(object) => self.allocate_anew(count, object, range),
        }
    }

    /// Puts an object into a vacant place, or returns it when there is none.
    fn fill(&self, vacancy: Vacancy, object: Arc<T>) -> Result<(), Arc<T>> {
        match self.tree.lock().load(vacancy.first) {
            Some(place) => {
                place.content = Content::Object(object);
                Ok(())
            }
            None => Err(object),
        }
    }

    /// Puts an object under the lowest range that is free.
    fn allocate_anew(
        &self,
        count: usize,
        object: Arc<T>,
        range: &RangeInclusive<usize>,
    ) -> Result<usize> {
        let mut place = Place::new(count, object)?;
        loop {
            match self
                .tree
                .alloc_range(count, place, range.clone(), GFP_KERNEL_ACCOUNT)
            {
                Ok(first) => return Ok(first),
                Err(error) if self.clear(range) => place = error.value,
                Err(_) => return Err(ENOMEM),
            }
        }
    }

    /// Puts an object under a range.
    ///
    /// Fails with `EEXIST` when a part of the range is taken, and with `ENOMEM`.
    pub(crate) fn insert(&self, range: RangeInclusive<usize>, object: Arc<T>) -> Result {
        let count = range.end() - range.start() + 1;
        let mut place = Place::new(count, object)?;
        loop {
            match self
                .tree
                .insert_range(range.clone(), place, GFP_KERNEL_ACCOUNT)
            {
                Err(error) if error.cause == InsertErrorKind::Occupied && self.clear(&range) => {
                    place = error.value;
                }
                result => return result.map_err(|error| error.cause.into()),
            }
        }
    }

    /// Takes the vacant places out of the tree that have a part in `range`. Returns whether there
    /// were any.
    fn clear(&self, range: &RangeInclusive<usize>) -> bool {
        let mut any = false;
        while let Some(vacancy) = self.vacancies.take(|vacancy| vacancy.overlaps(range)) {
            drop(self.tree.erase(vacancy.first));
            any = true;
        }
        any
    }

    /// The first number after the lowest range that has a part in `first..=last`; `None` when none
    /// has.
    pub(crate) fn end_of_overlap(&self, first: usize, last: usize) -> Option<usize> {
        self.clear(&(first..=last));
        let mut tree = self.tree.lock();
        let mut state = tree.ma_state(first, first);
        Some(state.find(last)?.end())
    }

    /// Takes out the object whose range holds `number`. Whatever else knows the object learns of it
    /// by `forget`: when nobody finds it here any more, and before anything else gets its range.
    pub(crate) fn remove(&self, number: usize, forget: impl FnOnce(&Arc<T>)) -> Option<Arc<T>> {
        let (object, vacancy) = self.tree.lock().load(number)?.vacate()?;
        forget(&object);
        if let Some(vacancy) = self.vacancies.put(vacancy) {
            drop(self.tree.erase(vacancy.first));
        }
        Some(object)
    }

    /// The object whose range holds `number`.
    pub(crate) fn get(&self, number: usize) -> Option<Arc<T>> {
        self.tree.lock().load(number)?.object().cloned()
    }
}
