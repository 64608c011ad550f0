// SPDX-License-Identifier: GPL-2.0

//! Cache maintenance. The GPU is a CPU and reads through the same caches, so that there is nothing
//! to maintain; the calls check what they are given as the C driver does.

use crate::{
    abi::memory as abi,
    driver::File,
    ext::user, //
};
use kernel::{
    prelude::*,
    sync::Arc,
    uaccess::UserSlice, //
};

/// SHAREDMEM_FLUSH_CACHE.
pub(in crate::driver::ioctl) fn sharedmem_flush_cache(
    file: &File,
    argument: &mut abi::SharedmemFree,
) -> Result {
    file.process.space.object_from(argument.gpuaddr)?;
    Ok(())
}

/// GPUMEM_SYNC_CACHE.
pub(in crate::driver::ioctl) fn gpumem_sync_cache(
    file: &File,
    argument: &mut abi::GpumemSyncCache,
) -> Result {
    let space = &file.process.space;
    let object = match argument.id {
        0 => space.object_from(argument.gpuaddr)?,
        id => space.object(id)?,
    };
    if argument.op & abi::GPUMEM_CACHE_RANGE == 0 {
        return Ok(());
    }
    check_range(&object, argument.offset, argument.length)
}

/// GPUMEM_SYNC_CACHE_BULK. Ids that name nothing are passed over.
///
/// Fails with `EINVAL` for an empty list.
pub(in crate::driver::ioctl) fn gpumem_sync_cache_bulk(
    _file: &File,
    argument: &mut abi::GpumemSyncCacheBulk,
) -> Result {
    let count = usize::try_from(argument.count)?;
    let size = count.checked_mul(size_of::<u32>()).ok_or(EINVAL)?;
    if count == 0 {
        return Err(EINVAL);
    }
    let mut ids = UserSlice::new(user::address(argument.id_list)?, size).reader();
    // A list whose end cannot be read is refused, as by a driver that brings it in.
    ids.skip(size - size_of::<u32>())?;
    ids.read::<u32>()?;
    Ok(())
}

/// GPUOBJ_SYNC.
///
/// Fails with `EINVAL` for an empty or overlong list, an unknown object and a range outside of it.
pub(in crate::driver::ioctl) fn gpuobj_sync(file: &File, argument: &mut abi::GpuobjSync) -> Result {
    if argument.count == 0 || argument.count > abi::MAX_SYNC_OBJECTS {
        return Err(EINVAL);
    }
    let size = usize::try_from(argument.obj_len)?;
    let mut from = user::address(argument.objs)?;
    for _ in 0..argument.count {
        let range: abi::GpuobjSyncObject = user::read_extensible(from, size)?;
        let object = file.process.space.object(range.id)?;
        check_range(&object, range.offset, range.length)?;
        from = from.wrapping_byte_add(size);
    }
    Ok(())
}

/// Fails with `EINVAL` unless a range lies within an object.
fn check_range(object: &Arc<crate::driver::memory::Object>, offset: u64, length: u64) -> Result {
    match offset.checked_add(length) {
        Some(end) if end <= object.size() => Ok(()),
        _ => Err(EINVAL),
    }
}
