// SPDX-License-Identifier: GPL-2.0

//! dma-bufs of the system heap and of udmabuf.

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};

use rustix::fs::{fcntl_add_seals, ftruncate, memfd_create, MemfdFlags, SealFlags};
use rustix::io::Errno;

use super::system::{call, take_descriptor};

/// DMA_HEAP_IOCTL_ALLOC of `linux/dma-heap.h`, and UDMABUF_CREATE of `linux/udmabuf.h`.
const HEAP_ALLOC: u32 = 0xc018_4800;
const UDMABUF_CREATE: u32 = 0x4018_7542;

/// O_CLOEXEC and O_RDWR.
const CLOSE_ON_EXEC_AND_WRITABLE: u32 = 0x8_0002;

#[derive(Clone, Copy, Default)]
#[repr(C)]
struct HeapAlloc {
    len: u64,
    fd: u32,
    fd_flags: u32,
    heap_flags: u64,
}

#[derive(Clone, Copy, Default)]
#[repr(C)]
struct UdmabufCreate {
    memfd: i32,
    flags: u32,
    offset: u64,
    size: u64,
}

/// The system heap.
#[derive(Debug)]
pub struct SystemHeap(File);

impl SystemHeap {
    /// Opens it.
    pub fn open() -> io::Result<Self> {
        Ok(Self(File::open("/dev/dma_heap/system")?))
    }

    /// A buffer of so many bytes.
    pub fn allocate(&self, size: u64) -> Result<OwnedFd, Errno> {
        let mut argument = HeapAlloc {
            len: size,
            fd_flags: CLOSE_ON_EXEC_AND_WRITABLE,
            ..HeapAlloc::default()
        };
        call(&self.0, HEAP_ALLOC, &mut argument)?;
        let descriptor = i32::try_from(argument.fd).map_err(|_| Errno::INVAL)?;
        Ok(take_descriptor(descriptor))
    }
}

/// The driver that makes dma-bufs of memfds.
#[derive(Debug)]
pub struct Udmabuf(File);

impl Udmabuf {
    /// Opens it.
    pub fn open() -> io::Result<Self> {
        let file = File::options()
            .read(true)
            .write(true)
            .open("/dev/udmabuf")?;
        Ok(Self(file))
    }

    /// A buffer of so many bytes over a sealed memfd, and the memfd.
    pub fn create(&self, size: u64) -> Result<(OwnedFd, OwnedFd), Errno> {
        let memfd = memfd_create("pages", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?;
        ftruncate(&memfd, size)?;
        fcntl_add_seals(&memfd, SealFlags::SHRINK)?;
        let mut argument = UdmabufCreate {
            memfd: memfd.as_raw_fd(),
            flags: 1,
            offset: 0,
            size,
        };
        let descriptor = call(&self.0, UDMABUF_CREATE, &mut argument)?;
        Ok((take_descriptor(descriptor), memfd))
    }
}

/// A buffer of the system heap.
pub fn system_heap(size: u64) -> io::Result<OwnedFd> {
    Ok(SystemHeap::open()?.allocate(size)?)
}
