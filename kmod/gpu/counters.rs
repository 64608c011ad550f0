// SPDX-License-Identifier: GPL-2.0

//! What the processor counts: for performance counters, and to tell progress from a hang.

/// Counters since the processor was made. They wrap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Packets begun.
    pub packets: u64,
    /// Dwords of command streams consumed, headers and skipped ones included.
    pub dwords: u64,
    /// Bytes of memory read by packets and the 2D engine; fetching the stream is not counted.
    pub bytes_read: u64,
    /// Bytes of memory written.
    pub bytes_written: u64,
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

    /// What was counted after `earlier`, an older state of the same counters.
    pub fn since(&self, earlier: &Self) -> Self {
        self.combine(earlier, u64::wrapping_sub)
    }

    /// What was counted here and there.
    pub fn plus(&self, other: &Self) -> Self {
        self.combine(other, u64::wrapping_add)
    }

    /// Both, counter by counter.
    fn combine(&self, other: &Self, with: fn(u64, u64) -> u64) -> Self {
        Self {
            packets: with(self.packets, other.packets),
            dwords: with(self.dwords, other.dwords),
            bytes_read: with(self.bytes_read, other.bytes_read),
            bytes_written: with(self.bytes_written, other.bytes_written),
            registers: with(self.registers, other.registers),
            events: with(self.events, other.events),
            interrupts: with(self.interrupts, other.interrupts),
            blits: with(self.blits, other.blits),
            draws_skipped: with(self.draws_skipped, other.draws_skipped),
            dispatches_skipped: with(self.dispatches_skipped, other.dispatches_skipped),
            resolves_skipped: with(self.resolves_skipped, other.resolves_skipped),
            predicated: with(self.predicated, other.predicated),
        }
    }
}
