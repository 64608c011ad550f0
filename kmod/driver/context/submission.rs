// SPDX-License-Identifier: GPL-2.0

//! A submission: command buffers that retire together, under one timestamp.

use kernel::prelude::*;

/// A command buffer in GPU memory.
#[derive(Clone, Copy)]
pub(crate) struct Buffer {
    /// GPU address, in bytes; a multiple of 4.
    pub(crate) address: u64,
    /// Size, in dwords; not 0.
    pub(crate) dwords: u32,
}

/// Command buffers that run one after the other. A marker has none, and only retires its timestamp.
pub(crate) struct Submission {
    /// The timestamp that it retires.
    pub(super) timestamp: u32,
    buffers: KVVec<Buffer>,
    next: usize,
}

impl Submission {
    /// A submission that has no timestamp yet.
    pub(crate) fn new(buffers: KVVec<Buffer>) -> Self {
        Self {
            timestamp: 0,
            buffers,
            next: 0,
        }
    }

    /// The buffer that runs next, if one is left.
    pub(super) fn next_buffer(&mut self) -> Option<Buffer> {
        let buffer = *self.buffers.get(self.next)?;
        self.next += 1;
        Some(buffer)
    }
}
