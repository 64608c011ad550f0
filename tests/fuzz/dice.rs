// SPDX-License-Identifier: GPL-2.0

//! Where a sequence's choices come from: numbers that follow from a seed, with a taste for those that break programs.

use fastrand::Rng;

/// Numbers at the edge of something.
const EDGES: [u64; 16] = [
    0,
    1,
    2,
    3,
    0xfff,
    0x1000,
    0x1001,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    0x1_0000_0000,
    0xffff_f000,
    0x7fff_ffff_ffff_ffff,
    0x8000_0000_0000_0000,
    0xffff_ffff_ffff_f000,
    0xffff_ffff_ffff_ffff,
];

/// Chooses, the same way for the same seed.
#[derive(Clone, Debug)]
pub(super) struct Dice(Rng);

impl Dice {
    /// Dice that fall as the seed says.
    pub(super) fn new(seed: u64) -> Self {
        // Seeds are small and follow each other: spread them.
        Self(Rng::with_seed(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
    }

    /// A number below `end`, or 0 where there is none.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.0.u64(..end.max(1))
    }

    /// The same, for 32 bits.
    pub(super) fn below32(&mut self, end: u32) -> u32 {
        self.0.u32(..end.max(1))
    }

    /// An index into a list of that length, which is not empty.
    pub(super) fn index(&mut self, length: usize) -> usize {
        self.0.usize(..length)
    }

    /// Whether the one case in `count` has come.
    pub(super) fn one_in(&mut self, count: u32) -> bool {
        self.0.u32(..count) == 0
    }

    /// One of the list, which is not empty.
    pub(super) fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.index(list.len())]
    }

    /// Any of these flags, together.
    pub(super) fn some_of(&mut self, flags: &[u64]) -> u64 {
        let mut chosen = 0;
        for flag in flags {
            if self.one_in(3) {
                chosen |= flag;
            }
        }
        chosen
    }

    /// Any number.
    pub(super) fn any32(&mut self) -> u32 {
        self.0.u32(..)
    }

    /// Any number.
    pub(super) fn any64(&mut self) -> u64 {
        self.0.u64(..)
    }

    /// A number that breaks programs: at an edge, near one, a power of two, or anything.
    pub(super) fn odd64(&mut self) -> u64 {
        match self.below(4) {
            0 => self.pick(&EDGES),
            1 => self
                .pick(&EDGES)
                .wrapping_add(self.below(17))
                .wrapping_sub(8),
            2 => 1 << self.below(64),
            _ => self.any64(),
        }
    }

    /// The same, for 32 bits.
    pub(super) fn odd32(&mut self) -> u32 {
        low(self.odd64())
    }

    /// A count that is nearly always small.
    pub(super) fn count(&mut self, usual: u32) -> u32 {
        match self.below(32) {
            0 => self.odd32(),
            _ => self.below32(usual) + 1,
        }
    }
}

/// The low half of a number.
pub(super) fn low(number: u64) -> u32 {
    let [b0, b1, b2, b3, ..] = number.to_le_bytes();
    u32::from_le_bytes([b0, b1, b2, b3])
}

/// The high half of a number.
pub(super) fn high(number: u64) -> u32 {
    low(number >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_chooses_the_same() {
        let throw = |seed| {
            let mut dice = Dice::new(seed);
            (dice.any64(), dice.odd64(), dice.count(3))
        };
        assert_eq!(throw(7), throw(7));
        assert_ne!(throw(7), throw(8));
    }

    #[test]
    fn a_number_has_two_halves() {
        assert_eq!((low(0x1_2345_6789), high(0x1_2345_6789)), (0x2345_6789, 1));
    }
}
