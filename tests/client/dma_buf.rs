// SPDX-License-Identifier: GPL-2.0

//! dma-bufs of the drivers that every kernel can have.

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};

use rustix::fs::{fcntl_add_seals, ftruncate, memfd_create, MemfdFlags, SealFlags};
use rustix::io::Errno;

use super::system::{call, take_descriptor};

/// DMA_HEAP_IOCTL_ALLOC of `linux/dma-heap.h`, and UDMABUF_CREATE of `linux/udmabuf.h`.
const HEAP_ALLOC: u32 = 0xc018_4800;
const UDMABUF_CREATE: u32 = 0x4018_7542;
/// DRM_IOCTL_MODE_CREATE_DUMB and DRM_IOCTL_PRIME_HANDLE_TO_FD of `drm/drm.h`.
const CREATE_DUMB: u32 = 0xc020_64b2;
const PRIME_HANDLE_TO_FD: u32 = 0xc00c_642d;

/// DRM_CLOEXEC and DRM_RDWR, or for the others O_CLOEXEC and O_RDWR.
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

#[derive(Clone, Copy, Default)]
#[repr(C)]
struct CreateDumb {
    height: u32,
    width: u32,
    bpp: u32,
    flags: u32,
    handle: u32,
    pitch: u32,
    size: u64,
}

#[derive(Clone, Copy, Default)]
#[repr(C)]
struct PrimeHandle {
    handle: u32,
    flags: u32,
    fd: i32,
}

fn open(path: &str) -> io::Result<File> {
    File::options().read(true).write(true).open(path)
}

/// A buffer of the system heap.
pub fn system_heap(size: u64) -> io::Result<OwnedFd> {
    let mut argument = HeapAlloc {
        len: size,
        fd_flags: CLOSE_ON_EXEC_AND_WRITABLE,
        ..HeapAlloc::default()
    };
    call(
        File::open("/dev/dma_heap/system")?,
        HEAP_ALLOC,
        &mut argument,
    )?;
    Ok(take_descriptor(
        i32::try_from(argument.fd).map_err(|_| Errno::INVAL)?,
    ))
}

/// A buffer over a sealed memfd, and the memfd.
pub fn udmabuf(size: u64) -> io::Result<(OwnedFd, OwnedFd)> {
    let memfd = memfd_create("pages", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?;
    ftruncate(&memfd, size)?;
    fcntl_add_seals(&memfd, SealFlags::SHRINK)?;
    let mut argument = UdmabufCreate {
        memfd: memfd.as_raw_fd(),
        flags: 1,
        offset: 0,
        size,
    };
    let descriptor = call(open("/dev/udmabuf")?, UDMABUF_CREATE, &mut argument)?;
    Ok((take_descriptor(descriptor), memfd))
}

/// A buffer of vgem, whose module is loaded: one page for each line.
pub fn vgem(pages: u32) -> io::Result<OwnedFd> {
    let card = open("/dev/dri/card0")?;
    let mut dumb = CreateDumb {
        height: pages,
        width: 1024,
        bpp: 32,
        ..CreateDumb::default()
    };
    call(&card, CREATE_DUMB, &mut dumb)?;
    let mut prime = PrimeHandle {
        handle: dumb.handle,
        flags: CLOSE_ON_EXEC_AND_WRITABLE,
        ..PrimeHandle::default()
    };
    call(&card, PRIME_HANDLE_TO_FD, &mut prime)?;
    Ok(take_descriptor(prime.fd))
}
