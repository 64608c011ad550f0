// SPDX-License-Identifier: GPL-2.0

//! Memory as the GPU sees it: the only path by which a command stream reaches a page.

use super::{
    pattern::Pattern,
    translation::{
        Forgotten,
        Translations, //
    },
    AddressSpace,
    Object, //
};
use crate::{
    driver::perfcounter::Meter,
    ext::{
        access::Word,
        time, //
    },
    gpu::{
        counters::Counters,
        fault::MemoryFault,
        memory::Memory,
        performance::Counter, //
    },
};
use core::cmp::min;
use kernel::{
    page::PAGE_SIZE,
    prelude::*,
    sync::Arc,
    transmute::AsBytes, //
};

/// The address space of a process, with the translations that were used last, and the counters that
/// the command processor may read.
pub(crate) struct GpuView {
    translations: Translations,
    meter: Option<Meter>,
}

/// Where an access goes, and how many bytes follow in one piece, the first included.
struct Place<'a> {
    memory: Option<&'a Object>,
    offset: usize,
    room: usize,
}

impl GpuView {
    /// A view without translations.
    pub(crate) fn new(space: Arc<AddressSpace>) -> Self {
        Self {
            translations: Translations::new(space),
            meter: None,
        }
    }

    /// The view of a command processor, which may read counters.
    pub(crate) fn metered(space: Arc<AddressSpace>, meter: Meter) -> Self {
        Self {
            meter: Some(meter),
            ..Self::new(space)
        }
    }

    /// Has the translations that were used before the last [`GpuView::forget`] again, as far as they
    /// are easy to have.
    pub(crate) fn recall(&mut self) {
        self.translations.recall();
    }

    /// Takes the translations out, so that an idle context keeps no memory alive. They may be the
    /// last references to that, which are dropped outside of locks.
    #[must_use]
    pub(crate) fn forget(&mut self) -> Forgotten {
        self.translations.forget()
    }

    /// Resolves an address, in bytes, for a read or a write.
    fn resolve(&mut self, address: u64, write: bool) -> Result<Place<'_>, MemoryFault> {
        let fault = MemoryFault { address, write };
        let translation = self.translations.find(address).ok_or(fault)?;
        let distance = translation.distance(address).ok_or(fault)?;
        let memory = translation.memory.as_deref();
        if write && memory.is_some_and(|memory| !memory.gpu_may_write()) {
            return Err(fault);
        }
        Ok(Place {
            memory,
            offset: translation.offset + distance,
            room: translation.length - distance,
        })
    }

    /// Loads a word that lies in one object.
    fn load_word<T: Word>(&mut self, address: u64) -> Result<T, MemoryFault> {
        let place = self.resolve(address, false)?;
        let Some(memory) = place.memory else {
            return Ok(T::default());
        };
        memory.storage.load(place.offset).map_err(|_| MemoryFault {
            address,
            write: false,
        })
    }

    /// Stores a word that lies in one object.
    fn store_word<T: Word>(&mut self, address: u64, value: T) -> Result<(), MemoryFault> {
        let place = self.resolve(address, true)?;
        let Some(memory) = place.memory else {
            return Ok(());
        };
        memory
            .storage
            .store(place.offset, value)
            .map_err(|_| MemoryFault {
                address,
                write: true,
            })
    }

    /// Copies up to `limit` bytes from `source` to `destination`, as many as lie in one piece on
    /// either side.
    fn copy_step(&mut self, destination: u64, source: u64, limit: u64) -> Result<u64, MemoryFault> {
        let fault = MemoryFault {
            address: source,
            write: false,
        };
        let from = self.translations.find(source).ok_or(fault)?.clone();
        let distance = from.distance(source).ok_or(fault)?;
        let (from_offset, from_room) = (from.offset + distance, from.length - distance);
        let to = self.resolve(destination, true)?;
        let step = min(min(from_room, to.room), clamp(limit));
        let copied = match (to.memory, from.memory) {
            (Some(to_memory), Some(from)) => {
                to_memory
                    .storage
                    .copy_from(to.offset, &from.storage, from_offset, step)
            }
            (Some(to_memory), None) => to_memory.storage.clear(to.offset, step),
            (None, _) => Ok(()),
        };
        copied.map_err(|_| fault)?;
        Ok(widen(step))
    }

    /// Copies forwards: right unless the destination starts inside the source.
    fn copy_forwards(
        &mut self,
        destination: u64,
        source: u64,
        length: u64,
    ) -> Result<(), MemoryFault> {
        let mut done = 0;
        while done < length {
            let to = advance(destination, done, true)?;
            let from = advance(source, done, false)?;
            done += self.copy_step(to, from, length - done)?;
        }
        Ok(())
    }

    /// Copies backwards, in steps that stay within a page on either side, so that each is a
    /// `memmove`.
    fn copy_backwards(
        &mut self,
        destination: u64,
        source: u64,
        length: u64,
    ) -> Result<(), MemoryFault> {
        let mut left = length;
        while left > 0 {
            let to_end = advance(destination, left, true)?;
            let from_end = advance(source, left, false)?;
            let step = min(min(into_page(to_end), into_page(from_end)), left);
            let copied = self.copy_step(to_end - step, from_end - step, step)?;
            if copied != step {
                // The page is not whole in its object.
                return Err(MemoryFault {
                    address: to_end - step + copied,
                    write: true,
                });
            }
            left -= step;
        }
        Ok(())
    }
}

impl Memory for GpuView {
    fn read(&mut self, address: u64, buffer: &mut [u8]) -> Result<(), MemoryFault> {
        let mut done = 0;
        while done < buffer.len() {
            let at = advance(address, widen(done), false)?;
            let fault = MemoryFault {
                address: at,
                write: false,
            };
            let place = self.resolve(at, false)?;
            let end = min(done + place.room, buffer.len());
            let part = buffer.get_mut(done..end).ok_or(fault)?;
            match place.memory {
                Some(memory) => memory.storage.read(place.offset, part).map_err(|_| fault)?,
                None => part.fill(0),
            }
            done = end;
        }
        Ok(())
    }

    fn write(&mut self, address: u64, bytes: &[u8]) -> Result<(), MemoryFault> {
        let mut done = 0;
        while done < bytes.len() {
            let at = advance(address, widen(done), true)?;
            let fault = MemoryFault {
                address: at,
                write: true,
            };
            let place = self.resolve(at, true)?;
            let end = min(done + place.room, bytes.len());
            let part = bytes.get(done..end).ok_or(fault)?;
            if let Some(memory) = place.memory {
                memory
                    .storage
                    .write(place.offset, part)
                    .map_err(|_| fault)?;
            }
            done = end;
        }
        Ok(())
    }

    fn read_dwords(&mut self, address: u64, buffer: &mut [u32]) -> Result<(), MemoryFault> {
        self.read(address, AsBytes::as_bytes_mut(buffer))?;
        buffer
            .iter_mut()
            .for_each(|dword| *dword = u32::from_le(*dword));
        Ok(())
    }

    fn load(&mut self, address: u64) -> Result<u32, MemoryFault> {
        self.load_word(address).map(u32::from_le)
    }

    fn store(&mut self, address: u64, value: u32) -> Result<(), MemoryFault> {
        self.store_word(address, value.to_le())
    }

    fn load64(&mut self, address: u64) -> Result<u64, MemoryFault> {
        if address % 8 == 0 {
            return self.load_word(address).map(u64::from_le);
        }
        let low = self.load(address)?;
        let high = self.load(advance(address, 4, false)?)?;
        Ok(u64::from(low) | (u64::from(high) << 32))
    }

    fn store64(&mut self, address: u64, value: u64) -> Result<(), MemoryFault> {
        if address % 8 == 0 {
            return self.store_word(address, value.to_le());
        }
        let [a, b, c, d, e, f, g, h] = value.to_le_bytes();
        self.store(address, u32::from_le_bytes([a, b, c, d]))?;
        self.store(advance(address, 4, true)?, u32::from_le_bytes([e, f, g, h]))
    }

    fn copy(&mut self, destination: u64, source: u64, length: u64) -> Result<(), MemoryFault> {
        match destination.checked_sub(source) {
            Some(distance) if distance < length => self.copy_backwards(destination, source, length),
            _ => self.copy_forwards(destination, source, length),
        }
    }

    fn fill(
        &mut self,
        address: u64,
        length: u64,
        pattern: u128,
        size: usize,
    ) -> Result<(), MemoryFault> {
        let fault = |address| MemoryFault {
            address,
            write: true,
        };
        let pattern = Pattern::new(pattern, size).ok_or(fault(address))?;
        let mut done = 0;
        while done < length {
            let at = advance(address, done, true)?;
            let place = self.resolve(at, true)?;
            let step = min(place.room, clamp(length - done));
            if let Some(memory) = place.memory {
                memory
                    .storage
                    .fill(place.offset, step, pattern.after(done))
                    .map_err(|_| fault(at))?;
            }
            done += widen(step);
        }
        Ok(())
    }

    fn always_on_counter(&mut self) -> u64 {
        time::always_on_ticks()
    }

    fn performance_counter(&mut self, counter: &Counter, selected: u32, counted: &Counters) -> u64 {
        self.meter
            .as_ref()
            .map_or(0, |meter| meter.value(counter, selected, counted))
    }
}

/// The address `distance` bytes on, or a fault where the address space ends.
fn advance(address: u64, distance: u64, write: bool) -> Result<u64, MemoryFault> {
    address
        .checked_add(distance)
        .ok_or(MemoryFault { address, write })
}

/// How many bytes before `end` lie in the same page as the one right before it.
fn into_page(end: u64) -> u64 {
    // CAST: The size of a page fits any integer.
    match end % PAGE_SIZE as u64 {
        0 => PAGE_SIZE as u64,
        within => within,
    }
}

/// A length in bytes, for the GPU.
fn widen(length: usize) -> u64 {
    // CAST: No supported kernel has a `usize` wider than 64 bits.
    length as u64
}

/// A length in bytes, or the longest that there is.
fn clamp(length: u64) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}
