// SPDX-License-Identifier: GPL-2.0

//! Timestamps: 32-bit numbers that wrap, ordered within a window of half their range.

/// Half the range: how far a timestamp may lie ahead of another.
const WINDOW: u32 = 1 << 31;

/// Whether `timestamp` is `reference` or comes after it.
pub(super) fn has_reached(timestamp: u32, reference: u32) -> bool {
    timestamp.wrapping_sub(reference) < WINDOW
}
