// SPDX-License-Identifier: GPL-2.0

//! A dma-buf of the system heap, imported and given up.

use std::io;
use std::os::fd::OwnedFd;

use super::measure::timed;
use super::record::Title;
use super::run::Session;
use crate::client::{Device, Object, SystemHeap, Vgem};

/// The sizes, in bytes.
const SIZES: [u64; 3] = [4 << 10, 1 << 20, 16 << 20];

/// GPUOBJ_IMPORT beside PRIME_FD_TO_HANDLE.
pub(super) fn compare(session: &mut Session) -> io::Result<()> {
    let device = Device::open()?;
    let vgem = Vgem::open()?;
    let heap = SystemHeap::open()?;
    for size in SIZES {
        let buffer = heap.allocate(size)?;
        let mut ours = timed(|| import(&device, &buffer));
        let mut theirs = timed(|| Ok(vgem.close(vgem.import(&buffer)?)?));
        let title = Title {
            job: "import of a dma-buf + free",
            size,
            peer: "vgem PRIME_FD_TO_HANDLE + GEM_CLOSE",
            target: Some(1.0),
        };
        session.compare(&title, &mut ours, &mut theirs)?;
    }
    Ok(())
}

fn import(device: &Device, buffer: &OwnedFd) -> io::Result<()> {
    let id = Object::import_dma_buf(device, buffer)?;
    Ok(Object::free_id(device, id)?)
}
