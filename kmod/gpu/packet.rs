// SPDX-License-Identifier: GPL-2.0

//! PM4 packet headers: type 4 writes registers, type 7 runs an opcode. Fields are guarded by odd
//! parity.

/// The decoded first dword of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Header {
    /// Type 4: the next `count` dwords go to consecutive registers.
    Registers {
        /// The dword offset of the first register, 18 bits.
        register: u32,
        /// How many dwords follow, 0 to 127.
        count: u32,
    },
    /// Type 7: the next `count` dwords are operands.
    Operation {
        /// The opcode, 7 bits.
        opcode: u8,
        /// How many dwords follow, 0 to 0x7fff.
        count: u32,
    },
}

impl Header {
    /// Decodes a header; `None` when the type is neither 4 nor 7, a reserved bit is set, or a
    /// parity bit is wrong.
    pub fn decode(dword: u32) -> Option<Self> {
        match dword >> 28 {
            0x4 => Self::registers(dword),
            0x7 => Self::operation(dword),
            _ => None,
        }
    }

    /// Type 4: count in 6:0 with parity in 7, register in 25:8 with parity in 27.
    fn registers(dword: u32) -> Option<Self> {
        let valid = odd(dword & 0xff) && odd(dword & 0x0bff_ff00) && dword & (1 << 26) == 0;
        valid.then_some(Self::Registers {
            register: (dword >> 8) & 0x3_ffff,
            count: dword & 0x7f,
        })
    }

    /// Type 7: count in 14:0 with parity in 15, opcode in 22:16 with parity in 23.
    fn operation(dword: u32) -> Option<Self> {
        let valid = odd(dword & 0xffff) && odd(dword & 0xff_0000) && dword & 0x0f00_0000 == 0;
        let [_, _, opcode, _] = dword.to_le_bytes();
        valid.then_some(Self::Operation {
            opcode: opcode & 0x7f,
            count: dword & 0x7fff,
        })
    }

    /// The dword that decodes to this header: what a command stream's writer emits.
    pub fn encode(self) -> u32 {
        match self {
            Self::Registers { register, count } => {
                (0x4 << 28)
                    | count
                    | (parity(count) << 7)
                    | (register << 8)
                    | (parity(register) << 27)
            }
            Self::Operation { opcode, count } => {
                let opcode = u32::from(opcode);
                (0x7 << 28)
                    | count
                    | (parity(count) << 15)
                    | (opcode << 16)
                    | (parity(opcode) << 23)
            }
        }
    }
}

/// Whether the number of set bits is odd.
fn odd(bits: u32) -> bool {
    bits.count_ones() % 2 == 1
}

/// The bit that makes the parity of `field` odd.
fn parity(field: u32) -> u32 {
    u32::from(!odd(field))
}
