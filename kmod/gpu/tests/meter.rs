// SPDX-License-Identifier: GPL-2.0

//! Memory that notes what is asked of it.

use super::machine::Ram;
use crate::gpu::counters::Counters;
use crate::gpu::fault::MemoryFault;
use crate::gpu::memory::Memory;
use crate::gpu::performance::Counter;
use std::vec::Vec;

/// The bytes that reading a counter, which takes locks, weighs as much as.
const COUNTER: usize = 1024;

/// Memory that counts what is asked of it.
pub(super) struct Meter {
    /// The memory itself.
    pub(super) ram: Ram,
    /// The bytes moved and the calls made, four bytes each.
    pub(super) effort: u64,
    /// The ranges written: address and length, in bytes.
    pub(super) written: Vec<(u64, u64)>,
}

impl Meter {
    /// Nothing was asked of the memory yet.
    pub(super) fn new(ram: Ram) -> Self {
        let (effort, written) = (0, Vec::new());
        Self {
            ram,
            effort,
            written,
        }
    }

    /// Counts an access.
    fn count(&mut self, bytes: usize) -> &mut Ram {
        self.effort += 4 + u64::try_from(bytes).unwrap();
        &mut self.ram
    }

    /// Counts a write.
    fn count_written(&mut self, address: u64, bytes: usize) -> &mut Ram {
        self.written.push((address, u64::try_from(bytes).unwrap()));
        self.count(bytes)
    }
}

/// What accesses return.
type Result<T> = core::result::Result<T, MemoryFault>;

impl Memory for Meter {
    fn read(&mut self, address: u64, buffer: &mut [u8]) -> Result<()> {
        self.count(buffer.len()).read(address, buffer)
    }

    fn write(&mut self, address: u64, bytes: &[u8]) -> Result<()> {
        self.count_written(address, bytes.len())
            .write(address, bytes)
    }

    fn read_dwords(&mut self, address: u64, buffer: &mut [u32]) -> Result<()> {
        self.count(buffer.len() * 4).read_dwords(address, buffer)
    }

    fn load(&mut self, address: u64) -> Result<u32> {
        self.count(4).load(address)
    }

    fn store(&mut self, address: u64, value: u32) -> Result<()> {
        self.count_written(address, 4).store(address, value)
    }

    fn load64(&mut self, address: u64) -> Result<u64> {
        self.count(8).load64(address)
    }

    fn store64(&mut self, address: u64, value: u64) -> Result<()> {
        self.count_written(address, 8).store64(address, value)
    }

    fn copy(&mut self, to: u64, from: u64, length: u64) -> Result<()> {
        self.count_written(to, usize::try_from(length).unwrap())
            .copy(to, from, length)
    }

    fn fill(&mut self, to: u64, length: u64, pattern: u128, size: usize) -> Result<()> {
        self.count_written(to, usize::try_from(length).unwrap())
            .fill(to, length, pattern, size)
    }

    fn always_on_counter(&mut self) -> u64 {
        self.ram.always_on_counter()
    }

    fn performance_counter(&mut self, counter: &Counter, selected: u32, counted: &Counters) -> u64 {
        self.count(COUNTER)
            .performance_counter(counter, selected, counted)
    }
}
