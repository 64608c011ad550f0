// SPDX-License-Identifier: GPL-2.0

//! What the processes of the fuzzer share: how far each has come, what was ever seen, and the sequences that saw it
//! first. It outlives a worker that dies.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use rustix::io::Errno;

use super::calls;
use super::dice::Dice;
use super::step::{Sequence, Step, LONGEST};
use crate::client::Mapping;

/// Processes that run sequences, at the most.
pub(super) const WORKERS: usize = 8;

/// Sequences that are kept, at the most.
const CORPUS: usize = 4096;

/// Error numbers that are told apart.
const ERRNOS: usize = 256;

/// Bytes of the module's code that are told apart.
const CODE: usize = 4 << 20;

/// Ids of a kind that processes show each other.
const SHOWN: usize = 32;

/// Kinds of ids that processes show each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Contexts.
    Context,
    /// Timelines.
    Timeline,
    /// Memory objects.
    Object,
}

/// What is counted for each worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Count {
    /// Ioctls that were issued.
    Ioctls,
    /// Sequences that were run to their end.
    Sequences,
    /// Steps that were begun, by any of its processes.
    Steps,
}

const COUNTS: usize = 3;

// Where everything is, in dwords.
const STOP: usize = 0;
const KEPT: usize = 1;
const COUNTERS: usize = 2;
const IDS: usize = COUNTERS + WORKERS * COUNTS;
const OUTCOMES: usize = IDS + 3 * SHOWN;
const PLACES: usize = OUTCOMES + calls::LIMIT * ERRNOS / 32;
const SLOTS: usize = PLACES + CODE / 32;
const SLOT: usize = 1 + 2 * LONGEST;
const SIZE: usize = SLOTS + CORPUS * SLOT;

/// The shared memory.
#[derive(Debug)]
pub(super) struct Shared(Mapping);

impl Shared {
    /// Fresh memory, in which nothing has happened.
    pub(super) fn new() -> Result<Self, Errno> {
        Ok(Self(Mapping::shared(SIZE * size_of::<u32>())?))
    }

    fn at(&self, index: usize) -> &AtomicU32 {
        &self.0.dwords()[index]
    }

    /// Has every worker end with the sequence that it runs.
    pub(super) fn stop(&self) {
        self.at(STOP).store(1, Relaxed);
    }

    /// Whether workers are to end.
    pub(super) fn is_stopped(&self) -> bool {
        self.at(STOP).load(Relaxed) != 0
    }

    /// Counts one more.
    pub(super) fn count(&self, worker: usize, what: Count) {
        self.counter(worker, what).fetch_add(1, Relaxed);
    }

    /// How much a worker has counted, modulo 2^32.
    pub(super) fn counted(&self, worker: usize, what: Count) -> u32 {
        self.counter(worker, what).load(Relaxed)
    }

    fn counter(&self, worker: usize, what: Count) -> &AtomicU32 {
        self.at(COUNTERS + worker * COUNTS + what as usize)
    }

    /// Shows an id to other processes.
    pub(super) fn show(&self, kind: Kind, id: u32) {
        let place = IDS + kind as usize * SHOWN + id as usize % SHOWN;
        self.at(place).store(id, Relaxed);
    }

    /// An id that some process has shown; 0 where there is none.
    pub(super) fn shown(&self, kind: Kind, dice: &mut Dice) -> u32 {
        let place = IDS + kind as usize * SHOWN + dice.index(SHOWN);
        self.at(place).load(Relaxed)
    }

    /// Notes how a call ended; returns whether it had never ended so.
    pub(super) fn note_outcome(&self, call: usize, errno: i32) -> bool {
        let errno = errno.unsigned_abs() as usize % ERRNOS;
        self.note(OUTCOMES, call * ERRNOS + errno)
    }

    /// Notes that the module's code was run at that distance from its start; returns whether it never was.
    pub(super) fn note_place(&self, distance: u64) -> bool {
        match usize::try_from(distance) {
            Ok(distance) if distance < CODE => self.note(PLACES, distance),
            _ => false,
        }
    }

    fn note(&self, start: usize, bit: usize) -> bool {
        let (dword, mask) = (self.at(start + bit / 32), 1 << (bit % 32));
        // Most bits are set already: looking first is much cheaper.
        dword.load(Relaxed) & mask == 0 && dword.fetch_or(mask, Relaxed) & mask == 0
    }

    /// How many ends of calls were seen.
    pub(super) fn outcomes(&self) -> usize {
        let dwords = &self.0.dwords()[OUTCOMES..PLACES];
        let ones = dwords.iter().map(|dword| dword.load(Relaxed).count_ones());
        ones.sum::<u32>() as usize
    }

    /// The distances from the start of the module's code at which it was run, in order.
    pub(super) fn places(&self) -> Vec<u64> {
        let dwords = self.0.dwords()[PLACES..SLOTS].iter().zip(0u64..);
        let set = dwords.map(|(dword, index)| (dword.load(Relaxed), index));
        set.filter(|(bits, _)| *bits != 0)
            .flat_map(|(bits, index)| {
                (0..32u64)
                    .filter(move |bit| (bits >> bit) & 1 == 1)
                    .map(move |bit| index * 32 + bit)
            })
            .collect()
    }

    /// Keeps a sequence that saw something first, as long as there is room.
    pub(super) fn keep(&self, sequence: &Sequence) {
        let kept = self.at(KEPT).fetch_add(1, Relaxed) as usize;
        if kept >= CORPUS {
            self.at(KEPT).store(CORPUS as u32, Relaxed);
            return;
        }
        let slot = SLOTS + kept * SLOT;
        let steps = &sequence.steps[..sequence.steps.len().min(LONGEST)];
        for (index, step) in steps.iter().enumerate() {
            let number = step.pack();
            self.at(slot + 1 + 2 * index).store(number as u32, Relaxed);
            self.at(slot + 2 + 2 * index)
                .store((number >> 32) as u32, Relaxed);
        }
        // A slot counts once it has its length.
        self.at(slot)
            .store(steps.len() as u32, std::sync::atomic::Ordering::Release);
    }

    /// How many sequences are kept.
    pub(super) fn kept(&self) -> usize {
        (self.at(KEPT).load(Relaxed) as usize).min(CORPUS)
    }

    /// The steps of a sequence that was kept; none where there is no such sequence.
    pub(super) fn recall(&self, index: usize) -> Vec<Step> {
        if index >= self.kept() {
            return vec![];
        }
        let slot = SLOTS + index * SLOT;
        let length = self.at(slot).load(std::sync::atomic::Ordering::Acquire) as usize;
        let number = |index| {
            let low = u64::from(self.at(slot + 1 + 2 * index).load(Relaxed));
            low | (u64::from(self.at(slot + 2 + 2 * index).load(Relaxed)) << 32)
        };
        (0..length.min(LONGEST))
            .filter_map(|index| Step::unpack(number(index)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sequence_is_kept_and_recalled() {
        let shared = Shared::new().unwrap();
        let step = |seed| Step {
            actor: 1,
            call: 2,
            seed,
        };
        let sequence = Sequence {
            worker: 0,
            seed: None,
            steps: vec![step(5), step(u32::MAX)],
        };
        shared.keep(&sequence);
        assert_eq!((shared.kept(), shared.recall(0)), (1, sequence.steps));
        assert_eq!(shared.recall(1), []);
    }

    #[test]
    fn what_was_seen_is_not_new() {
        let shared = Shared::new().unwrap();
        assert!(shared.note_outcome(3, 22) && !shared.note_outcome(3, 22));
        assert!(shared.note_outcome(3, 14) && shared.note_outcome(4, 22));
        assert_eq!(shared.outcomes(), 3);
        assert!(shared.note_place(0x1234) && shared.note_place(33));
        assert!(!shared.note_place(u64::MAX), "it is not the module's");
        assert_eq!(shared.places(), [33, 0x1234]);
    }

    #[test]
    fn counts_are_told_apart() {
        let shared = Shared::new().unwrap();
        shared.count(WORKERS - 1, Count::Ioctls);
        assert_eq!(shared.counted(WORKERS - 1, Count::Ioctls), 1);
        assert_eq!(shared.counted(WORKERS - 1, Count::Steps), 0);
        assert_eq!(shared.shown(Kind::Context, &mut Dice::new(1)), 0);
    }
}
