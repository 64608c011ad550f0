// SPDX-License-Identifier: GPL-2.0

//! What a pool of pages keeps, and how much of it.
//!
//! Nothing here takes or frees memory: it all happens under a spinlock.

use super::pools::Pools;
use crate::ext::pages::{
    Clean,
    Dirty,
    Retired, //
};
use kernel::{
    alloc::flags,
    prelude::*, //
};

/// How many runs of pages are kept at most.
const COUNT_MAX: usize = 64;

/// From how many bytes on a work is to make them zero: a switch of threads costs more than less.
const BACKGROUND_MIN: usize = 1 << 20;

/// How many periods pages stay: one at least.
const PERIODS: u32 = 2;

/// Runs of pages.
pub(super) struct Contents {
    /// Whether anything may come in.
    pub(super) open: bool,
    /// As many as there is room for; those that came last are mostly last.
    kept: KVec<Kept>,
    /// The size of those, and of what is being made zero, in bytes.
    size: usize,
    /// The size of those that were written, in bytes.
    dirty: usize,
    /// The number of the period, which wraps.
    period: u32,
    /// Whether a work ends the period.
    expiring: bool,
    /// Whether a work makes pages zero.
    cleaning: bool,
    /// How often something was handed out.
    reused: u64,
}

/// A run of pages.
struct Kept {
    pages: Retired,
    /// The number of the period in which it came.
    since: u32,
}

/// What is to be done after something came in.
#[derive(Default)]
pub(super) struct Chores {
    /// End a period.
    pub(super) expire: bool,
    /// Make pages zero.
    pub(super) clean: bool,
}

/// What a pool has, for those who watch it.
#[derive(Clone, Copy)]
pub(crate) struct PoolUsage {
    /// Bytes that are zero.
    pub(crate) clean: usize,
    /// Bytes that are not, yet.
    pub(crate) dirty: usize,
    /// How often pages were handed out.
    pub(crate) reused: u64,
}

impl Kept {
    fn is_dirty(&self) -> bool {
        matches!(self.pages, Retired::Dirty(_))
    }
}

impl Contents {
    /// Nothing, and nothing may come in.
    ///
    /// Fails with `ENOMEM`.
    pub(super) fn new() -> Result<Self> {
        Ok(Self {
            open: false,
            kept: KVec::with_capacity(COUNT_MAX, flags::GFP_KERNEL)?,
            size: 0,
            dirty: 0,
            period: 0,
            expiring: false,
            cleaning: false,
            reused: 0,
        })
    }

    /// Keeps pages that were used, or returns them: where nothing may come in, and where there would
    /// be too much. `background` says whether a work may make them zero.
    pub(super) fn keep(
        &mut self,
        pages: Retired,
        pools: &Pools,
        background: bool,
    ) -> Result<Chores, Retired> {
        let size = pages.size();
        if !self.open || self.size.saturating_add(size) > pools.limit_of_one || !pools.grow(size) {
            return Err(pages);
        }
        self.size += size;
        let since = self.period;
        self.push(Kept { pages, since }, pools)?;
        let clean = background && !self.cleaning && self.dirty >= BACKGROUND_MIN;
        let expire = !self.expiring;
        self.cleaning |= clean;
        self.expiring = true;
        Ok(Chores { expire, clean })
    }

    /// Puts pages in that are counted, or returns them, counted no longer.
    fn push(&mut self, kept: Kept, pools: &Pools) -> Result<(), Retired> {
        let size = kept.pages.size();
        let dirty = kept.is_dirty();
        if self.kept.len() == self.kept.capacity() {
            self.count_out(size, pools);
            return Err(kept.pages);
        }
        if dirty {
            self.dirty += size;
        }
        // There is room.
        let _ = self.kept.push_within_capacity(kept);
        Ok(())
    }

    /// Pages that were counted are gone.
    pub(super) fn count_out(&mut self, size: usize, pools: &Pools) {
        self.size = self.size.saturating_sub(size);
        pools.shrink(size);
    }

    /// Takes pages of that size out to be used, zero ones first.
    pub(super) fn reuse(&mut self, size: usize, pools: &Pools) -> Option<Retired> {
        let fits = |kept: &Kept| kept.pages.size() == size;
        let clean = |kept: &Kept| fits(kept) && !kept.is_dirty();
        let index = self.last(clean).or_else(|| self.last(fits))?;
        self.reused += 1;
        self.remove(index, pools)
    }

    /// The index of the last that is so.
    fn last(&self, is_so: impl Fn(&Kept) -> bool) -> Option<usize> {
        self.kept.iter().rposition(is_so)
    }

    /// Takes pages out that came long ago.
    pub(super) fn take_oldest(&mut self, pools: &Pools) -> Option<Retired> {
        self.remove(0, pools)
    }

    fn remove(&mut self, index: usize, pools: &Pools) -> Option<Retired> {
        let pages = self.take(index)?.pages;
        self.count_out(pages.size(), pools);
        Some(pages)
    }

    /// Takes pages out that stay counted.
    fn take(&mut self, index: usize) -> Option<Kept> {
        let kept = self.kept.remove(index).ok()?;
        if kept.is_dirty() {
            self.dirty = self.dirty.saturating_sub(kept.pages.size());
        }
        Some(kept)
    }

    /// Takes pages out that a work makes zero, and the period in which they came. The work ends
    /// when there are none.
    pub(super) fn begin_cleaning(&mut self) -> Option<(Dirty, u32)> {
        let index = self.kept.iter().position(Kept::is_dirty);
        match index.and_then(|index| self.take(index)) {
            Some(Kept {
                pages: Retired::Dirty(dirty),
                since,
            }) => Some((dirty, since)),
            _ => {
                self.cleaning = false;
                None
            }
        }
    }

    /// Puts pages back that a work has made zero, or returns them.
    pub(super) fn end_cleaning(
        &mut self,
        clean: Clean,
        since: u32,
        pools: &Pools,
    ) -> Result<(), Retired> {
        let pages = Retired::Clean(clean);
        if !self.open {
            self.count_out(pages.size(), pools);
            return Err(pages);
        }
        self.push(Kept { pages, since }, pools)
    }

    /// A period has ended.
    pub(super) fn end_period(&mut self) {
        self.period = self.period.wrapping_add(1);
    }

    /// Takes pages out that have been there for too long. They stay counted.
    pub(super) fn take_expired(&mut self) -> Option<Retired> {
        let now = self.period;
        let expired = |kept: &Kept| now.wrapping_sub(kept.since) >= PERIODS;
        let index = self.kept.iter().position(expired)?;
        Some(self.take(index)?.pages)
    }

    /// Whether anything is counted: it is here, or a work has it in hand.
    pub(super) fn has_any(&self) -> bool {
        self.size > 0
    }

    /// Whether another period begins: there is something that it can end for.
    pub(super) fn begin_period(&mut self) -> bool {
        self.expiring = self.has_any();
        self.expiring
    }

    /// How much there is.
    pub(super) fn usage(&self) -> PoolUsage {
        let clean = self.kept.iter().filter(|kept| !kept.is_dirty());
        let clean = clean.map(|kept| kept.pages.size()).sum();
        PoolUsage {
            clean,
            dirty: self.size.saturating_sub(clean),
            reused: self.reused,
        }
    }
}
