// SPDX-License-Identifier: GPL-2.0

//! Packets that wait: CP_WAIT_REG_MEM and its kin. A wait polls once a step.

use super::condition::Condition;
use super::execution::{halves, Execution};
use super::operation::{Operation, Progress};
use crate::gpu::fault::Cause;
use crate::gpu::opcode::Opcode;

/// What is waited for.
#[derive(Clone, Debug)]
pub(super) enum Wait {
    /// A comparison.
    Until(Condition),
    /// A qword at a GPU address in bytes to reach a reference.
    Reaches64(u64, u64),
    /// An on-chip slot to reach a reference.
    OnChip(u32, u64),
    /// CP_WAIT_TWO_REGS: the first register to be other than 0, or the second other than the
    /// reference.
    Registers([u32; 3]),
    /// CP_TEST_TWO_MEMS: one of the dwords at two GPU addresses to be other than its value.
    Memories([(u64, u32); 2]),
}

impl Execution<'_, '_> {
    /// Decodes a waiting packet; its first poll is the next step.
    pub(super) fn wait(&mut self, opcode: Opcode) -> Result<(), Cause> {
        let wait = match opcode {
            Opcode::WaitRegMem => self.wait_reg_mem(opcode)?,
            Opcode::WaitMemGte => {
                self.operand()?;
                let address = self.address()?;
                Wait::Until(Condition::memory_reaches(address, self.operand()?))
            }
            Opcode::WaitTimestamp => self.wait_timestamp()?,
            Opcode::WaitRegEq => {
                let [register, reference, mask] =
                    [self.operand()?, self.operand()?, self.operand()?];
                Wait::Until(Condition::register_equals(register, reference, mask))
            }
            Opcode::WaitTwoRegs => {
                Wait::Registers([self.operand()?, self.operand()?, self.operand()?])
            }
            _ => Wait::Memories([
                (self.address()?, self.operand()?),
                (self.address()?, self.operand()?),
            ]),
        };
        self.state.operation = Operation::Wait(wait);
        Ok(())
    }

    /// CP_WAIT_REG_MEM: flags, address, reference, mask, and the cycles between two polls, which do
    /// not matter here.
    fn wait_reg_mem(&mut self, opcode: Opcode) -> Result<Wait, Cause> {
        let (flags, address) = (self.operand()?, self.operand64()?);
        let comparison = [self.operand()?, self.operand()?];
        Ok(Wait::Until(Condition::decode(
            opcode, flags, address, comparison,
        )?))
    }

    /// CP_WAIT_TIMESTAMP: WAIT_VALUE_SRC in 1:0, WAIT_DST in 4, where, and the reference unless it
    /// is the sum.
    fn wait_timestamp(&mut self) -> Result<Wait, Cause> {
        let flags = self.operand()?;
        let place = self.operand64()?;
        let low = self.operand()?;
        let high = if self.operands_left() > 0 {
            self.operand()?
        } else {
            0
        };
        let on_chip = flags & (1 << 4) != 0;
        if !on_chip && place % 4 != 0 {
            return Err(Cause::Misaligned {
                address: place,
                alignment: 4,
            });
        }
        let reference = match flags & 3 {
            0 if !on_chip => return Ok(Wait::Until(Condition::memory_reaches(place, low))),
            0 => u64::from(low),
            1 => (u64::from(high) << 32) | u64::from(low),
            _ => self.state.on_chip.timestamp_sum(),
        };
        let [slot, _] = halves(place);
        Ok(if on_chip {
            Wait::OnChip(slot, reference)
        } else {
            Wait::Reaches64(place, reference)
        })
    }

    /// Polls once.
    pub(super) fn poll(&mut self, wait: &Wait) -> Result<Progress, Cause> {
        let over = match *wait {
            Wait::Until(ref condition) => self.test(condition)?,
            Wait::Reaches64(address, reference) => self.load64(address)? >= reference,
            Wait::OnChip(slot, reference) => self.state.on_chip.slot(slot)? >= reference,
            Wait::Registers([first, second, reference]) => {
                self.read_register(first & 0x3_ffff)? != 0
                    || self.read_register(second & 0x3_ffff)? != reference
            }
            Wait::Memories([(first, one), (second, other)]) => {
                self.load(first)? != one || self.load(second)? != other
            }
        };
        Ok(if over {
            Progress::Finished
        } else {
            Progress::Blocked
        })
    }
}
