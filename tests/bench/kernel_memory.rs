// SPDX-License-Identifier: GPL-2.0

//! The kernel's own memset and memcpy, by the module that is built for this from `tests/peer`.

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};

use crate::client::{call, SystemHeap};

/// The ioctls of the module.
const TAKE: u32 = 0x4008_6d00;
const FILL: u32 = 0x6d01;
const COPY: u32 = 0x6d02;
const ZERO: u32 = 0x6d03;

/// Two buffers of the system heap, on which the kernel works.
pub(super) struct KernelMemory {
    file: File,
    /// The destination of everything, and the source of copies.
    pub(super) buffers: [OwnedFd; 2],
}

impl KernelMemory {
    /// Buffers of so many bytes each.
    pub(super) fn new(size: u64) -> io::Result<Self> {
        let heap = SystemHeap::open()?;
        let buffers = [heap.allocate(size)?, heap.allocate(size)?];
        let file = File::open("/dev/memory-peer")?;
        let [to, from] = &buffers;
        call(&file, TAKE, &mut [to.as_raw_fd(), from.as_raw_fd()])?;
        Ok(Self { file, buffers })
    }

    /// memset of the first buffer.
    pub(super) fn fill(&self) -> io::Result<()> {
        self.work(FILL)
    }

    /// memcpy from the second buffer to the first.
    pub(super) fn copy(&self) -> io::Result<()> {
        self.work(COPY)
    }

    /// clear_page of every page of the first buffer.
    pub(super) fn zero(&self) -> io::Result<()> {
        self.work(ZERO)
    }

    fn work(&self, number: u32) -> io::Result<()> {
        Ok(call(&self.file, number, &mut ()).map(drop)?)
    }
}
