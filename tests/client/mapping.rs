// SPDX-License-Identifier: GPL-2.0

//! Memory that the process shares with the device.

use std::mem;
use std::os::fd::AsFd;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::io::Errno;
use rustix::mm::MapFlags;

use super::system::{self, Access};

/// A mapping; it goes away with its value.
#[derive(Debug)]
pub struct Mapping {
    start: NonNull<AtomicU32>,
    length: usize,
}

// SAFETY: A mapping may be used and given up by any thread.
unsafe impl Send for Mapping {}
// SAFETY: What a shared mapping offers is atomic.
unsafe impl Sync for Mapping {}

impl Mapping {
    /// Maps `length` bytes of the device from `offset`.
    pub fn new(
        device: impl AsFd,
        length: usize,
        access: Access,
        offset: u64,
    ) -> Result<Self, Errno> {
        Self::near(device, length, access, offset, 0)
    }

    /// The same, at the address `hint` if the kernel likes it.
    pub fn near(
        device: impl AsFd,
        length: usize,
        access: Access,
        offset: u64,
        hint: usize,
    ) -> Result<Self, Errno> {
        let start = system::map(device, length, access, offset, hint)?;
        Ok(Self { start, length })
    }

    /// Maps fresh memory of the process itself.
    pub fn anonymous(length: usize) -> Result<Self, Errno> {
        let start = system::map_anonymous(length, MapFlags::PRIVATE)?;
        Ok(Self { start, length })
    }

    /// Maps fresh memory that the process shares with its children.
    pub fn shared(length: usize) -> Result<Self, Errno> {
        let start = system::map_anonymous(length, MapFlags::SHARED)?;
        Ok(Self { start, length })
    }

    /// Changes what the first `length` bytes may be used for. What is read-only must not be written after this.
    pub fn protect(&self, length: usize, access: Access) -> Result<(), Errno> {
        assert!(length <= self.length, "the rest is not ours");
        system::protect(self.start, length, access)
    }

    /// Changes what the last `length` bytes may be used for. They must not be used otherwise after this.
    pub fn protect_end(&self, length: usize, access: Access) -> Result<(), Errno> {
        let distance = self
            .length
            .checked_sub(length)
            .expect("the rest is not ours");
        let start = self.start.map_addr(|start| start.saturating_add(distance));
        system::protect(start, length, access)
    }

    /// Says that `length` bytes from the `offset` will not be used soon, and had better be written out.
    pub fn put_off(&self, offset: usize, length: usize) -> Result<(), Errno> {
        assert!(offset + length <= self.length, "the rest is not ours");
        let start = self.start.map_addr(|start| start.saturating_add(offset));
        system::put_off(start, length)
    }

    /// Says that `length` bytes from the `offset` are not needed for now. The memory is the device's, and stays as it is.
    pub fn let_go(&self, offset: usize, length: usize) -> Result<(), Errno> {
        assert!(offset + length <= self.length, "the rest is not ours");
        let start = self.start.map_addr(|start| start.saturating_add(offset));
        system::let_go(start, length)
    }

    /// Unmaps the first `length` bytes.
    pub fn cut(&mut self, length: usize) -> Result<(), Errno> {
        assert!(length < self.length, "the rest is not ours");
        let start = self.start;
        self.start = start.map_addr(|start| start.saturating_add(length));
        self.length -= length;
        // SAFETY: Nobody has a slice of the mapping, which is borrowed exclusively.
        unsafe { system::unmap(start, length) }
    }

    /// Puts another mapping into the place of what is here from the `offset` on.
    pub fn replace(&mut self, offset: usize, other: Self) -> Result<(), Errno> {
        assert!(offset + other.length <= self.length, "the rest is not ours");
        let to = self.start.map_addr(|start| start.saturating_add(offset));
        let other = mem::ManuallyDrop::new(other);
        // SAFETY: The other mapping is ours, and nobody has slices of this one.
        unsafe { system::move_to(other.start, other.length, to) }
    }

    /// Where it starts, as structures of the ABI carry it.
    pub fn address(&self) -> u64 {
        let address = self.start.as_ptr().expose_provenance();
        u64::try_from(address).expect("addresses have 64 bits")
    }

    /// The memory. Dwords are atomic because the device reads and writes them too.
    pub fn dwords(&self) -> &[AtomicU32] {
        // SAFETY: The mapping is that long, and it outlives `self`.
        unsafe { system::dwords(self.start, self.length / size_of::<u32>()) }
    }

    /// Writes dwords from the `offset`, in bytes.
    pub fn write(&self, offset: usize, values: &[u32]) {
        let dwords = &self.dwords()[offset / size_of::<u32>()..][..values.len()];
        dwords
            .iter()
            .zip(values)
            .for_each(|(dword, value)| dword.store(*value, Ordering::Relaxed));
    }

    /// Reads `count` dwords from the `offset`, in bytes.
    pub fn read(&self, offset: usize, count: usize) -> Vec<u32> {
        let dwords = &self.dwords()[offset / size_of::<u32>()..][..count];
        dwords
            .iter()
            .map(|dword| dword.load(Ordering::Relaxed))
            .collect()
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: Slices of the mapping borrow `self`, and so there are none left.
        let _ = unsafe { system::unmap(self.start, self.length) };
    }
}
