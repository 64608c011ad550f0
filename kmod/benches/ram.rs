// SPDX-License-Identifier: GPL-2.0

//! Memory in a vector, for the benchmarks and the fuzzer.

use kgsl_shim::gpu::fault::MemoryFault;
use kgsl_shim::gpu::memory::Memory;
use std::ops::Range;

/// Where the memory begins, a GPU address in bytes.
pub(crate) const BASE: u64 = 0x10_0000;

/// Memory from [`BASE`] on.
pub(crate) struct Ram {
    /// Its bytes.
    pub(crate) bytes: Vec<u8>,
    /// What the always-on counter shows next.
    pub(crate) clock: u64,
}

impl Ram {
    /// Zeroed memory of `size` bytes.
    pub(crate) fn new(size: usize) -> Self {
        Self {
            bytes: vec![0; size],
            clock: 0,
        }
    }

    /// The indices of `length` bytes from `address`.
    fn range(&self, address: u64, length: usize, write: bool) -> Result<Range<usize>, MemoryFault> {
        let fault = MemoryFault { address, write };
        let start = address
            .checked_sub(BASE)
            .and_then(|start| usize::try_from(start).ok());
        let start = start.ok_or(fault)?;
        let end = start
            .checked_add(length)
            .filter(|&end| end <= self.bytes.len());
        Ok(start..end.ok_or(fault)?)
    }

    /// The bytes from `address` on, to read.
    fn get(&self, address: u64, length: usize) -> Result<&[u8], MemoryFault> {
        let range = self.range(address, length, false)?;
        Ok(&self.bytes[range])
    }

    /// The bytes from `address` on, to write.
    fn get_mut(&mut self, address: u64, length: usize) -> Result<&mut [u8], MemoryFault> {
        let range = self.range(address, length, true)?;
        Ok(&mut self.bytes[range])
    }
}

/// Repeats the first `size` bytes of `bytes` throughout: doubled up to a piece that the nearest
/// cache holds, then by whole pieces.
fn repeat(bytes: &mut [u8], size: usize) {
    const PIECE: usize = 8192;
    let mut done = size;
    while done < bytes.len() {
        let more = done.min(PIECE).min(bytes.len() - done);
        bytes.copy_within(..more, done);
        done += more;
    }
}

impl Memory for Ram {
    fn read(&mut self, address: u64, buffer: &mut [u8]) -> Result<(), MemoryFault> {
        buffer.copy_from_slice(self.get(address, buffer.len())?);
        Ok(())
    }

    fn write(&mut self, address: u64, bytes: &[u8]) -> Result<(), MemoryFault> {
        self.get_mut(address, bytes.len())?.copy_from_slice(bytes);
        Ok(())
    }

    fn read_dwords(&mut self, address: u64, buffer: &mut [u32]) -> Result<(), MemoryFault> {
        assert_eq!(
            address % 4,
            0,
            "the processor must not ask for misaligned dwords"
        );
        let bytes = self.get(address, buffer.len() * 4)?;
        for (dword, bytes) in buffer.iter_mut().zip(bytes.chunks_exact(4)) {
            *dword = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        }
        Ok(())
    }

    fn load(&mut self, address: u64) -> Result<u32, MemoryFault> {
        let mut dword = [0];
        self.read_dwords(address, &mut dword)?;
        Ok(dword[0])
    }

    fn store(&mut self, address: u64, value: u32) -> Result<(), MemoryFault> {
        assert_eq!(
            address % 4,
            0,
            "the processor must not store misaligned dwords"
        );
        self.write(address, &value.to_le_bytes())
    }

    fn load64(&mut self, address: u64) -> Result<u64, MemoryFault> {
        let mut dwords = [0; 2];
        self.read_dwords(address, &mut dwords)?;
        Ok((u64::from(dwords[1]) << 32) | u64::from(dwords[0]))
    }

    fn store64(&mut self, address: u64, value: u64) -> Result<(), MemoryFault> {
        assert_eq!(
            address % 4,
            0,
            "the processor must not store misaligned qwords"
        );
        self.write(address, &value.to_le_bytes())
    }

    fn copy(&mut self, to: u64, from: u64, length: u64) -> Result<(), MemoryFault> {
        let length = usize::try_from(length).map_err(|_| MemoryFault {
            address: from,
            write: false,
        })?;
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
        assert!(
            [1, 2, 4, 8, 16].contains(&size) && length % size as u64 == 0,
            "a fill of odd texels"
        );
        let length = usize::try_from(length).map_err(|_| MemoryFault {
            address: to,
            write: true,
        })?;
        let bytes = self.get_mut(to, length)?;
        if let Some(first) = bytes.get_mut(..size) {
            first.copy_from_slice(&pattern.to_le_bytes()[..size]);
            repeat(bytes, size);
        }
        Ok(())
    }

    fn always_on_counter(&mut self) -> u64 {
        self.clock += 1;
        self.clock
    }
}
