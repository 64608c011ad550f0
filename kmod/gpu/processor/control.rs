// SPDX-License-Identifier: GPL-2.0

//! Packets that steer the stream: indirect buffers, conditional execution, modes and predicates.

use super::condition::Condition;
use super::execution::Execution;
use super::on_chip::RenderMode;
use super::stream::Kind;
use crate::gpu::fault::Cause;
use crate::gpu::opcode::Opcode;

/// The bits of an operand that hold the size of an indirect buffer, in dwords.
const SIZE: u32 = 0xf_ffff;
/// The bits of an operand that hold how many dwords a condition guards.
const GUARDED: u32 = 0xff_ffff;

impl Execution<'_, '_> {
    /// CP_INDIRECT_BUFFER: an address and a size in dwords.
    pub(super) fn indirect_buffer(&mut self, opcode: Opcode) -> Result<(), Cause> {
        let (address, dwords) = self.buffer(opcode)?;
        self.state.stream.push(address, dwords, Kind::Indirect)
    }

    /// CP_INDIRECT_BUFFER_CHAIN: as CP_INDIRECT_BUFFER, but the current buffer ends here.
    pub(super) fn indirect_buffer_chain(&mut self, opcode: Opcode) -> Result<(), Cause> {
        let (address, dwords) = self.buffer(opcode)?;
        self.state.stream.chain(address, dwords)
    }

    /// The buffer that the operands name, when one may be entered here; the packet is consumed.
    fn buffer(&mut self, opcode: Opcode) -> Result<(u64, u32), Cause> {
        let (address, dwords) = (self.operand64()?, self.operand()? & SIZE);
        self.skip_operands();
        if self.state.stream.in_draw_state() {
            return Err(Cause::Operand(
                opcode,
                "a draw state group cannot enter a buffer",
            ));
        }
        Ok((address, dwords))
    }

    /// Goes on with the next `dwords` dwords when `taken`, and past them otherwise.
    fn guard(&mut self, dwords: u32, taken: bool) -> Result<(), Cause> {
        self.skip_operands();
        let left = self.state.stream.left();
        if dwords > left {
            return Err(Cause::Skip(dwords, left));
        }
        if !taken {
            self.state.stream.skip(dwords);
            let skipped = u64::from(dwords);
            self.state.counters.dwords = self.state.counters.dwords.wrapping_add(skipped);
        }
        Ok(())
    }

    /// CP_COND_EXEC: two addresses, a reference, and how many dwords run only if the first dword is
    /// not 0 and the second is less than the reference, as signed numbers.
    pub(super) fn cond_exec(&mut self) -> Result<(), Cause> {
        let addresses = [self.address()?, self.address()?];
        let [reference, dwords] = [self.operand()?, self.operand()?];
        let [first, second] = addresses;
        let taken =
            self.load(first)? != 0 && !self.test(&Condition::memory_reaches(second, reference))?;
        self.guard(dwords, taken)
    }

    /// CP_COND_REG_EXEC: MODE in 31:28 says what the rest means.
    pub(super) fn cond_reg_exec(&mut self, opcode: Opcode) -> Result<(), Cause> {
        let control = self.operand()?;
        let enabled = (control >> 25) & 7;
        let taken = match control >> 28 {
            1 => (self.state.on_chip.predicates >> ((control >> 18) & 0x1f)) & 1 != 0,
            2 => self.registers_equal(control)?,
            3 => enabled & self.state.on_chip.mode.bit() != 0,
            4 => self.read_register(control & 0x3_ffff)? == self.operand()?,
            5 => self.threads_enabled(enabled),
            _ => return Err(Cause::Operand(opcode, "its mode is none of 1 to 5")),
        };
        if self.operands_left() == 0 {
            return Err(Cause::Operand(
                opcode,
                "the number of guarded dwords is missing",
            ));
        }
        let dwords = self.operand()? & GUARDED;
        self.guard(dwords, taken)
    }

    /// REG_COMPARE: whether the register of the first operand, or the on-chip dword, equals that of
    /// the second.
    fn registers_equal(&mut self, first: u32) -> Result<bool, Cause> {
        let second = self.operand()?;
        Ok(self.register_or_slot(first)? == self.register_or_slot(second)?)
    }

    /// The register in bits 17:0, or the on-chip slot when bit 24 is set.
    fn register_or_slot(&mut self, operand: u32) -> Result<u32, Cause> {
        if operand & (1 << 24) == 0 {
            return self.read_register(operand & 0x3_ffff);
        }
        let [low, _] = super::execution::halves(self.state.on_chip.slot(operand & 0x3_ffff)?);
        Ok(low)
    }

    /// THREAD_MODE: whether a pipe of the mask (BV 0, BR 1, LPAC 2) takes packets. Both pipes do
    /// unless CP_THREAD_CONTROL said otherwise: one processor runs the packets of both in their
    /// order.
    fn threads_enabled(&self, mask: u32) -> bool {
        let threads = match self.state.on_chip.threads {
            1 => 1 << 1,
            2 => 1,
            _ => 3,
        };
        mask & threads != 0
    }

    /// CP_THREAD_CONTROL: THREAD in 1:0.
    pub(super) fn thread_control(&mut self) -> Result<(), Cause> {
        self.state.on_chip.threads = self.operand()? & 3;
        Ok(())
    }

    /// CP_REG_TEST: REG in 17:0, SOURCE in 18, BIT in 24:20, PRED_BIT in 30:26, PRED_UPDATE in 31
    /// with mask and value.
    pub(super) fn reg_test(&mut self, opcode: Opcode) -> Result<(), Cause> {
        let control = self.operand()?;
        let predicates = self.state.on_chip.predicates;
        if control & (1 << 31) != 0 {
            if self.operands_left() < 2 {
                return Err(Cause::Operand(
                    opcode,
                    "the mask and value of the update are missing",
                ));
            }
            let [mask, value] = [self.operand()?, self.operand()?];
            self.state.on_chip.predicates = predicates & !mask | value & mask;
            return Ok(());
        }
        let source = control & 0x3_ffff;
        let value = if control & (1 << 18) == 0 {
            self.read_register(source)?
        } else {
            let scratch = self.state.on_chip.scratch(source);
            scratch.ok_or(Cause::Operand(
                opcode,
                "the scratch memory ends at dword 48",
            ))?
        };
        let bit = (value >> ((control >> 20) & 0x1f)) & 1;
        let place = (control >> 26) & 0x1f;
        self.state.on_chip.predicates = predicates & !(1 << place) | (bit << place);
        Ok(())
    }

    /// CP_COND_WRITE5: a condition, and a value for the address or register when it holds
    /// (WRITE_MEMORY in bit 8).
    pub(super) fn cond_write5(&mut self, opcode: Opcode) -> Result<(), Cause> {
        let (flags, address) = (self.operand()?, self.operand64()?);
        let comparison = [self.operand()?, self.operand()?];
        let condition = Condition::decode(opcode, flags, address, comparison)?;
        let (target, value) = (self.operand64()?, self.operand()?);
        if !self.test(&condition)? {
            return Ok(());
        }
        if flags & (1 << 8) == 0 {
            let [register, _] = super::execution::halves(target);
            return self.write_register(register & 0x3_ffff, value);
        }
        if target % 4 != 0 {
            return Err(Cause::Misaligned {
                address: target,
                alignment: 4,
            });
        }
        Ok(self.store(target, value)?)
    }

    /// CP_SET_MARKER: the mode of rendering in 3:0, unless bit 8 says that it is about power.
    pub(super) fn set_marker(&mut self) -> Result<(), Cause> {
        let marker = self.operand()?;
        let mode = RenderMode::from_marker(marker).filter(|_| marker & (1 << 8) == 0);
        self.state.on_chip.mode = mode.unwrap_or(self.state.on_chip.mode);
        Ok(())
    }

    /// CP_SET_PSEUDO_REG: triples of a number in 10:0 and a value. They say where preemption and
    /// the visibility pass keep their data, which this processor does not need; SMMU_INFO is the
    /// kernel's.
    pub(super) fn set_pseudo_reg(&mut self, opcode: Opcode) -> Result<(), Cause> {
        while self.operands_left() >= 3 {
            let number = self.operand()? & 0x7ff;
            self.operand64()?;
            if number == 0 {
                return Err(Cause::Operand(opcode, "SMMU_INFO is privileged"));
            }
        }
        Ok(())
    }
}
