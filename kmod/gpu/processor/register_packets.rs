// SPDX-License-Identifier: GPL-2.0

//! Packets that write registers: type 4, CP_REG_RMW, CP_REG_WRITE, CP_CONTEXT_REG_BUNCH,
//! CP_MEM_TO_REG, scratch.

use super::execution::Execution;
use crate::gpu::chip::Generation;
use crate::gpu::fault::Cause;
use crate::gpu::opcode::Opcode;
use crate::gpu::registers::{CP_SCRATCH, SCRATCH_COUNT};

/// The bits of an operand that name a register.
const REGISTER: u32 = 0x3_ffff;

impl Execution<'_, '_> {
    /// The rest of a packet: values for consecutive registers.
    pub(super) fn write_registers(&mut self, mut register: u32) -> Result<(), Cause> {
        while self.operands_left() > 0 {
            let value = self.operand()?;
            self.write_register(register, value)?;
            register += 1;
        }
        Ok(())
    }

    /// The rest of a packet: pairs of register and value.
    fn write_pairs(&mut self, opcode: Opcode) -> Result<(), Cause> {
        if self.operands_left() % 2 != 0 {
            return Err(Cause::Operand(
                opcode,
                "a register stands without its value",
            ));
        }
        while self.operands_left() > 0 {
            let [register, value] = [self.operand()?, self.operand()?];
            self.write_register(register & REGISTER, value)?;
        }
        Ok(())
    }

    /// CP_REG_RMW: `destination = ((destination & source0) rotated left) | or + source1`.
    pub(super) fn reg_rmw(&mut self) -> Result<(), Cause> {
        let [control, source0, source1] = [self.operand()?, self.operand()?, self.operand()?];
        let scratch = self.generation() == Generation::A7xx && control & (1 << 19) != 0;
        let destination = if scratch {
            CP_SCRATCH + control % SCRATCH_COUNT
        } else {
            control & REGISTER
        };
        let source0 = self.register_or_value(control & (1 << 31) != 0, source0)?;
        let source1 = self.register_or_value(control & (1 << 30) != 0, source1)?;
        let kept = self.read_register(destination)? & source0;
        let rotated = kept.rotate_left((control >> 24) & 0x1f);
        let add = control & (1 << 29) != 0;
        let value = if add {
            rotated.wrapping_add(source1)
        } else {
            rotated | source1
        };
        self.write_register(destination, value)
    }

    /// The value of the register that `operand` names, or `operand` itself.
    fn register_or_value(&mut self, is_register: bool, operand: u32) -> Result<u32, Cause> {
        if is_register {
            self.read_register(operand & REGISTER)
        } else {
            Ok(operand)
        }
    }

    /// CP_REG_WRITE: what the firmware tracks, which does not matter here, and pairs.
    pub(super) fn reg_write(&mut self, opcode: Opcode) -> Result<(), Cause> {
        self.operand()?;
        self.write_pairs(opcode)
    }

    /// CP_REG_WR_NO_CTXT: a register, and the values for it and the next ones.
    pub(super) fn reg_wr_no_ctxt(&mut self) -> Result<(), Cause> {
        let register = self.operand()? & REGISTER;
        self.write_registers(register)
    }

    /// CP_CONTEXT_REG_BUNCH: pairs.
    pub(super) fn context_reg_bunch(&mut self, opcode: Opcode) -> Result<(), Cause> {
        self.write_pairs(opcode)
    }

    /// CP_CONTEXT_REG_BUNCH2: two dwords without effect, and pairs.
    pub(super) fn context_reg_bunch2(&mut self, opcode: Opcode) -> Result<(), Cause> {
        self.operand64()?;
        self.write_pairs(opcode)
    }

    /// CP_MEM_TO_REG: REG in 17:0, CNT in 29:19, SHIFT_BY_2 in 30, and a source.
    pub(super) fn mem_to_reg(&mut self) -> Result<(), Cause> {
        let control = self.operand()?;
        let mut address = self.address()?;
        let first = control & REGISTER;
        let count = ((control >> 19) & 0x7ff).max(1);
        let shift = if control & (1 << 30) != 0 { 2 } else { 0 };
        self.charge_words(count);
        for register in first..first + count {
            let value = self.load(address)?;
            self.write_register(register, value << shift)?;
            address = address.wrapping_add(4);
        }
        Ok(())
    }

    /// CP_REG_TO_SCRATCH: REG in 17:0, SCRATCH in 22:20, the count less one in 26:24.
    pub(super) fn reg_to_scratch(&mut self, opcode: Opcode) -> Result<(), Cause> {
        let control = self.operand()?;
        for step in 0..=((control >> 24) & 7) {
            let value = self.read_register((control & REGISTER) + step)?;
            let scratch = scratch(opcode, ((control >> 20) & 7) + step)?;
            self.write_register(scratch, value)?;
        }
        Ok(())
    }

    /// CP_SCRATCH_TO_REG: REG in 17:0, SCRATCH in 22:20, the count less one in 26:24.
    pub(super) fn scratch_to_reg(&mut self, opcode: Opcode) -> Result<(), Cause> {
        let control = self.operand()?;
        for step in 0..=((control >> 24) & 7) {
            let value = self
                .registers
                .get(scratch(opcode, ((control >> 20) & 7) + step)?);
            self.write_register((control & REGISTER) + step, value)?;
        }
        Ok(())
    }

    /// CP_SCRATCH_WRITE: SCRATCH in 22:20, and the values for it and the next ones.
    pub(super) fn scratch_write(&mut self, opcode: Opcode) -> Result<(), Cause> {
        let mut number = (self.operand()? >> 20) & 7;
        while self.operands_left() > 0 {
            let value = self.operand()?;
            self.write_register(scratch(opcode, number)?, value)?;
            number += 1;
        }
        Ok(())
    }

    /// CP_MEM_TO_SCRATCH_MEM: a count in 5:0, an offset in 5:0, and a source.
    pub(super) fn mem_to_scratch_mem(&mut self, opcode: Opcode) -> Result<(), Cause> {
        let [count, offset] = [self.operand()? & 0x3f, self.operand()? & 0x3f];
        let mut address = self.address()?;
        self.charge_words(count);
        for offset in offset..offset + count {
            let value = self.load(address)?;
            let slot = self.state.on_chip.scratch_mut(offset);
            *slot.ok_or(Cause::Operand(
                opcode,
                "the scratch memory ends at dword 48",
            ))? = value;
            address = address.wrapping_add(4);
        }
        Ok(())
    }
}

/// The register behind a scratch register's number.
fn scratch(opcode: Opcode, number: u32) -> Result<u32, Cause> {
    if number < SCRATCH_COUNT {
        Ok(CP_SCRATCH + number)
    } else {
        Err(Cause::Operand(opcode, "there are eight scratch registers"))
    }
}
