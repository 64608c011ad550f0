// SPDX-License-Identifier: GPL-2.0

//! Where the lists and structures lie that an ioctl's structure points at: memory that the kernel may write to whatever a
//! count says, with a page behind it that nobody may touch.

use std::cell::Cell;

use rustix::io::Errno;

use crate::client::{bytes_of, Access, Mapping};

const PAGE: usize = 0x1000;

/// What structures have room in, in bytes.
const SIZE: usize = 16 * PAGE;

/// The memory of one thread.
#[derive(Debug)]
pub(super) struct Arena {
    memory: Mapping,
    next: Cell<usize>,
}

impl Arena {
    /// Fresh memory.
    pub(super) fn new() -> Result<Self, Errno> {
        let memory = Mapping::anonymous(SIZE + PAGE)?;
        memory.protect_end(PAGE, Access::Nothing)?;
        Ok(Self {
            memory,
            next: Cell::new(0),
        })
    }

    /// Gives up everything that was put, and has the next structures lie `room` bytes before the end.
    pub(super) fn reset(&self, room: usize) {
        self.next.set(SIZE - room.min(SIZE) / 8 * 8);
    }

    /// The address of the page that nobody may touch, which is the first behind all structures.
    pub(super) fn end(&self) -> u64 {
        self.memory.address() + SIZE as u64
    }

    /// Whether the address is of this memory, or of the page behind it.
    pub(super) fn contains(&self, address: u64) -> bool {
        (self.memory.address()..self.end() + PAGE as u64).contains(&address)
    }

    /// Some address of this memory.
    pub(super) fn address(&self, offset: u64) -> u64 {
        self.memory.address() + offset % SIZE as u64
    }

    /// Puts structures of the ABI one behind the other; their address. Where there is no room they lie, as far as they
    /// can be, where nobody may touch them.
    pub(super) fn list<T: Copy>(&self, list: &[T]) -> u64 {
        let start = self.next.get();
        let mut at = start;
        for entry in list {
            let mut copy = *entry;
            for bytes in bytes_of(&mut copy).chunks(4) {
                let mut dword = [0; 4];
                dword[..bytes.len()].copy_from_slice(bytes);
                if at + 4 <= SIZE {
                    self.memory.write(at, &[u32::from_le_bytes(dword)]);
                }
                at += 4;
            }
        }
        self.next.set(at.next_multiple_of(8).min(SIZE));
        self.memory.address() + start as u64
    }

    /// Room of so many bytes, which hold anything.
    pub(super) fn room(&self, bytes: usize) -> u64 {
        let start = self.next.get();
        self.next.set((start + bytes).next_multiple_of(8).min(SIZE));
        self.memory.address() + start as u64
    }

    /// The dword at an address that [`Arena::list`] has returned; all ones where there is none.
    pub(super) fn dword(&self, address: u64) -> u32 {
        let offset = address.wrapping_sub(self.memory.address());
        match usize::try_from(offset) {
            Ok(offset) if offset + 4 <= SIZE => self.memory.read(offset, 1)[0],
            _ => u32::MAX,
        }
    }
}
