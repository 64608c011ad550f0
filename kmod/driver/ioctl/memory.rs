// SPDX-License-Identifier: GPL-2.0

//! Memory objects.

use super::super::{
    context::Action,
    File, //
};
use crate::{
    abi::memory as abi,
    ext::user, //
};
use kernel::{
    ffi::c_long,
    prelude::*, //
};

/// GPUMEM_ALLOC_ID.
pub(super) fn gpumem_alloc_id(file: &File, argument: &mut abi::GpumemAllocId) -> Result<c_long> {
    let object = file
        .process
        .space
        .allocate(argument.size, u64::from(argument.flags))?;
    argument.id = object.id;
    // CAST: What came in had 32 bits, and no higher one is ever set.
    argument.flags = object.flags.bits() as u32;
    argument.size = object.size();
    argument.mmapsize = object.size();
    argument.gpuaddr = object.gpu_address();
    Ok(0)
}

/// GPUMEM_FREE_ID.
pub(super) fn gpumem_free_id(file: &File, argument: &mut abi::GpumemFreeId) -> Result<c_long> {
    file.process.space.free(argument.id)?;
    Ok(0)
}

/// GPUOBJ_ALLOC.
pub(super) fn gpuobj_alloc(file: &File, argument: &mut abi::GpuobjAlloc) -> Result<c_long> {
    let object = file.process.space.allocate(argument.size, argument.flags)?;
    argument.id = object.id;
    argument.flags = object.flags.bits();
    argument.size = object.size();
    argument.va_len = object.size();
    argument.mmapsize = object.size();
    Ok(0)
}

/// GPUOBJ_FREE: now, or when a timestamp has retired.
pub(super) fn gpuobj_free(file: &File, argument: &mut abi::GpuobjFree) -> Result<c_long> {
    let space = &file.process.space;
    if argument.flags & abi::GPUOBJ_FREE_ON_EVENT == 0 {
        space.free(argument.id)?;
        return Ok(0);
    }
    let event = user::address(argument.private)?;
    let size = usize::try_from(argument.len)?;
    match argument.kind {
        abi::GPU_EVENT_TIMESTAMP => {
            let event: abi::GpuEventTimestamp = user::read_extensible(event, size)?;
            let context = file.context(event.context_id)?;
            space.begin_free(argument.id)?;
            context
                .when_retired(event.timestamp, Action::Free(space.clone(), argument.id))
                .inspect_err(|_| space.cancel_free(argument.id))?;
        }
        _ => return Err(EINVAL),
    }
    Ok(0)
}

/// GPUOBJ_INFO.
pub(super) fn gpuobj_info(file: &File, argument: &mut abi::GpuobjInfo) -> Result<c_long> {
    let object = file.process.space.object(argument.id)?;
    argument.gpuaddr = object.gpu_address();
    argument.flags = object.flags.bits();
    argument.size = object.size();
    argument.va_len = object.size();
    argument.va_addr = 0;
    Ok(0)
}
