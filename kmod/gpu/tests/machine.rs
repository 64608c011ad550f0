// SPDX-License-Identifier: GPL-2.0

//! A GPU on the host: memory in a vector, a clock that ticks once a look, and helpers to write
//! command streams.

use crate::gpu::chip::{by_name, Chip};
use crate::gpu::counters::Counters;
use crate::gpu::fault::{Fault, MemoryFault};
use crate::gpu::memory::Memory;
use crate::gpu::opcode::Opcode;
use crate::gpu::packet::Header;
use crate::gpu::performance::{Counter, Reading};
use crate::gpu::{Configuration, Outcome, Processor, Registers};
use std::vec::Vec;

/// Where the memory of the tests begins, a GPU address in bytes.
pub(super) const BASE: u64 = 0x10_0000;
/// How large it is, in bytes.
pub(super) const SIZE: u64 = 0x4_0000;
/// Where command streams lie.
pub(super) const STREAM: u64 = BASE;
/// Where data begins.
pub(super) const DATA: u64 = BASE + 0x1_0000;

/// Where buffers that others call lie.
pub(super) const CALLED: u64 = DATA + 0x1000;

/// Memory from [`BASE`] on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ram {
    /// Its bytes.
    pub(super) bytes: Vec<u8>,
    /// What the always-on counter shows next.
    pub(super) clock: u64,
}

impl Ram {
    /// The range of indices of `length` bytes from `address`.
    fn range(
        &self,
        address: u64,
        length: usize,
        write: bool,
    ) -> Result<core::ops::Range<usize>, MemoryFault> {
        let size = u64::try_from(self.bytes.len()).unwrap();
        let fault = MemoryFault {
            address: address.max(BASE + size),
            write,
        };
        if address < BASE || address > BASE + size {
            return Err(MemoryFault { address, write });
        }
        let start = usize::try_from(address - BASE).unwrap();
        let end = start
            .checked_add(length)
            .filter(|&end| end <= self.bytes.len());
        Ok(start..end.ok_or(fault)?)
    }
}

impl Memory for Ram {
    fn read(&mut self, address: u64, buffer: &mut [u8]) -> Result<(), MemoryFault> {
        let range = self.range(address, buffer.len(), false)?;
        buffer.copy_from_slice(&self.bytes[range]);
        Ok(())
    }

    fn write(&mut self, address: u64, bytes: &[u8]) -> Result<(), MemoryFault> {
        let range = self.range(address, bytes.len(), true)?;
        self.bytes[range].copy_from_slice(bytes);
        Ok(())
    }

    fn read_dwords(&mut self, address: u64, buffer: &mut [u32]) -> Result<(), MemoryFault> {
        assert_eq!(address % 4, 0);
        let range = self.range(address, buffer.len() * 4, false)?;
        for (dword, bytes) in buffer.iter_mut().zip(self.bytes[range].chunks_exact(4)) {
            *dword = u32::from_le_bytes(bytes.try_into().unwrap());
        }
        Ok(())
    }

    fn load(&mut self, address: u64) -> Result<u32, MemoryFault> {
        assert_eq!(address % 4, 0);
        let mut bytes = [0; 4];
        self.read(address, &mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn store(&mut self, address: u64, value: u32) -> Result<(), MemoryFault> {
        assert_eq!(address % 4, 0);
        self.write(address, &value.to_le_bytes())
    }

    fn load64(&mut self, address: u64) -> Result<u64, MemoryFault> {
        assert_eq!(address % 4, 0);
        let mut bytes = [0; 8];
        self.read(address, &mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn store64(&mut self, address: u64, value: u64) -> Result<(), MemoryFault> {
        assert_eq!(address % 4, 0);
        self.write(address, &value.to_le_bytes())
    }

    fn copy(&mut self, to: u64, from: u64, length: u64) -> Result<(), MemoryFault> {
        let length = usize::try_from(length).unwrap();
        let from = self.range(from, length, false)?;
        let to = self.range(to, length, true)?;
        self.bytes.copy_within(from, to.start);
        Ok(())
    }

    fn fill(
        &mut self,
        to: u64,
        length: u64,
        pattern: u128,
        size: usize,
    ) -> Result<(), MemoryFault> {
        assert!([1, 2, 4, 8, 16].contains(&size));
        let length = usize::try_from(length).unwrap();
        assert_eq!(length % size, 0);
        let range = self.range(to, length, true)?;
        for piece in self.bytes[range].chunks_exact_mut(size) {
            piece.copy_from_slice(&pattern.to_le_bytes()[..size]);
        }
        Ok(())
    }

    fn always_on_counter(&mut self) -> u64 {
        self.clock += 1;
        self.clock
    }

    fn performance_counter(&mut self, counter: &Counter, selected: u32, counted: &Counters) -> u64 {
        let countable = counter.group.countable(selected);
        let reading = Reading {
            counters: *counted,
            ticks: self.clock,
            ..Reading::default()
        };
        countable.scale(countable.raw(&reading))
    }
}

/// A processor, its registers and its memory.
#[derive(Debug)]
pub(super) struct Machine {
    pub(super) processor: Processor,
    pub(super) registers: Vec<u32>,
    pub(super) ram: Ram,
    pub(super) configuration: Configuration,
}

impl Machine {
    /// A machine with zeroed memory.
    pub(super) fn new(chip: &str) -> Self {
        let chip: &'static Chip = by_name(chip).unwrap();
        Self {
            processor: Processor::new(),
            registers: vec![0; Registers::COUNT],
            ram: Ram {
                bytes: vec![0; usize::try_from(SIZE).unwrap()],
                clock: 0x1_2345_6789,
            },
            configuration: Configuration {
                chip,
                strict: false,
            },
        }
    }

    /// Runs with a budget.
    pub(super) fn run(&mut self, budget: u32) -> Outcome {
        let mut registers = Registers::new(&mut self.registers).unwrap();
        self.processor
            .run(&mut registers, &mut self.ram, &self.configuration, budget)
    }

    /// Writes a stream to [`STREAM`], submits it and runs it in one go.
    pub(super) fn submit(&mut self, stream: &[u32]) -> Outcome {
        self.place(STREAM, stream);
        self.processor
            .start(STREAM, u32::try_from(stream.len()).unwrap());
        self.run(u32::MAX)
    }

    /// Submits a stream that must complete.
    pub(super) fn complete(&mut self, stream: &[u32]) {
        assert_eq!(self.submit(stream), Outcome::Done);
    }

    /// Submits a stream that must fault.
    pub(super) fn fault(&mut self, stream: &[u32]) -> Fault {
        match self.submit(stream) {
            Outcome::Fault(fault) => fault,
            other => panic!("{other:?} instead of a fault"),
        }
    }

    /// Writes dwords to memory.
    pub(super) fn place(&mut self, address: u64, dwords: &[u32]) {
        for (index, &dword) in (0_u64..).zip(dwords) {
            self.ram.store(address + index * 4, dword).unwrap();
        }
    }

    /// The dword at an address.
    pub(super) fn dword(&mut self, address: u64) -> u32 {
        self.ram.load(address).unwrap()
    }

    /// The qword at an address.
    pub(super) fn qword(&mut self, address: u64) -> u64 {
        self.ram.load64(address).unwrap()
    }

    /// What a register holds.
    pub(super) fn register(&mut self, register: u32) -> u32 {
        Registers::new(&mut self.registers).unwrap().get(register)
    }
}

/// A type-7 packet.
pub(super) fn packet(opcode: Opcode, operands: &[u32]) -> Vec<u32> {
    let count = u32::try_from(operands.len()).unwrap();
    let mut dwords = vec![Header::Operation {
        opcode: opcode.value(),
        count,
    }
    .encode()];
    dwords.extend(operands);
    dwords
}

/// A type-4 packet.
pub(super) fn write(register: u32, values: &[u32]) -> Vec<u32> {
    let count = u32::try_from(values.len()).unwrap();
    let mut dwords = vec![Header::Registers { register, count }.encode()];
    dwords.extend(values);
    dwords
}

/// The low and high half of a qword, as packets hold it.
pub(super) fn low(value: u64) -> u32 {
    u32::try_from(value & 0xffff_ffff).unwrap()
}

/// The high half of a qword.
pub(super) fn high(value: u64) -> u32 {
    u32::try_from(value >> 32).unwrap()
}

/// A packet that stores a value.
pub(super) fn store(address: u64, value: u32) -> Vec<u32> {
    packet(Opcode::MemWrite, &[low(address), high(address), value])
}
