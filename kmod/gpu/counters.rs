// SPDX-License-Identifier: GPL-2.0

//! What the processor counts: for performance counters, and to tell progress from a hang.

/// Counters since the processor was made, or since they were moved elsewhere. They wrap.
///
/// What short work counts comes first, in this order: see [`Counters::move_to`].
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Packets begun.
    pub packets: u64,
    /// Dwords of command streams consumed, headers and skipped ones included.
    pub dwords: u64,
    /// Bytes of memory written.
    pub bytes_written: u64,
    /// Bytes of memory read by packets and the 2D engine; fetching the stream is not counted.
    pub bytes_read: u64,
    /// Registers written.
    pub registers: u64,
    /// Events sent down the pipeline.
    pub events: u64,
    /// Interrupts that packets asked for.
    pub interrupts: u64,
    /// Operations of the 2D engine begun.
    pub blits: u64,
    /// Draws that had no effect, for want of a shader core.
    pub draws_skipped: u64,
    /// Dispatches that had no effect, for want of a shader core.
    pub dispatches_skipped: u64,
    /// Resolves between on-chip and system memory that had no effect, for want of a render backend.
    pub resolves_skipped: u64,
    /// Draws and dispatches that their predicate turned off.
    pub predicated: u64,
}

impl Counters {
    /// All zero.
    pub const fn new() -> Self {
        Self {
            packets: 0,
            dwords: 0,
            bytes_read: 0,
            bytes_written: 0,
            registers: 0,
            events: 0,
            interrupts: 0,
            blits: 0,
            draws_skipped: 0,
            dispatches_skipped: 0,
            resolves_skipped: 0,
            predicated: 0,
        }
    }

    /// What had no effect, by name; `None` when everything had.
    pub fn without_effect(&self) -> Option<&'static str> {
        match self {
            Self {
                draws_skipped: 1.., ..
            } => Some("a draw"),
            Self {
                dispatches_skipped: 1..,
                ..
            } => Some("a dispatch"),
            Self {
                resolves_skipped: 1..,
                ..
            } => Some("a resolve of on-chip memory"),
            _ => None,
        }
    }

    /// Adds what was counted here to `sums`, and begins anew.
    pub fn move_to(&mut self, sums: &mut Self) {
        let add = |sum: &mut u64, count: &mut u64| {
            *sum = sum.wrapping_add(core::mem::take(count));
        };
        add(&mut sums.packets, &mut self.packets);
        add(&mut sums.dwords, &mut self.dwords);
        add(&mut sums.bytes_written, &mut self.bytes_written);
        // Short work counts nothing else.
        if *self != Self::new() {
            *sums = sums.plus(self);
            *self = Self::new();
        }
    }

    /// What was counted here and there.
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            packets: self.packets.wrapping_add(other.packets),
            dwords: self.dwords.wrapping_add(other.dwords),
            bytes_read: self.bytes_read.wrapping_add(other.bytes_read),
            bytes_written: self.bytes_written.wrapping_add(other.bytes_written),
            registers: self.registers.wrapping_add(other.registers),
            events: self.events.wrapping_add(other.events),
            interrupts: self.interrupts.wrapping_add(other.interrupts),
            blits: self.blits.wrapping_add(other.blits),
            draws_skipped: self.draws_skipped.wrapping_add(other.draws_skipped),
            dispatches_skipped: self
                .dispatches_skipped
                .wrapping_add(other.dispatches_skipped),
            resolves_skipped: self.resolves_skipped.wrapping_add(other.resolves_skipped),
            predicated: self.predicated.wrapping_add(other.predicated),
        }
    }
}
