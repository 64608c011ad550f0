// SPDX-License-Identifier: GPL-2.0

//! What a fill repeats.

/// Sixteen bytes, the first of which is the lowest.
#[derive(Clone, Copy)]
pub(super) struct Pattern(u128);

impl Pattern {
    /// The low `size` bytes (1, 2, 4, 8 or 16) of `bytes`, repeated; `None` for a size of no bytes
    /// or more.
    pub(super) fn new(bytes: u128, size: usize) -> Option<Self> {
        let mut bits = u32::try_from(size).ok()?.checked_mul(u8::BITS)?;
        let unused = u128::BITS.checked_sub(bits)?;
        let mut all = bytes & u128::MAX.checked_shr(unused)?;
        while bits < u128::BITS {
            all |= all << bits;
            bits *= 2;
        }
        Some(Self(all))
    }

    /// The sixteen bytes that follow when `done` bytes have been filled.
    pub(super) fn after(self, done: u64) -> u128 {
        // CAST: The remainder is less than 16.
        self.0.rotate_right(u8::BITS * (done % 16) as u32)
    }
}
