// SPDX-License-Identifier: GPL-2.0

//! Ranges that have become free a moment ago, noted for whoever wants one of that length next.

use core::ops::RangeInclusive;
use kernel::sync::atomic::{
    Atomic,
    Relaxed, //
};

/// How many ranges are noted at most.
const COUNT: usize = 8;

/// A range that nobody uses.
#[derive(Clone, Copy)]
pub(super) struct Vacancy {
    /// Its first number.
    pub(super) first: usize,
    /// How many numbers it has; one at least.
    pub(super) count: usize,
}

impl Vacancy {
    /// Whether it lies within `range`.
    pub(super) fn is_within(self, range: &RangeInclusive<usize>) -> bool {
        range.contains(&self.first) && range.contains(&self.last())
    }

    /// Whether it has a part in `range`.
    pub(super) fn overlaps(self, range: &RangeInclusive<usize>) -> bool {
        self.first <= *range.end() && *range.start() <= self.last()
    }

    fn last(self) -> usize {
        self.first + (self.count - 1)
    }

    /// As one word, which is not 0; `None` when a number does not fit its half.
    fn pack(self) -> Option<u64> {
        let first = u32::try_from(self.first).ok()?;
        let count = u32::try_from(self.count).ok()?;
        Some((u64::from(first) << u32::BITS) | u64::from(count))
    }

    /// The range that a word stands for; `None` when it is 0, where nothing is noted.
    fn unpack(word: u64) -> Option<Self> {
        // CAST: The halves of the word, which no supported kernel's `usize` is narrower than.
        let (first, count) = ((word >> u32::BITS) as usize, word as u32 as usize);
        (count != 0).then_some(Self { first, count })
    }
}

/// The ranges that are noted. Whoever takes a note out is the only one who has it.
pub(super) struct Vacancies {
    /// A range or 0 each. That is all there is to know about a range, so that no order is needed.
    notes: [Atomic<u64>; COUNT],
    /// Which of the notes gives way next, where all are in use.
    next: Atomic<u32>,
}

impl Vacancies {
    /// Nothing is noted.
    pub(super) fn new() -> Self {
        Self {
            notes: [const { Atomic::new(0) }; COUNT],
            next: Atomic::new(0),
        }
    }

    /// Takes out a range that is wanted.
    pub(super) fn take(&self, is_wanted: impl Fn(Vacancy) -> bool) -> Option<Vacancy> {
        self.notes.iter().find_map(|note| {
            let word = note.load(Relaxed);
            let vacancy = Vacancy::unpack(word).filter(|&vacancy| is_wanted(vacancy))?;
            note.cmpxchg(word, 0, Relaxed).ok()?;
            Some(vacancy)
        })
    }

    /// Notes a range, and returns one for which there is no place.
    pub(super) fn put(&self, vacancy: Vacancy) -> Option<Vacancy> {
        let Some(word) = vacancy.pack() else {
            return Some(vacancy);
        };
        let mut notes = self.notes.iter();
        if notes.any(|note| note.load(Relaxed) == 0 && note.cmpxchg(0, word, Relaxed).is_ok()) {
            return None;
        }
        // CAST: The count fits, and so does the remainder.
        let index = self.next.fetch_add(1, Relaxed) as usize % COUNT;
        match self.notes.get(index) {
            Some(note) => Vacancy::unpack(note.xchg(word, Relaxed)),
            None => Some(vacancy),
        }
    }
}
