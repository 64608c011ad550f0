// SPDX-License-Identifier: GPL-2.0

//! The command buffers of a submission.

use kernel::{
    alloc::flags,
    prelude::*, //
};

/// So many stand in the list itself, which most submissions get by with.
const FEW: usize = 3;

/// A command buffer in GPU memory.
#[derive(Clone, Copy)]
pub(crate) struct Buffer {
    /// GPU address, in bytes; a multiple of 4.
    pub(crate) address: u64,
    /// Size, in dwords; not 0.
    pub(crate) dwords: u32,
}

/// Command buffers, in the order in which they run.
pub(crate) struct Buffers {
    /// The first of them.
    few: [Buffer; FEW],
    /// How many of those there are.
    count: usize,
    /// The rest of a longer list.
    rest: Option<KVVec<Buffer>>,
}

impl Buffers {
    /// No command buffers.
    pub(crate) const fn new() -> Self {
        Self {
            few: [Buffer {
                address: 0,
                dwords: 0,
            }; FEW],
            count: 0,
            rest: None,
        }
    }

    /// Makes room for so many in a list that is empty.
    ///
    /// Fails with `ENOMEM`.
    pub(crate) fn reserve(&mut self, count: usize) -> Result {
        if count > FEW {
            let rest = KVVec::with_capacity(count - FEW, flags::GFP_KERNEL_ACCOUNT)?;
            self.rest = Some(rest);
        }
        Ok(())
    }

    /// Puts a command buffer at the end.
    ///
    /// Fails with `ENOMEM` when there is no room left.
    pub(crate) fn push(&mut self, buffer: Buffer) -> Result {
        if let Some(place) = self.few.get_mut(self.count) {
            *place = buffer;
            self.count += 1;
            return Ok(());
        }
        let rest = self.rest.as_mut().ok_or(ENOMEM)?;
        rest.push_within_capacity(buffer).map_err(|_| ENOMEM)
    }

    /// The command buffer of that number, from 0.
    pub(super) fn get(&self, index: usize) -> Option<Buffer> {
        match index.checked_sub(FEW) {
            None if index < self.count => self.few.get(index).copied(),
            None => None,
            Some(index) => self.rest.as_ref()?.get(index).copied(),
        }
    }
}
