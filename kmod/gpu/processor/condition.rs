// SPDX-License-Identifier: GPL-2.0

//! Comparisons of a masked value with a reference, as CP_WAIT_REG_MEM and CP_COND_WRITE5 share
//! them.

use super::execution::Execution;
use crate::gpu::fault::Cause;
use crate::gpu::opcode::Opcode;
use crate::gpu::registers::{CP_SCRATCH, SCRATCH_COUNT};

/// How a value compares to the reference: FUNCTION in bits 2:0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Function {
    /// 0: whatever the value.
    Always,
    /// 1.
    Less,
    /// 2.
    LessOrEqual,
    /// 3.
    Equal,
    /// 4.
    NotEqual,
    /// 5.
    GreaterOrEqual,
    /// 6.
    Greater,
}

/// Where the value comes from: POLL in bits 5:4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// The register of that dword offset.
    Register(u32),
    /// The dword of memory at that GPU address, in bytes.
    Memory(u64),
    /// The scratch register of that number.
    Scratch(u32),
    /// The slot of the on-chip memory.
    OnChip(u32),
}

/// A comparison: `value & mask` against `reference`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Condition {
    /// How to compare.
    function: Function,
    /// SIGNED_COMPARE, bit 3: whether the order is that of signed numbers.
    signed: bool,
    /// Where the value comes from.
    source: Source,
    /// What to compare with.
    reference: u32,
    /// Which bits of the value count.
    mask: u32,
}

impl Condition {
    /// Decodes the operands that CP_WAIT_REG_MEM and CP_COND_WRITE5 begin with: flags, address,
    /// reference, mask.
    pub(super) fn decode(
        opcode: Opcode,
        flags: u32,
        address: u64,
        [reference, mask]: [u32; 2],
    ) -> Result<Self, Cause> {
        let function = match flags & 7 {
            0 => Function::Always,
            1 => Function::Less,
            2 => Function::LessOrEqual,
            3 => Function::Equal,
            4 => Function::NotEqual,
            5 => Function::GreaterOrEqual,
            6 => Function::Greater,
            _ => return Err(Cause::Operand(opcode, "there is no comparison function 7")),
        };
        let [low, _] = super::execution::halves(address);
        let source = match (flags >> 4) & 3 {
            0 => Source::Register(low & 0x3_ffff),
            1 if address % 4 == 0 => Source::Memory(address),
            1 => {
                return Err(Cause::Misaligned {
                    address,
                    alignment: 4,
                })
            }
            2 => Source::Scratch(low % SCRATCH_COUNT),
            _ => Source::OnChip(low),
        };
        Ok(Self {
            function,
            signed: flags & (1 << 3) != 0,
            source,
            reference,
            mask,
        })
    }

    /// Whether `register & mask == reference`.
    pub(super) fn register_equals(register: u32, reference: u32, mask: u32) -> Self {
        let source = Source::Register(register & 0x3_ffff);
        Self {
            function: Function::Equal,
            signed: false,
            source,
            reference,
            mask,
        }
    }

    /// Whether the dword at `address` is at least `reference`, as signed numbers.
    pub(super) fn memory_reaches(address: u64, reference: u32) -> Self {
        Self {
            function: Function::GreaterOrEqual,
            signed: true,
            source: Source::Memory(address),
            reference,
            mask: u32::MAX,
        }
    }

    /// Whether it holds for `value`.
    fn holds(&self, value: u32) -> bool {
        // Flipping the sign bit maps the order of signed numbers to that of unsigned ones.
        let bias = if self.signed { 1 << 31 } else { 0 };
        let (value, reference) = ((value & self.mask) ^ bias, self.reference ^ bias);
        match self.function {
            Function::Always => true,
            Function::Less => value < reference,
            Function::LessOrEqual => value <= reference,
            Function::Equal => value == reference,
            Function::NotEqual => value != reference,
            Function::GreaterOrEqual => value >= reference,
            Function::Greater => value > reference,
        }
    }
}

impl Execution<'_, '_> {
    /// Reads the value of a condition, and compares.
    pub(super) fn test(&mut self, condition: &Condition) -> Result<bool, Cause> {
        let value = match condition.source {
            Source::Register(register) => self.read_register(register)?,
            Source::Memory(address) => self.load(address)?,
            Source::Scratch(number) => self.registers.get(CP_SCRATCH + number),
            Source::OnChip(slot) => {
                let [low, _] = super::execution::halves(self.state.on_chip.slot(slot)?);
                low
            }
        };
        Ok(condition.holds(value))
    }
}
