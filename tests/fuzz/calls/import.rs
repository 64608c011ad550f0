// SPDX-License-Identifier: GPL-2.0

//! Memory of others: dma-bufs, and the process's own.

use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::Arc;

use kgsl_shim::abi::memory::{
    GpuobjImport, GpuobjImportDmaBuf, GpuobjImportUserAddress, MapUserMem, SharedmemFromPmem,
    GPUOBJ_IMPORT, MAP_USER_MEM, MEMFLAGS_GPUREADONLY, SHAREDMEM_FROM_PMEM, USER_MEM_TYPE_ADDR,
    USER_MEM_TYPE_DMABUF,
};

use super::allocate::address;
use crate::client::{system_heap, Udmabuf};
use crate::fuzz::dice::low;
use crate::fuzz::run::Run;
use crate::fuzz::world::Memory;

/// Makes a dma-buf.
pub(super) fn buffer(run: &mut Run<'_>) {
    let size = (run.dice.below(4) + 1) * 0x1000;
    let made = match run.dice.one_in(2) {
        true => system_heap(size),
        false => Udmabuf::open().and_then(|driver| {
            let (buffer, memory) = driver.create(size)?;
            run.world().buffers.add(Arc::new(memory));
            Ok(buffer)
        }),
    };
    if let Ok(buffer) = made {
        run.world().buffers.add(Arc::new(buffer));
    }
}

/// A dma-buf, which is to stay open while it is used, and its descriptor, which seldom is another's.
fn pick(run: &mut Run<'_>) -> (Option<Arc<OwnedFd>>, i32) {
    let buffer = run.world().buffers.pick(&mut run.dice);
    let descriptor = match &buffer {
        Some(buffer) if !run.dice.one_in(24) => buffer.as_raw_fd(),
        _ => i32::try_from(run.dice.below32(32)).unwrap_or(0) - 1,
    };
    (buffer, descriptor)
}

/// An address of the process, and a length from there.
fn user_range(run: &mut Run<'_>) -> (u64, u64) {
    let view = run.world().views.pick(&mut run.dice);
    if let Some(view) = view.filter(|_| run.dice.one_in(4)) {
        // Memory of the device itself must not come in again by this door.
        return (view.mapping.address(), 0x1000);
    }
    let start = run.stage.arena.address(run.dice.below(16) << 12);
    let start = match run.dice.below(16) {
        0 => start + run.dice.below(0x1000),
        1 => run.dice.odd64() | (1 << 63),
        _ => start,
    };
    let length = match run.dice.below(16) {
        0 => run.dice.odd64(),
        1 => run.dice.below(0x4000),
        _ => (run.dice.below(3) + 1) << 12,
    };
    (start, length)
}

fn flags(run: &mut Run<'_>) -> u64 {
    match run.dice.below(8) {
        0 => run.dice.any64(),
        1 | 2 => MEMFLAGS_GPUREADONLY,
        _ => 0,
    }
}

fn note(run: &Run<'_>, id: u32, address: u64, size: u64) {
    run.world().objects.add(Memory {
        file: 0,
        id,
        address,
        size,
        is_virtual: false,
    });
}

/// MAP_USER_MEM.
pub(super) fn map_user_memory(run: &mut Run<'_>) {
    let (_, Some(device)) = run.some_file() else {
        return;
    };
    let (_buffer, fd) = pick(run);
    let (hostptr, len) = user_range(run);
    let memtype = match run.dice.one_in(12) {
        true => run.dice.below32(6),
        false => run.dice.pick(&[USER_MEM_TYPE_ADDR, USER_MEM_TYPE_DMABUF]),
    };
    let mut argument = MapUserMem {
        fd,
        len,
        offset: match run.dice.one_in(8) {
            true => run.dice.odd64(),
            false => 0,
        },
        hostptr,
        memtype,
        flags: low(flags(run)),
        ..MapUserMem::default()
    };
    if run.ioctl(&device, MAP_USER_MEM, &mut argument).is_ok() {
        note(run, 0, argument.gpuaddr, argument.len);
    }
}

/// SHAREDMEM_FROM_PMEM.
pub(super) fn from_pmem(run: &mut Run<'_>) {
    let (_, Some(device)) = run.some_file() else {
        return;
    };
    let (_buffer, pmem_fd) = pick(run);
    let mut argument = SharedmemFromPmem {
        pmem_fd,
        len: run.dice.count(4) << 12,
        ..SharedmemFromPmem::default()
    };
    let _ = run.ioctl(&device, SHAREDMEM_FROM_PMEM, &mut argument);
}

/// GPUOBJ_IMPORT.
pub(super) fn object(run: &mut Run<'_>) {
    let (_, Some(device)) = run.some_file() else {
        return;
    };
    let (_buffer, fd) = pick(run);
    let (virtaddr, length) = user_range(run);
    let (kind, private, private_len) = match run.dice.below(9) {
        0..=3 => (USER_MEM_TYPE_DMABUF, run.put(&GpuobjImportDmaBuf { fd }), 4),
        4..=7 => (
            USER_MEM_TYPE_ADDR,
            run.put(&GpuobjImportUserAddress { virtaddr }),
            length,
        ),
        _ => (run.dice.below32(6), run.put(&0u64), run.dice.below(16)),
    };
    let mut argument = GpuobjImport {
        private,
        private_len,
        flags: flags(run),
        kind,
        id: 0,
    };
    if run.ioctl(&device, GPUOBJ_IMPORT, &mut argument).is_ok() {
        let at = address(&device, argument.id);
        note(run, argument.id, at, 0x1000);
    }
}
