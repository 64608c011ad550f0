// SPDX-License-Identifier: GPL-2.0

//! What a packet leaves to do after it was read: work too long for one step, and waits.

use super::execution::Execution;
use super::wait::Wait;
use crate::gpu::blit::Blit;
use crate::gpu::fault::{Cause, MemoryFault};
use crate::gpu::Processor;

/// What is left to do before the next packet.
#[derive(Clone, Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "there is no allocator to box a blit with"
)]
pub(super) enum Operation {
    /// Nothing.
    None,
    /// To report why the submission could not begin.
    Refused(Cause),
    /// To wait for a condition.
    Wait(Wait),
    /// To copy memory.
    Copy(Copy),
    /// To run the 2D engine.
    Blit(Blit),
}

/// What one step of an operation achieved.
pub(super) enum Progress {
    /// It is complete.
    Finished,
    /// It goes on.
    More,
    /// It waits for something outside.
    Blocked,
}

/// A copy of memory in progress, CP_MEMCPY.
#[derive(Clone, Debug)]
pub(super) struct Copy {
    /// Where the rest goes, a GPU address in bytes.
    pub(super) destination: u64,
    /// Where the rest comes from, a GPU address in bytes.
    pub(super) source: u64,
    /// The bytes that are left.
    pub(super) left: u64,
}

impl Copy {
    /// Copies as much as the budget affords. Overlapping ranges are copied from the end that keeps
    /// the source intact, so that the result does not depend on the budget.
    fn step(&mut self, execution: &mut Execution<'_, '_>) -> Result<Progress, MemoryFault> {
        let length = self.left.min(execution.affordable_bytes());
        let rest = self.left - length;
        let backward = self.destination > self.source;
        let offset = if backward { rest } else { 0 };
        execution.copy(self.destination + offset, self.source + offset, length)?;
        self.left = rest;
        if !backward {
            self.destination += length;
            self.source += length;
        }
        Ok(if rest == 0 {
            Progress::Finished
        } else {
            Progress::More
        })
    }
}

impl Execution<'_, '_> {
    /// Does one step of the operation that is left.
    pub(super) fn continue_operation(&mut self) -> Result<Progress, Cause> {
        let mut operation = core::mem::replace(&mut self.state.operation, Operation::None);
        let progress = match &mut operation {
            Operation::None => return Ok(Progress::Finished),
            Operation::Refused(cause) => return Err(*cause),
            Operation::Wait(wait) => self.poll(wait)?,
            Operation::Copy(copy) => copy.step(self)?,
            Operation::Blit(blit) => self.continue_blit(blit)?,
        };
        if !matches!(progress, Progress::Finished) {
            self.state.operation = operation;
        }
        Ok(progress)
    }

    /// Whether an operation is left.
    pub(super) fn has_operation(&self) -> bool {
        !matches!(self.state.operation, Operation::None)
    }

    /// How many bytes the rest of the budget moves: at least one unit, so that every step makes
    /// progress.
    pub(super) fn affordable_bytes(&self) -> u64 {
        u64::from(self.budget.max(1)) * Processor::UNIT_BYTES
    }
}
