// SPDX-License-Identifier: GPL-2.0

//! Writes PM4 command buffers, from the packets' description and not from the code that is tested with them.

/// The event that says that everything before it has been rendered.
const RB_DONE_TS: u32 = 22;

/// Which form the packets take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generation {
    /// Adreno 6xx.
    A6xx,
    /// Adreno 7xx and later.
    A7xx,
}

impl Generation {
    /// The generation of a GPU with that chip id: its core number is the top byte, and of later ones is not a number.
    pub fn of(chip_id: u32) -> Self {
        match chip_id >> 24 {
            6 => Generation::A6xx,
            _ => Generation::A7xx,
        }
    }
}

/// A command buffer that is being written.
#[derive(Clone, Debug, Default)]
pub struct Commands {
    dwords: Vec<u32>,
}

impl Commands {
    /// What has been written.
    pub fn dwords(&self) -> &[u32] {
        &self.dwords
    }

    /// A dword as it is, which need not be a packet.
    pub fn dword(&mut self, dword: u32) -> &mut Self {
        self.dwords.push(dword);
        self
    }

    /// A packet of type 7: an opcode and its operands.
    pub fn packet(&mut self, opcode: u32, operands: &[u32]) -> &mut Self {
        let count = u32::try_from(operands.len()).expect("a packet has few operands");
        let header = (7 << 28)
            | (odd_parity(opcode) << 23)
            | (opcode << 16)
            | (odd_parity(count) << 15)
            | count;
        self.dwords.push(header);
        self.dwords.extend(operands);
        self
    }

    /// A packet of type 4: values for consecutive registers.
    pub fn registers(&mut self, first: u32, values: &[u32]) -> &mut Self {
        let count = u32::try_from(values.len()).expect("a packet has few operands");
        self.dwords.push(
            (4 << 28) | (odd_parity(first) << 27) | (first << 8) | (odd_parity(count) << 7) | count,
        );
        self.dwords.extend(values);
        self
    }

    /// CP_NOP with some payload.
    pub fn nop(&mut self, payload: &[u32]) -> &mut Self {
        self.packet(0x10, payload)
    }

    /// CP_MEM_WRITE: dwords to memory.
    pub fn mem_write(&mut self, destination: u64, values: &[u32]) -> &mut Self {
        let operands: Vec<_> = split(destination).iter().chain(values).copied().collect();
        self.packet(0x3d, &operands)
    }

    /// CP_MEM_TO_MEM: the sum of two dwords of memory, to memory.
    pub fn mem_to_mem(&mut self, destination: u64, a: u64, b: u64) -> &mut Self {
        let [to_low, to_high] = split(destination);
        let [a_low, a_high] = split(a);
        let [b_low, b_high] = split(b);
        self.packet(0x73, &[0, to_low, to_high, a_low, a_high, b_low, b_high])
    }

    /// CP_WAIT_MEM_WRITES: what was written before can be read after.
    pub fn wait_mem_writes(&mut self) -> &mut Self {
        self.packet(0x12, &[])
    }

    /// CP_EVENT_WRITE or CP_EVENT_WRITE7: a dword to memory once everything before it is done.
    pub fn event_write(
        &mut self,
        generation: Generation,
        destination: u64,
        value: u32,
    ) -> &mut Self {
        let [low, high] = split(destination);
        // EVENT_WRITE7 takes its value from the packet (WRITE_SRC 0), and writes it only if bit 27 says so.
        let control = match generation {
            Generation::A6xx => RB_DONE_TS,
            Generation::A7xx => RB_DONE_TS | (1 << 27),
        };
        self.packet(0x46, &[control, low, high, value])
    }

    /// CP_INDIRECT_BUFFER: another command buffer of that many dwords.
    pub fn indirect_buffer(&mut self, address: u64, dwords: usize) -> &mut Self {
        let [low, high] = split(address);
        self.packet(
            0x3f,
            &[low, high, u32::try_from(dwords).expect("a buffer is short")],
        )
    }

    /// CP_REG_TO_MEM: a register, or with the next one a 64-bit value, to memory.
    pub fn reg_to_mem(&mut self, register: u32, wide: bool, destination: u64) -> &mut Self {
        let [low, high] = split(destination);
        let count = if wide { (2 << 18) | (1 << 30) } else { 1 << 18 };
        self.packet(0x3e, &[register | count, low, high])
    }

    /// CP_WAIT_REG_MEM: waits until the dword in memory equals the value.
    pub fn wait_until_equal(&mut self, address: u64, value: u32) -> &mut Self {
        let [low, high] = split(address);
        // The function in 2:0 is EQ, the place in 5:4 is memory; then reference, mask and delay.
        self.packet(0x3c, &[3 | (1 << 4), low, high, value, u32::MAX, 16])
    }
}

/// An address as packets carry it: the low dword first.
fn split(address: u64) -> [u32; 2] {
    let [b0, b1, b2, b3, b4, b5, b6, b7] = address.to_le_bytes();
    [
        u32::from_le_bytes([b0, b1, b2, b3]),
        u32::from_le_bytes([b4, b5, b6, b7]),
    ]
}

/// The bit that makes the number of set bits odd.
fn odd_parity(field: u32) -> u32 {
    u32::from(field.count_ones() % 2 == 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kgsl_shim::gpu::packet::Header;

    #[test]
    fn headers_have_their_known_values() {
        // As Mesa writes them: CP_NOP without payload, CP_EVENT_WRITE with one operand, one write of register 0x8c01.
        assert_eq!(Commands::default().nop(&[]).dwords()[0], 0x7010_8000);
        assert_eq!(
            Commands::default().packet(0x46, &[0]).dwords()[0],
            0x7046_0001
        );
        assert_eq!(
            Commands::default().registers(0x8c01, &[0]).dwords()[0],
            0x488c_0101
        );
    }

    #[test]
    fn the_driver_reads_what_is_written() {
        for count in [0, 1, 2, 7, 100] {
            let operands = vec![0; count];
            let count = u32::try_from(count).unwrap();
            for opcode in 0..0x80 {
                let header = Commands::default().packet(opcode, &operands).dwords()[0];
                let expected = Header::Operation {
                    opcode: u8::try_from(opcode).unwrap(),
                    count,
                };
                assert_eq!(Header::decode(header), Some(expected));
            }
            let header = Commands::default().registers(0xbb08, &operands).dwords()[0];
            assert_eq!(
                Header::decode(header),
                Some(Header::Registers {
                    register: 0xbb08,
                    count
                })
            );
        }
    }

    #[test]
    fn addresses_are_split() {
        assert_eq!(split(0x1_2345_6789), [0x2345_6789, 1]);
    }

    #[test]
    fn the_chip_id_tells_the_generation() {
        assert_eq!(Generation::of(0x0606_0001), Generation::A6xx);
        assert_eq!(Generation::of(0x0703_0001), Generation::A7xx);
        assert_eq!(Generation::of(0x4305_1401), Generation::A7xx);
    }
}
