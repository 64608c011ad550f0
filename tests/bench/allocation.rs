// SPDX-License-Identifier: GPL-2.0

//! Memory: allocated and freed, and with all of it mapped and touched in between.

use std::io;
use std::sync::atomic::Ordering;

use super::kernel_memory::KernelMemory;
use super::measure::timed;
use super::record::Title;
use super::run::Session;
use crate::client::{Access, Device, Mapping, Object, SystemHeap, Udmabuf, Vgem};

/// The sizes, in bytes.
const SIZES: [u64; 4] = [4 << 10, 64 << 10, 1 << 20, 16 << 20];

/// The size that is compared with zeroing it once, in bytes.
const ZEROED: u64 = 16 << 20;

/// The size of a page, in bytes and in dwords.
const PAGE: u64 = 4096;
const DWORDS_OF_PAGE: usize = 1024;

/// Everybody who has memory to give.
struct Givers {
    device: Device,
    heap: SystemHeap,
    udmabuf: Udmabuf,
    vgem: Vgem,
}

/// Writes to every page of a mapping.
fn touch(mapping: &Mapping) {
    let dwords = mapping.dwords().iter().step_by(DWORDS_OF_PAGE);
    dwords.for_each(|dword| dword.store(1, Ordering::Relaxed));
}

fn length(size: u64) -> io::Result<usize> {
    usize::try_from(size).map_err(io::Error::other)
}

impl Givers {
    fn open() -> io::Result<Self> {
        Ok(Self {
            device: Device::open()?,
            heap: SystemHeap::open()?,
            udmabuf: Udmabuf::open()?,
            vgem: Vgem::open()?,
        })
    }

    fn ours(&self, size: u64) -> io::Result<()> {
        let object = Object::gpumem(&self.device, size, 0)?;
        Ok(object.free(&self.device)?)
    }

    fn ours_touched(&self, size: u64) -> io::Result<()> {
        let object = Object::gpumem(&self.device, size, 0)?;
        let mapping = object.map(&self.device)?;
        touch(&mapping);
        drop(mapping);
        Ok(object.free(&self.device)?)
    }

    fn heap(&self, size: u64) -> io::Result<()> {
        Ok(self.heap.allocate(size).map(drop)?)
    }

    fn heap_touched(&self, size: u64) -> io::Result<()> {
        let buffer = self.heap.allocate(size)?;
        touch(&Mapping::new(&buffer, length(size)?, Access::ReadWrite, 0)?);
        Ok(())
    }

    fn udmabuf(&self, size: u64) -> io::Result<()> {
        Ok(self.udmabuf.create(size).map(drop)?)
    }

    fn udmabuf_touched(&self, size: u64) -> io::Result<()> {
        let (buffer, _memfd) = self.udmabuf.create(size)?;
        touch(&Mapping::new(&buffer, length(size)?, Access::ReadWrite, 0)?);
        Ok(())
    }

    /// vgem has no pages before they are touched, and so no shorter way.
    fn vgem_touched(&self, size: u64) -> io::Result<()> {
        let pages = u32::try_from(size / PAGE).map_err(io::Error::other)?;
        let handle = self.vgem.create(pages)?;
        let mapping = self.vgem.map(handle, length(size)?)?;
        touch(&mapping);
        drop(mapping);
        Ok(self.vgem.destroy(handle)?)
    }
}

/// Allocating and freeing.
pub(super) fn compare(session: &mut Session) -> io::Result<()> {
    let givers = Givers::open()?;
    for size in SIZES {
        let title = |peer| Title {
            job: "alloc + free",
            size,
            peer,
            target: Some(0.8),
        };
        let mut ours = timed(|| givers.ours(size));
        let mut heap = timed(|| givers.heap(size));
        session.compare(&title("dma-heap"), &mut ours, &mut heap)?;
        let mut udmabuf = timed(|| givers.udmabuf(size));
        session.compare(&title("udmabuf"), &mut ours, &mut udmabuf)?;
        let mut vgem = timed(|| givers.vgem_touched(size));
        session.compare(&title("vgem, touched"), &mut ours, &mut vgem)?;
    }
    Ok(())
}

/// Allocating, mapping, touching every page, unmapping and freeing.
pub(super) fn compare_touched(session: &mut Session) -> io::Result<()> {
    let givers = Givers::open()?;
    for size in SIZES {
        let title = |peer| Title {
            job: "alloc + mmap + touch + munmap + free",
            size,
            peer,
            target: Some(0.8),
        };
        let mut ours = timed(|| givers.ours_touched(size));
        let mut heap = timed(|| givers.heap_touched(size));
        session.compare(&title("dma-heap"), &mut ours, &mut heap)?;
        let mut udmabuf = timed(|| givers.udmabuf_touched(size));
        session.compare(&title("udmabuf"), &mut ours, &mut udmabuf)?;
        let mut vgem = timed(|| givers.vgem_touched(size));
        session.compare(&title("vgem"), &mut ours, &mut vgem)?;
    }
    compare_zeroing(session, &givers)
}

/// The same beside zeroing that much memory once.
fn compare_zeroing(session: &mut Session, givers: &Givers) -> io::Result<()> {
    let memory = KernelMemory::new(ZEROED)?;
    let title = Title {
        job: "alloc + mmap + touch + munmap + free, and zeroing",
        size: ZEROED,
        peer: "clear_page of all pages",
        target: Some(1.2),
    };
    let mut ours = timed(|| givers.ours_touched(ZEROED));
    let mut theirs = timed(|| memory.zero());
    session.compare(&title, &mut ours, &mut theirs)
}
