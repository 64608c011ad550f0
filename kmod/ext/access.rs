// SPDX-License-Identifier: GPL-2.0

//! How the kernel, which is the GPU, reads and writes the memory of a [`Storage`].
//!
//! User space may change the contents at any time, so that no reference into them is ever made:
//! bytes are copied in and out through raw pointers, and what was copied is whatever was there at
//! that moment.

use super::storage::Storage;
use core::ptr;
use kernel::prelude::*;

impl Storage {
    /// Copies `buffer.len()` bytes that start at `offset` out of the storage.
    ///
    /// Fails with `EFAULT` when the range is not inside; nothing is copied then.
    pub(crate) fn read(&self, offset: usize, buffer: &mut [u8]) -> Result {
        let (from, room) = self.run(offset)?;
        if buffer.len() <= room {
            // SAFETY: `from` is valid for `room` bytes. User space may write the page meanwhile, as in
            // every copy from shared memory.
            unsafe { ptr::copy_nonoverlapping(from, buffer.as_mut_ptr(), buffer.len()) };
            return Ok(());
        }
        let mut to = buffer.as_mut_ptr();
        self.for_each_run(Self::run, offset, buffer.len(), |from, length| {
            // SAFETY: `from` is valid for `length` bytes, and the lengths add up to that of the
            // buffer. User space may write the page meanwhile, as in every copy from shared memory.
            unsafe { ptr::copy_nonoverlapping(from, to, length) };
            // SAFETY: As above: the sum of the lengths stays within the buffer.
            to = unsafe { to.add(length) };
        })
    }

    /// Copies `bytes` into the storage, from `offset` on.
    ///
    /// Fails with `EFAULT` when the range is not inside; nothing is copied then.
    pub(crate) fn write(&self, offset: usize, bytes: &[u8]) -> Result {
        let mut from = bytes.as_ptr();
        self.for_each_run(Self::run_to_write, offset, bytes.len(), |to, length| {
            // SAFETY: `to` is valid for `length` bytes, and the lengths add up to that of the
            // slice. User space may access the page meanwhile, as in every copy to shared memory.
            unsafe { ptr::copy_nonoverlapping(from, to, length) };
            // SAFETY: As above: the sum of the lengths stays within the slice.
            from = unsafe { from.add(length) };
        })
    }

    /// Reads the `T` at `offset` in one access.
    ///
    /// Fails with `EFAULT` when it is not inside or not aligned.
    pub(crate) fn load<T: Word>(&self, offset: usize) -> Result<T> {
        let word = aligned::<T>(offset, self.run(offset)?)?;
        // SAFETY: `aligned` has checked that the pointer is valid and aligned. The access is volatile,
        // since user space may write the word meanwhile.
        Ok(unsafe { word.read_volatile() })
    }

    /// Writes the `T` at `offset` in one access.
    ///
    /// Fails with `EFAULT` when it is not inside or not aligned.
    pub(crate) fn store<T: Word>(&self, offset: usize, value: T) -> Result {
        let (word, room) = self.run_to_write(offset)?;
        let word = aligned::<T>(offset, (word.cast_const(), room))?.cast_mut();
        // SAFETY: `aligned` has checked that the pointer is valid and aligned. The access is volatile,
        // since user space may read the word meanwhile.
        unsafe { word.write_volatile(value) };
        Ok(())
    }

    /// Copies `length` bytes at `source` of `from` to `destination` of this storage.
    ///
    /// Within one page, and within ranges that do not overlap or run forwards, the result is that
    /// of `memmove`; ranges that overlap otherwise are the caller's concern. Fails with `EFAULT`
    /// when a range is not inside; nothing is copied then.
    pub(crate) fn copy_from(
        &self,
        destination: usize,
        from: &Self,
        source: usize,
        length: usize,
    ) -> Result {
        self.check(destination, length)?;
        from.check(source, length)?;
        let mut done = 0;
        while done < length {
            let (to, to_room) = self.run_to_write(destination + done)?;
            let (from, from_room) = from.run(source + done)?;
            let step = to_room.min(from_room).min(length - done);
            // SAFETY: Both pointers are valid for `step` bytes.
            unsafe { copy(from, to, step) };
            done += step;
        }
        Ok(())
    }

    /// Fills `length` bytes from `offset` on with the 16 bytes of the little-endian `pattern`,
    /// repeated.
    ///
    /// Fails with `EFAULT` when the range is not inside; nothing is changed then.
    pub(crate) fn fill(&self, offset: usize, length: usize, pattern: u128) -> Result {
        let mut done: u32 = 0;
        self.for_each_run(Self::run_to_write, offset, length, |to, length| {
            let pattern = pattern.rotate_right(u8::BITS * done);
            // SAFETY: `to` is valid for `length` bytes, which user space may access meanwhile.
            unsafe { fill(to, length, pattern.to_le()) };
            // CAST: The remainder is less than 16.
            done = ((length + done as usize) % size_of::<u128>()) as u32;
        })
    }

    /// Makes `length` bytes from `offset` on zero.
    ///
    /// Fails with `EFAULT` when the range is not inside; nothing is changed then.
    pub(crate) fn clear(&self, offset: usize, length: usize) -> Result {
        self.for_each_run(Self::run_to_write, offset, length, |to, length| {
            // SAFETY: `to` is valid for `length` bytes, which user space may access meanwhile.
            unsafe { ptr::write_bytes(to, 0, length) };
        })
    }

    /// Calls `access` with a pointer that `run` has found, and a length, for each part of the range
    /// that is contiguous in the kernel.
    fn for_each_run<P>(
        &self,
        run: impl Fn(&Self, usize) -> Result<(P, usize)>,
        offset: usize,
        length: usize,
        mut access: impl FnMut(P, usize),
    ) -> Result {
        self.check(offset, length)?;
        let mut done = 0;
        while done < length {
            let (pointer, room) = run(self, offset + done)?;
            let step = room.min(length - done);
            access(pointer, step);
            done += step;
        }
        Ok(())
    }

    /// Checks that a range is inside.
    fn check(&self, offset: usize, length: usize) -> Result {
        match offset.checked_add(length) {
            Some(end) if end <= self.size() => Ok(()),
            _ => Err(EFAULT),
        }
    }

    /// Where the byte at `offset` is, to be read, and how many follow it in one piece, itself
    /// included.
    fn run(&self, offset: usize) -> Result<(*const u8, usize)> {
        let (start, room) = match self {
            Self::Pages(pages) => return pages.run(offset),
            Self::Pinned(pages) => pages.run(offset)?,
            Self::DmaBuf(buffer) => buffer.run(offset)?,
            Self::Virtual(_) => return Err(EFAULT),
        };
        Ok((start, room))
    }

    /// The same, to be written.
    fn run_to_write(&self, offset: usize) -> Result<(*mut u8, usize)> {
        match self {
            Self::Pages(pages) => pages.run_to_write(offset),
            Self::Pinned(pages) => pages.run(offset),
            Self::DmaBuf(buffer) => buffer.run(offset),
            Self::Virtual(_) => Err(EFAULT),
        }
    }
}

/// Where the `T` is that lies at `offset` of a storage, of which so much is in one piece.
///
/// Fails with `EFAULT` when it is not all there or not aligned.
pub(super) fn aligned<T: Word>(
    offset: usize,
    (pointer, room): (*const u8, usize),
) -> Result<*const T> {
    // All storage starts at the address of a page, so that the offset decides.
    if room < size_of::<T>() || offset % size_of::<T>() != 0 {
        return Err(EFAULT);
    }
    Ok(pointer.cast())
}

/// Copies `length` bytes, which may overlap. Those that do not, and nearly none do, go the way of
/// `memcpy`: on x86 `memmove` goes byte by byte where the processor says that it is good at that, and
/// an emulated one says so, too.
///
/// # Safety
///
/// `from` must be valid for reads of `length` bytes, and `to` for writes.
unsafe fn copy(from: *const u8, to: *mut u8, length: usize) {
    // CAST: Only the distance counts.
    match (from as usize).abs_diff(to as usize) < length {
        // SAFETY: By the function's contract; they may overlap.
        true => unsafe { ptr::copy(from, to, length) },
        // SAFETY: By the function's contract; they are at least `length` bytes apart.
        false => unsafe { ptr::copy_nonoverlapping(from, to, length) },
    }
}

/// Fills memory with the bytes of a pattern, as they lie in memory.
///
/// # Safety
///
/// `to` is valid for writes of `length` bytes.
unsafe fn fill(to: *mut u8, length: usize, pattern: u128) {
    const SIZE: usize = size_of::<u64>();
    /// The words of a block: so many that the loop around it does not count.
    const WORDS: usize = 16;
    // Code for arm64 may not count on accesses that are not aligned.
    // CAST: Of the address, how far it is from the next multiple.
    let head = ((to as usize).wrapping_neg() % SIZE).min(length);
    // SAFETY: The head is a part of the length, and shorter than the pattern.
    unsafe { ptr::copy_nonoverlapping(pattern.to_ne_bytes().as_ptr(), to, head) };
    // CAST: The head is shorter than a `u64`.
    let pattern = pattern.rotate_right(u8::BITS * head as u32);
    // CAST: The halves of the pattern.
    let (low, high) = (pattern as u64, (pattern >> u64::BITS) as u64);
    let blocks = (length - head) / (WORDS * SIZE);
    for block in 0..blocks {
        // SAFETY: The block lies within the length.
        let at = unsafe { to.add(head + block * WORDS * SIZE) }.cast::<u64>();
        for pair in 0..WORDS / 2 {
            // SAFETY: The pair lies within the block, and is aligned as all of it is after the head.
            unsafe {
                at.add(2 * pair).write(low);
                at.add(2 * pair + 1).write(high);
            }
        }
    }
    let done = head + blocks * WORDS * SIZE;
    let rest = [[low, high]; WORDS / 2];
    // SAFETY: What is left of the length is shorter than a block, of which `rest` is one.
    unsafe { ptr::copy_nonoverlapping(rest.as_ptr().cast::<u8>(), to.add(done), length - done) };
}

/// What the CPU reads and writes in one access.
pub(crate) trait Word: Copy + Default {}
impl Word for u32 {}
impl Word for u64 {}
