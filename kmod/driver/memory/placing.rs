// SPDX-License-Identifier: GPL-2.0

//! Where the GPU sees the objects of a process: addresses that it gets for itself, or those at which
//! the process maps them.
//!
//! Addresses are those of the C driver's 64-bit page tables (ABI facts, section 4.2).

use super::{
    AddressSpace,
    Object, //
};
use crate::ext::{
    task,
    trace,
    vma, //
};
use core::ops::RangeInclusive;
use kernel::{
    page::{
        PAGE_SHIFT,
        PAGE_SIZE, //
    },
    prelude::*,
    sync::{
        atomic::Relaxed,
        Arc, //
    },
};

/// The pages of GPU addresses that any object may get: 0x40_0000_0000 up to 0x80_0000_0000.
const PAGES: RangeInclusive<usize> =
    0x40_0000_0000 >> PAGE_SHIFT..=(0x80_0000_0000 >> PAGE_SHIFT) - 1;

/// A page that no object may get.
pub(super) const ANCHOR: usize = *PAGES.end() + 1;

/// The addresses, in bytes, that the CPU and the GPU can share: 0x10_0000_0000 up to
/// 0x40_0000_0000. Both arm64 and x86_64 have them in user space, below where they map things of
/// their own accord.
const SHARED: RangeInclusive<usize> = 0x10_0000_0000..=0x40_0000_0000 - 1;

/// The GPU addresses, in bytes, that fit 32 bits: what lies above the largest graphics memory's
/// window, below the timestamp memory's token. The CPU and the GPU can share them in 32-bit
/// programs.
const BYTES_32BIT: RangeInclusive<usize> = 0x1000_0000..=0xefff_f000 - 1;

/// The pages of them.
const PAGES_32BIT: RangeInclusive<usize> =
    *BYTES_32BIT.start() >> PAGE_SHIFT..=*BYTES_32BIT.end() >> PAGE_SHIFT;

impl AddressSpace {
    /// Gives an object its GPU address.
    pub(super) fn place(&self, object: &Arc<Object>) -> Result {
        let flags = object.flags();
        let alignment = usize::try_from(flags.alignment())? >> PAGE_SHIFT;
        // The alignment is a power of two, so that this is also the mask of what it rounds away.
        let slack = alignment.saturating_sub(1);
        let guard = usize::from(flags.guard_page());
        let range = match flags.force_32bit() {
            true => &PAGES_32BIT,
            false => &PAGES,
        };
        let count = object.page_count() + slack + guard;
        let first = self.pages.allocate(count, object.clone(), range)?;
        let aligned = (first + slack) & !slack;
        // CAST: No supported kernel has a `usize` wider than 64 bits.
        object.place((aligned << PAGE_SHIFT) as u64, first + count);
        Ok(())
    }

    /// An address at which both the calling process and the GPU have `length` bytes free: `hint`,
    /// if they do.
    ///
    /// Fails with `EBUSY` when the object has an address already, and with `ENOMEM` when there is
    /// none. Called with the mmap lock of the process held.
    pub(super) fn find_shared_address(
        &self,
        object: &Object,
        hint: usize,
        length: usize,
    ) -> Result<usize> {
        if object.gpu_address() != 0 {
            return Err(EBUSY);
        }
        let (shared, aligned) = (shared(), hint & !(PAGE_SIZE - 1));
        if shared.contains(&aligned) && self.next_shared(aligned, length, &shared) == Ok(aligned) {
            return Ok(aligned);
        }
        self.next_shared(*shared.start(), length, &shared)
    }

    /// The first such address from `start` on, within the range `shared`.
    fn next_shared(
        &self,
        start: usize,
        length: usize,
        shared: &RangeInclusive<usize>,
    ) -> Result<usize> {
        let mut start = start;
        loop {
            start = vma::next_free_address(start, length);
            let last = start.checked_add(length - 1).ok_or(ENOMEM)?;
            if !shared.contains(&last) {
                return Err(ENOMEM);
            }
            match self
                .pages
                .end_of_overlap(start >> PAGE_SHIFT, last >> PAGE_SHIFT)
            {
                // Whoever is just being placed does not know yet where it ends.
                Some(end) => start = (end << PAGE_SHIFT).max(start + PAGE_SIZE),
                None => return Ok(start),
            }
        }
    }

    /// Gives an object the GPU address at which the process maps it.
    ///
    /// Fails with `EBUSY` when it has one already, with `EINVAL` when it is gone or the GPU cannot
    /// use that address, and with `ENOMEM` when the GPU sees something else there.
    pub(super) fn place_at(&self, object: &Arc<Object>, address: usize) -> Result {
        let first = address >> PAGE_SHIFT;
        let last = first + object.page_count() - 1;
        let shared = shared();
        if !shared.contains(&address) || !shared.contains(&(last << PAGE_SHIFT)) {
            return Err(EINVAL);
        }
        let _layout = self.layout.lock();
        if !Arc::ptr_eq(&self.object(object.id)?, object) {
            return Err(EINVAL);
        }
        if object.gpu_address() != 0 {
            return Err(EBUSY);
        }
        // CAST: No supported kernel has a `usize` wider than 64 bits.
        object.place(address as u64, last + 1);
        self.pages
            .insert(first..=last, object.clone())
            .map_err(|_| ENOMEM)
            .inspect_err(|_| object.place(0, 0))
    }

    /// Takes the range that holds `page` out of the address space.
    ///
    /// It is counted twice: before the object is taken from those reached last, so that nobody puts
    /// it there any more, and after that, so that who has found it there meanwhile knows.
    fn displace(&self, page: usize) {
        let object = self.pages.remove(page, |object| {
            self.changed();
            if self.recent.is_used() {
                self.recent.remove(object);
                self.changed();
            }
        });
        drop(object);
    }

    /// Whether the GPU address of any object may be that of its CPU mapping. Whoever has been told of
    /// one knows it: it was noted before anybody could find the object.
    pub(super) fn shares_addresses(&self) -> bool {
        self.shares.load(Relaxed) != 0
    }

    /// Whether the GPU address of the object of that id is that of its CPU mapping; `None` when there
    /// is no such object.
    pub(super) fn uses_cpu_map(&self, id: u32) -> Option<bool> {
        self.objects.look(id, |object| object.flags().use_cpu_map())
    }

    /// Takes an object from the GPU that has been taken out of the table.
    pub(super) fn hide(&self, object: &Object) {
        if object.gpu_address() != 0 {
            self.displace((object.gpu_address() as usize) >> PAGE_SHIFT);
        }
        trace::freed(object.traced(self.process));
    }
}

/// The addresses, in bytes, that the GPU can share with the program that calls.
fn shared() -> RangeInclusive<usize> {
    match task::in_compat_call() {
        true => BYTES_32BIT,
        false => SHARED,
    }
}
