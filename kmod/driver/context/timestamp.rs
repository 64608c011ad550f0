// SPDX-License-Identifier: GPL-2.0

//! Timestamps: 32-bit numbers that wrap, ordered within a window of half their range.

/// Half the range: how far a timestamp may lie ahead of another.
const WINDOW: u32 = 1 << 31;

/// Whether `timestamp` is `reference` or comes after it.
pub(super) fn has_reached(timestamp: u32, reference: u32) -> bool {
    timestamp.wrapping_sub(reference) < WINDOW
}

/// The same, where `reference` has been given out for certain: it lies before `timestamp` by a
/// quarter of the range at most, and what is given out is never far ahead of what has retired, unless
/// the program numbers its submissions itself, and may ask for any number.
pub(super) fn has_lately_reached(timestamp: u32, reference: u32) -> bool {
    timestamp.wrapping_sub(reference) < WINDOW / 2
}
