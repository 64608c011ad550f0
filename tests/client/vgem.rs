// SPDX-License-Identifier: GPL-2.0

//! vgem, the kernel's own graphics driver without graphics: buffers, and fences on them.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

use rustix::io::Errno;

use super::mapping::Mapping;
use super::system::{call, take_descriptor, Access};

/// The ioctls, of `drm/drm.h` and `drm/vgem_drm.h`.
mod number {
    pub(super) const VERSION: u32 = 0xc040_6400;
    pub(super) const GEM_CLOSE: u32 = 0x4008_6409;
    pub(super) const GET_CAP: u32 = 0xc010_640c;
    pub(super) const PRIME_HANDLE_TO_FD: u32 = 0xc00c_642d;
    pub(super) const PRIME_FD_TO_HANDLE: u32 = 0xc00c_642e;
    pub(super) const FENCE_ATTACH: u32 = 0xc010_6441;
    pub(super) const FENCE_SIGNAL: u32 = 0x4008_6442;
    pub(super) const CREATE_DUMB: u32 = 0xc020_64b2;
    pub(super) const MAP_DUMB: u32 = 0xc010_64b3;
    pub(super) const DESTROY_DUMB: u32 = 0xc004_64b4;
}

/// DRM_CLOEXEC and DRM_RDWR.
const CLOSE_ON_EXEC_AND_WRITABLE: u32 = 0x8_0002;

/// DRM_CAP_PRIME: what a driver without a display answers.
const CAP_PRIME: u64 = 5;

/// VGEM_FENCE_WRITE.
const FENCE_WRITE: u32 = 1;

/// How many pixels of 32 bits fill a page.
const PIXELS_OF_PAGE: u32 = 1024;

/// Three numbers and three strings, which stay empty here.
#[derive(Clone, Copy, Default)]
#[repr(C)]
struct Version {
    numbers: [i32; 3],
    pad: u32,
    strings: [u64; 6],
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
struct MapDumb {
    handle: u32,
    pad: u32,
    offset: u64,
}

#[derive(Clone, Copy, Default)]
#[repr(C)]
struct PrimeHandle {
    handle: u32,
    flags: u32,
    fd: i32,
}

#[derive(Clone, Copy, Default)]
#[repr(C)]
struct FenceAttach {
    handle: u32,
    flags: u32,
    out_fence: u32,
    pad: u32,
}

/// The open device.
#[derive(Debug)]
pub struct Vgem(File);

impl Vgem {
    /// Opens the device; its module is loaded, and no other of its kind.
    pub fn open() -> io::Result<Self> {
        let mut options = File::options();
        let file = options.read(true).write(true).open("/dev/dri/card0")?;
        Ok(Self(file))
    }

    /// DRM_IOCTL_VERSION, without a word of the strings; the version's first number.
    pub fn version(&self) -> Result<i32, Errno> {
        let mut version = Version::default();
        call(&self.0, number::VERSION, &mut version)?;
        Ok(version.numbers[0])
    }

    /// DRM_IOCTL_GET_CAP, of PRIME.
    pub fn capability(&self) -> Result<u64, Errno> {
        let mut pair = [CAP_PRIME, 0];
        call(&self.0, number::GET_CAP, &mut pair)?;
        Ok(pair[1])
    }

    /// A buffer of so many pages; its handle. Its memory comes when it is touched.
    pub fn create(&self, pages: u32) -> Result<u32, Errno> {
        let mut dumb = CreateDumb {
            height: pages,
            width: PIXELS_OF_PAGE,
            bpp: 32,
            ..CreateDumb::default()
        };
        call(&self.0, number::CREATE_DUMB, &mut dumb)?;
        Ok(dumb.handle)
    }

    /// Maps the first `length` bytes of a buffer.
    pub fn map(&self, handle: u32, length: usize) -> Result<Mapping, Errno> {
        let mut map = MapDumb {
            handle,
            ..MapDumb::default()
        };
        call(&self.0, number::MAP_DUMB, &mut map)?;
        Mapping::new(&self.0, length, Access::ReadWrite, map.offset)
    }

    /// Gives up a buffer that was created.
    pub fn destroy(&self, handle: u32) -> Result<(), Errno> {
        call(&self.0, number::DESTROY_DUMB, &mut { handle }).map(drop)
    }

    /// A buffer as a dma-buf.
    pub fn export(&self, handle: u32) -> Result<OwnedFd, Errno> {
        let mut prime = PrimeHandle {
            handle,
            flags: CLOSE_ON_EXEC_AND_WRITABLE,
            ..PrimeHandle::default()
        };
        call(&self.0, number::PRIME_HANDLE_TO_FD, &mut prime)?;
        Ok(take_descriptor(prime.fd))
    }

    /// Imports a dma-buf; its handle.
    pub fn import(&self, buffer: impl AsFd) -> Result<u32, Errno> {
        let mut prime = PrimeHandle {
            fd: buffer.as_fd().as_raw_fd(),
            ..PrimeHandle::default()
        };
        call(&self.0, number::PRIME_FD_TO_HANDLE, &mut prime)?;
        Ok(prime.handle)
    }

    /// Gives up a buffer that was imported.
    pub fn close(&self, handle: u32) -> Result<(), Errno> {
        call(&self.0, number::GEM_CLOSE, &mut [handle, 0]).map(drop)
    }

    /// Puts a fence on a buffer; the fence's number.
    pub fn attach(&self, handle: u32) -> Result<u32, Errno> {
        let mut attach = FenceAttach {
            handle,
            flags: FENCE_WRITE,
            ..FenceAttach::default()
        };
        call(&self.0, number::FENCE_ATTACH, &mut attach)?;
        Ok(attach.out_fence)
    }

    /// Signals a fence that was put on a buffer.
    pub fn signal(&self, fence: u32) -> Result<(), Errno> {
        call(&self.0, number::FENCE_SIGNAL, &mut [fence, 0]).map(drop)
    }
}

/// A buffer of so many pages, as a dma-buf; its module is loaded.
pub fn vgem(pages: u32) -> io::Result<OwnedFd> {
    let device = Vgem::open()?;
    Ok(device.export(device.create(pages)?)?)
}
