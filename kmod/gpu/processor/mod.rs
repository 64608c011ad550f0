// SPDX-License-Identifier: GPL-2.0

//! The command processor: a resumable state machine that runs PM4 command streams.
//!
//! The state lives in [`Processor`]; an [`execution::Execution`] borrows it for one call of
//! [`Processor::run`], together with the registers, the memory and the budget. Packets that can
//! move much data leave an [`operation::Operation`] behind, which later calls continue.

mod blit;
mod condition;
mod control;
mod counter;
mod draw;
mod draw_state;
mod event;
mod execution;
mod memory_packets;
mod on_chip;
mod operation;
mod register_packets;
mod stream;
mod wait;

use super::chip::Chip;
use super::counters::Counters;
use super::fault::Fault;
use super::memory::Memory;
use super::registers::Registers;
use draw_state::DrawStates;
use execution::Execution;
use on_chip::OnChip;
use operation::Operation;
use stream::Stream;

/// How the processor behaves.
#[derive(Clone, Copy, Debug)]
pub struct Configuration {
    /// The Adreno that it is.
    pub chip: &'static Chip,
    /// Whether a draw or dispatch faults; otherwise it is counted and has no effect. There is no
    /// shader core yet.
    pub strict: bool,
}

/// Why [`Processor::run`] returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The submission is complete.
    Done,
    /// The budget is used up; another call continues.
    Budget,
    /// A wait's condition does not hold yet; another call polls it once more.
    Waiting,
    /// The submission cannot go on. The processor is as after [`Processor::abort`].
    Fault(Fault),
}

/// Where a packet is, for fault reports.
#[derive(Clone, Copy, Debug)]
struct Position {
    /// The nesting level of its buffer, from 1.
    level: u8,
    /// The GPU address of its header, in bytes.
    address: u64,
}

/// The state of a command processor. A new one is as after a reset.
#[derive(Debug)]
pub struct Processor {
    /// The buffers that are being run.
    stream: Stream,
    /// The dwords that the current packet has left.
    packet_left: u32,
    /// The current packet.
    position: Position,
    /// What a packet left to do.
    operation: Operation,
    /// The draw state groups.
    draw_states: DrawStates,
    /// The draw that waits for its draw states.
    draw: Option<draw::Draw>,
    /// The mode, predicates and on-chip memories.
    on_chip: OnChip,
    /// What was counted.
    counters: Counters,
    /// What the last run has left of its budget.
    budget_left: u32,
}

impl Default for Processor {
    fn default() -> Self {
        Self::new()
    }
}

impl Processor {
    /// A processor after a reset, with nothing to do.
    pub const fn new() -> Self {
        Self {
            stream: Stream::new(),
            packet_left: 0,
            position: Position {
                level: 0,
                address: 0,
            },
            operation: Operation::None,
            draw_states: DrawStates::new(),
            draw: None,
            on_chip: OnChip::new(),
            counters: Counters::new(),
            budget_left: 0,
        }
    }

    /// Submits the buffer (IB1) of `dwords` dwords at GPU address `address`. What is left of an
    /// earlier submission is dropped, so that one call belongs after each [`Outcome::Done`].
    pub fn start(&mut self, address: u64, dwords: u32) {
        self.operation = Operation::None;
        self.draw = None;
        self.draw_states.settle();
        self.position = Position { level: 1, address };
        if let Err(cause) = self.stream.start(address, dwords) {
            self.operation = Operation::Refused(cause);
        }
    }

    /// Drops the submission and resets the control state. Counters, and the registers that the
    /// caller owns, stay.
    #[inline(never)] // Its new processor must not weigh on the stack of every run.
    pub fn abort(&mut self) {
        let counters = self.counters;
        *self = Self::new();
        self.counters = counters;
    }

    /// What was counted since the processor was made, or since it was moved elsewhere.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// The same, for whoever adds up what processors count.
    pub fn counters_mut(&mut self) -> &mut Counters {
        &mut self.counters
    }

    /// Runs the submission for at most `budget` work units, and a bounded unit more (the longest
    /// packet, or a row of texels). A unit is a packet, 64 of its dwords, [`Self::UNIT_BYTES`]
    /// bytes moved, or 4 texels or words of memory accessed one by one; a performance counter costs
    /// 8. What the run leaves is in [`Processor::budget_left`].
    pub fn run(
        &mut self,
        registers: &mut Registers<'_>,
        memory: &mut dyn Memory,
        configuration: &Configuration,
        budget: u32,
    ) -> Outcome {
        let mut execution = Execution::new(self, registers, memory, configuration, budget);
        let outcome = execution.run();
        let left = execution.budget;
        if let Outcome::Fault(_) = outcome {
            self.abort();
        }
        self.budget_left = left;
        outcome
    }

    /// The work units that the last run has left of its budget: what another one may spend in the
    /// same slice of time.
    pub fn budget_left(&self) -> u32 {
        self.budget_left
    }

    /// The bytes that a work unit moves.
    pub const UNIT_BYTES: u64 = 256;
}
