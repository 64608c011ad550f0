// SPDX-License-Identifier: GPL-2.0

//! Packets that write memory: CP_MEM_WRITE, CP_MEM_TO_MEM, CP_MEMCPY, CP_REG_TO_MEM and its forms
//! with an offset.

use super::execution::Execution;
use super::operation::{Copy, Operation};
use crate::gpu::bytes;
use crate::gpu::fault::{Cause, MemoryFault};
use crate::gpu::opcode::Opcode;
use crate::gpu::registers::CP_SCRATCH;

/// The bytes that CP_MEM_WRITE writes at once.
const CHUNK: usize = 256;

impl Execution<'_, '_> {
    /// CP_MEM_WRITE: an address, and the dwords that go there.
    pub(super) fn mem_write(&mut self, opcode: Opcode) -> Result<(), Cause> {
        let mut address = self.address()?;
        if self.operands_left() > 2 {
            return self.mem_write_many(opcode, address);
        }
        if self.operands_left() == 2 {
            // A query's 64-bit value: one access, for a host that polls it.
            let value = self.operand64()?;
            self.store64(address, value)?;
        }
        while self.operands_left() > 0 {
            let value = self.operand()?;
            self.store(address, value)?;
            address = address.wrapping_add(4);
        }
        Ok(())
    }

    /// The long form of CP_MEM_WRITE, through a buffer.
    fn mem_write_many(&mut self, opcode: Opcode, mut address: u64) -> Result<(), Cause> {
        let length = u64::from(self.operands_left()) * 4;
        address
            .checked_add(length)
            .ok_or(Cause::Operand(opcode, WRAPS))?;
        let mut chunk = [0; CHUNK];
        while self.operands_left() > 0 {
            let mut filled = 0;
            for dword in chunk.chunks_exact_mut(4) {
                if self.operands_left() == 0 {
                    break;
                }
                bytes::copy(dword, &self.operand()?.to_le_bytes());
                filled += 4;
            }
            let bytes = chunk.get(..filled).unwrap_or_default();
            self.memory.write(address, bytes)?;
            address += u64::try_from(filled).unwrap_or(0);
        }
        self.count_written(length);
        Ok(())
    }

    /// CP_MEM_TO_MEM: flags, a destination, and one to three sources whose sum, each negated by its
    /// flag, goes there.
    pub(super) fn mem_to_mem(&mut self, opcode: Opcode) -> Result<(), Cause> {
        let flags = self.operand()?;
        let double = flags & (1 << 29) != 0;
        let destination = self.address()?;
        let mut sum = 0_u64;
        for source in 0..self.operands_left() / 2 {
            if source > 2 {
                return Err(Cause::Operand(opcode, "it adds up three sources at most"));
            }
            let address = self.address()?;
            let value = if double {
                self.load64(address)?
            } else {
                u64::from(self.load(address)?)
            };
            let negate = (flags >> source) & 1 != 0;
            sum = if negate {
                sum.wrapping_sub(value)
            } else {
                sum.wrapping_add(value)
            };
        }
        if double {
            self.store64(destination, sum)?;
        } else {
            let [low, _] = super::execution::halves(sum);
            self.store(destination, low)?;
        }
        Ok(())
    }

    /// CP_MEMCPY: a number of dwords, a source and a destination.
    pub(super) fn memcpy(&mut self) -> Result<(), Cause> {
        let left = u64::from(self.operand()?) * 4;
        let (source, destination) = (self.address()?, self.address()?);
        for (address, write) in [(source, false), (destination, true)] {
            address
                .checked_add(left)
                .ok_or(MemoryFault { address, write })?;
        }
        if left > 0 {
            self.state.operation = Operation::Copy(Copy {
                destination,
                source,
                left,
            });
        }
        Ok(())
    }

    /// CP_REG_TO_MEM: REG in 17:0, CNT in 29:18, 64B in 30, ACCUMULATE in 31, and a destination.
    pub(super) fn reg_to_mem(&mut self) -> Result<(), Cause> {
        let control = self.operand()?;
        let destination = self.address()?;
        self.store_registers(control, destination)
    }

    /// CP_REG_TO_MEM_OFFSET_REG: as CP_REG_TO_MEM, with one or two registers that hold an offset in
    /// bytes, low half first; bit 19 makes it a scratch register.
    pub(super) fn reg_to_mem_offset_reg(&mut self, opcode: Opcode) -> Result<(), Cause> {
        let control = self.operand()?;
        let destination = self.address()?;
        let low = u64::from(self.offset_register()?);
        let high = if self.operands_left() > 0 {
            self.offset_register()?
        } else {
            0
        };
        self.store_registers_offset(opcode, control, destination, (u64::from(high) << 32) | low)
    }

    /// CP_REG_TO_MEM_OFFSET_MEM: as CP_REG_TO_MEM, with the address of a dword that holds an offset
    /// in bytes.
    pub(super) fn reg_to_mem_offset_mem(&mut self) -> Result<(), Cause> {
        let control = self.operand()?;
        let (destination, offset) = (self.address()?, self.address()?);
        let offset = u64::from(self.load(offset)?);
        self.store_registers_offset(Opcode::RegToMemOffsetMem, control, destination, offset)
    }

    /// The value of a register or scratch register that an operand names.
    fn offset_register(&mut self) -> Result<u32, Cause> {
        let operand = self.operand()?;
        if operand & (1 << 19) != 0 {
            Ok(self.registers.get(CP_SCRATCH + operand % 8))
        } else {
            self.read_register(operand & 0x3_ffff)
        }
    }

    /// Copies registers to `destination + offset`.
    fn store_registers_offset(
        &mut self,
        opcode: Opcode,
        control: u32,
        destination: u64,
        offset: u64,
    ) -> Result<(), Cause> {
        let address = destination
            .checked_add(offset)
            .ok_or(Cause::Operand(opcode, WRAPS))?;
        if address % 4 != 0 {
            return Err(Cause::Misaligned {
                address,
                alignment: 4,
            });
        }
        self.store_registers(control, address)
    }

    /// Copies the registers that the first operand of CP_REG_TO_MEM names to memory, or adds them
    /// to it.
    fn store_registers(&mut self, control: u32, mut address: u64) -> Result<(), Cause> {
        let accumulate = control & (1 << 31) != 0;
        let wide = control & (1 << 30) != 0;
        let mut register = control & 0x3_ffff;
        let mut left = ((control >> 18) & 0xfff).max(1);
        self.charge_words(left);
        while left > 0 {
            // A pair is one value even without the flag, so that a counter is not torn.
            if wide || (left > 1 && !accumulate) {
                self.store_register64(register, address, accumulate)?;
                (left, register, address) = (
                    left.saturating_sub(2),
                    register + 2,
                    address.wrapping_add(8),
                );
            } else {
                let old = if accumulate { self.load(address)? } else { 0 };
                let value = self.read_register(register)?.wrapping_add(old);
                self.store(address, value)?;
                (left, register, address) = (left - 1, register + 1, address.wrapping_add(4));
            }
        }
        Ok(())
    }

    /// Copies a register and the next one, its high half, to memory, or adds them to it.
    fn store_register64(
        &mut self,
        register: u32,
        address: u64,
        accumulate: bool,
    ) -> Result<(), Cause> {
        let old = if accumulate { self.load64(address)? } else { 0 };
        let value = self.read_register64(register)?.wrapping_add(old);
        Ok(self.store64(address, value)?)
    }
}

/// Why an address is refused.
const WRAPS: &str = "its range wraps round the end of the address space";
