// SPDX-License-Identifier: GPL-2.0

//! What the GPU sees of its surroundings: an address space and a clock.

use super::counters::Counters;
use super::fault::MemoryFault;
use super::performance::Counter;

/// The address space of the context that runs: the only path by which a command stream reaches a
/// page.
///
/// Addresses are GPU virtual addresses in bytes. An implementation resolves each to memory that the
/// context may use, refuses writes to read-only memory, and never wraps round the end of the
/// address space. A range that is only partly accessible faults; how much of it was moved by then
/// is unspecified, as on the hardware.
///
/// The memory is shared with user space, which may change it at any time: a value read twice may
/// differ, and no implementation hands out references into it.
pub trait Memory {
    /// Reads `buffer.len()` bytes that start at `address`, which needs no alignment.
    fn read(&mut self, address: u64, buffer: &mut [u8]) -> Result<(), MemoryFault>;

    /// Writes `bytes` at `address`, which needs no alignment.
    fn write(&mut self, address: u64, bytes: &[u8]) -> Result<(), MemoryFault>;

    /// Reads `buffer.len()` dwords that start at `address`, a multiple of 4.
    fn read_dwords(&mut self, address: u64, buffer: &mut [u32]) -> Result<(), MemoryFault>;

    /// Loads the dword at `address`, a multiple of 4, in one access.
    fn load(&mut self, address: u64) -> Result<u32, MemoryFault>;

    /// Stores the dword at `address`, a multiple of 4, in one access.
    fn store(&mut self, address: u64, value: u32) -> Result<(), MemoryFault>;

    /// Loads the qword at `address`, a multiple of 4: in one access where the address is a multiple
    /// of 8.
    fn load64(&mut self, address: u64) -> Result<u64, MemoryFault>;

    /// Stores the qword at `address`, a multiple of 4: in one access where the address is a
    /// multiple of 8.
    fn store64(&mut self, address: u64, value: u64) -> Result<(), MemoryFault>;

    /// Copies `length` bytes from `source` to `destination` as if through a buffer of that size
    /// (the ranges may overlap).
    fn copy(&mut self, destination: u64, source: u64, length: u64) -> Result<(), MemoryFault>;

    /// Fills `length` bytes from `address` with the low `size` bytes (1, 2, 4, 8 or 16) of the
    /// little-endian `pattern`, repeated; `length` is a multiple of `size`, and `address` needs no
    /// alignment.
    fn fill(
        &mut self,
        address: u64,
        length: u64,
        pattern: u128,
        size: usize,
    ) -> Result<(), MemoryFault>;

    /// The always-on counter, in ticks of 19.2 MHz: what register CP_ALWAYS_ON_COUNTER reads.
    fn always_on_counter(&mut self) -> u64;

    /// The value of a performance counter: of what it was reserved for, and otherwise of the
    /// countable `selected`, which is what the command stream has written to its select register.
    /// `counted` is what this processor has counted by now. Where nobody counts, it is 0.
    fn performance_counter(
        &mut self,
        _counter: &Counter,
        _selected: u32,
        _counted: &Counters,
    ) -> u64 {
        0
    }
}
