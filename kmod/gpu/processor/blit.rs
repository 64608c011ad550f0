// SPDX-License-Identifier: GPL-2.0

//! CP_BLIT: hands the registers to the 2D engine, and feeds it from the budget.

use super::execution::Execution;
use super::operation::{Operation, Progress};
use crate::gpu::blit::{Blit, Work, UNIT_TEXELS};
use crate::gpu::fault::Cause;
use crate::gpu::opcode::Opcode;

impl Execution<'_, '_> {
    /// CP_BLIT: OP in 3:0. BLIT_OP_SCALE takes everything from the registers.
    pub(super) fn blit(&mut self, opcode: Opcode) -> Result<(), Cause> {
        let solid = match self.operand()? & 0xf {
            0 => Some(true),
            1 => Some(false),
            3 => None,
            _ => {
                return Err(Cause::Operand(
                    opcode,
                    "its operation is none of 0, 1 and 3",
                ))
            }
        };
        let counter = &mut self.state.counters.blits;
        *counter = counter.wrapping_add(1);
        if let Some(blit) = Blit::decode(self.registers, self.configuration.chip, solid)? {
            self.state.operation = Operation::Blit(blit);
        }
        Ok(())
    }

    /// Does one step of a blit.
    pub(super) fn continue_blit(&mut self, blit: &mut Blit) -> Result<Progress, Cause> {
        let limit = self.affordable_bytes();
        let Work {
            read,
            written,
            texels,
            complete,
        } = blit.step(self.memory, limit)?;
        self.count_read(read);
        self.count_written(written);
        if texels > 0 {
            self.charge(texels.div_ceil(UNIT_TEXELS));
        } else {
            self.charge_bytes(written);
        }
        Ok(if complete {
            Progress::Finished
        } else {
            Progress::More
        })
    }
}
