// SPDX-License-Identifier: GPL-2.0

//! Why the GPU stops, and where: everything that the user of a faulty command stream must be told.

use super::opcode::Opcode;
use core::fmt;

/// An access that the address space refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryFault {
    /// The first GPU address, in bytes, that could not be accessed.
    pub address: u64,
    /// Whether the access was a write.
    pub write: bool,
}

/// What was wrong with the command stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The address space refused an access.
    Memory(MemoryFault),
    /// A GPU address in bytes that is no multiple of `alignment` bytes, as its packet demands.
    Misaligned {
        /// The GPU address, in bytes.
        address: u64,
        /// What it must be a multiple of, in bytes.
        alignment: u64,
    },
    /// A dword where a header belongs that is neither a type-4 nor a type-7 header with odd parity.
    Header(u32),
    /// A type-7 opcode that this generation of the command processor does not know.
    UnknownOpcode(u8),
    /// A packet that only the kernel's ring buffer may hold.
    PrivilegedOpcode(Opcode),
    /// A register, by its dword offset, that CP_PROTECT keeps from user command streams.
    PrivilegedRegister(u32),
    /// A register, by its dword offset, that does not exist.
    UnknownRegister(u32),
    /// A packet that claims more dwords than its buffer has left.
    Truncated {
        /// The dwords after the header that the packet claims.
        dwords: u32,
        /// The dwords that the buffer has left.
        left: u32,
    },
    /// A packet with fewer operands than its opcode needs; holds the dwords that it has.
    MissingOperands(Opcode, u32),
    /// An operand that means nothing, and why.
    Operand(Opcode, &'static str),
    /// Indirect buffers nested deeper than the hardware's levels.
    Nesting,
    /// More CP_INDIRECT_BUFFER_CHAIN jumps in one submission than any real stream has: a loop.
    Chains,
    /// A conditional packet that skips past the end of its buffer; holds the dwords to skip and
    /// those left.
    Skip(u32, u32),
    /// A draw or dispatch, refused because the processor is strict and has no shader core.
    ShaderCore(Opcode),
    /// A resolve between on-chip and system memory, refused because the processor is strict and has
    /// no render backend.
    RenderBackend(Opcode),
    /// An on-chip memory slot that does not exist.
    OnChipSlot(u32),
    /// A surface or a combination of formats that the 2D engine cannot do, and why.
    Surface(&'static str),
}

impl From<MemoryFault> for Cause {
    fn from(fault: MemoryFault) -> Self {
        Self::Memory(fault)
    }
}

/// Why the processor stopped, and at which packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What was wrong.
    pub cause: Cause,
    /// The nesting level of the packet's buffer: 1 for the submitted one (IB1).
    pub level: u8,
    /// The GPU address, in bytes, of the packet's header.
    pub address: u64,
}

impl fmt::Display for MemoryFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let access = if self.write { "write to" } else { "read from" };
        write!(
            formatter,
            "{access} GPU address {:#x}, which is not mapped for it",
            self.address
        )
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Memory(fault) => fault.fmt(formatter),
            Self::Misaligned { address, alignment } => {
                write!(
                    formatter,
                    "GPU address {address:#x} is not a multiple of {alignment}"
                )
            }
            Self::Header(dword) => {
                write!(
                    formatter,
                    "{dword:#010x} is no packet header (wrong type or parity)"
                )
            }
            Self::UnknownOpcode(value) => write!(formatter, "unknown opcode {value:#04x}"),
            Self::PrivilegedOpcode(opcode) => write!(formatter, "{opcode} is privileged"),
            Self::PrivilegedRegister(register) => {
                write!(formatter, "register {register:#x} is privileged")
            }
            Self::UnknownRegister(register) => {
                write!(formatter, "register {register:#x} does not exist")
            }
            Self::Truncated { dwords, left } => {
                write!(
                    formatter,
                    "the packet claims {dwords} dwords, its buffer has {left} left"
                )
            }
            Self::MissingOperands(opcode, dwords) => {
                write!(formatter, "{opcode} needs more than {dwords} dwords")
            }
            Self::Operand(opcode, reason) => write!(formatter, "{opcode}: {reason}"),
            Self::Nesting => write!(formatter, "indirect buffers are nested too deep"),
            Self::Chains => write!(formatter, "too many chained buffers, probably a loop"),
            Self::Skip(dwords, left) => {
                write!(
                    formatter,
                    "a condition skips {dwords} dwords, its buffer has {left} left"
                )
            }
            Self::ShaderCore(opcode) => {
                write!(
                    formatter,
                    "{opcode} needs a shader core, which this GPU has not (strict)"
                )
            }
            Self::RenderBackend(opcode) => {
                write!(
                    formatter,
                    "{opcode} resolves with a render backend, which this GPU has not (strict)"
                )
            }
            Self::OnChipSlot(slot) => write!(formatter, "there is no on-chip slot {slot}"),
            Self::Surface(reason) => write!(formatter, "CP_BLIT: {reason}"),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "IB{} at {:#x}: {}",
            self.level, self.address, self.cause
        )
    }
}
