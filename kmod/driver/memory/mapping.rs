// SPDX-License-Identifier: GPL-2.0

//! Mapping memory into the process.

use super::{
    super::File,
    Object, //
};
use crate::{
    abi::memory::MEMSTORE_TOKEN,
    ext::vma, //
};
use kernel::{
    mm::virt::VmaNew,
    page::{
        PAGE_SHIFT,
        PAGE_SIZE, //
    },
    prelude::*,
    sync::Arc, //
};

/// `mmap(2)`: shows the object whose id is the offset, in pages, or else whose GPU address is the
/// offset, in bytes; or the timestamp memory.
///
/// Fails with `EINVAL` when there is no such object, `ERANGE` when the length is not that of the
/// object, `EBUSY` for imported memory and for a second mapping of an object whose GPU address is
/// that of its mapping, and `EPERM` for a writable mapping of the timestamp memory.
pub(crate) fn map(file: &File, vma: &VmaNew) -> Result {
    let page_offset = vma::page_offset(vma);
    if page_offset == memstore_page() {
        return map_memstore(file, vma);
    }
    let object = find(file, page_offset)?;
    if vma.end() - vma.start() != object.storage.size() {
        return Err(ERANGE);
    }
    prepare(vma);
    object.storage.map_on_demand(vma.set_mixedmap())?;
    if object.flags().use_cpu_map() {
        // Where this fails, the area goes again, and the object stays without an address.
        file.process.space.place_at(&object, vma.start())?;
    }
    object.set_user_address(vma.start());
    vma::hold(vma, object);
    Ok(())
}

/// Chooses the address of a mapping: the kernel does, unless the GPU is to see the object there,
/// too. That address lies where both have room, at `hint` if it does.
///
/// Fails with `EBUSY` when the object has an address already, and with `ENOMEM` when there is no
/// such room.
pub(crate) fn choose_address(
    file: &File,
    hint: usize,
    length: usize,
    page_offset: usize,
) -> Result<Option<usize>> {
    if !file.process.space.shares_addresses() {
        return Ok(None);
    }
    let by_id = id_of(page_offset).and_then(|id| file.process.space.uses_cpu_map(id));
    if by_id == Some(false) {
        return Ok(None);
    }
    match find(file, page_offset) {
        Ok(object) if object.flags().use_cpu_map() => file
            .process
            .space
            .find_shared_address(&object, hint, length)
            .map(Some),
        _ => Ok(None),
    }
}

/// The object that an offset means; a child of the process has none.
fn find(file: &File, page_offset: usize) -> Result<Arc<Object>> {
    if !file.process.is_current() {
        return Err(EINVAL);
    }
    let space = &file.process.space;
    let by_id = id_of(page_offset).ok_or(EINVAL);
    let by_id = by_id.and_then(|id| space.object(id));
    // CAST: No supported kernel has a `usize` wider than 64 bits.
    by_id.or_else(|_| space.object_from((page_offset as u64) << PAGE_SHIFT))
}

/// The id that an offset may mean.
fn id_of(page_offset: usize) -> Option<u32> {
    u32::try_from(page_offset).ok()
}

/// What keeps an area as it was made: it neither grows, nor is inherited, nor dumped.
fn prepare(vma: &VmaNew) {
    vma.set_dontexpand();
    vma.set_dontcopy();
    vma.set_dontdump();
}

/// The timestamp memory: read-only, and only as a whole.
fn map_memstore(file: &File, vma: &VmaNew) -> Result {
    vma.try_clear_maywrite().map_err(|_| EPERM)?;
    prepare(vma);
    file.device.memstore.map(vma.set_mixedmap())
}

/// The offset of the timestamp memory, in pages.
fn memstore_page() -> usize {
    // CAST: The token fits 32 bits.
    MEMSTORE_TOKEN as usize / PAGE_SIZE
}
