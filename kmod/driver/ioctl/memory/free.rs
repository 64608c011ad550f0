// SPDX-License-Identifier: GPL-2.0

//! Freeing memory: now, or when something has happened.

use crate::{
    abi::memory as abi,
    driver::{
        context::Action,
        File, //
    },
    ext::user, //
};
use kernel::prelude::*;

/// GPUMEM_FREE_ID.
pub(in crate::driver::ioctl) fn gpumem_free_id(
    file: &File,
    argument: &mut abi::GpumemFreeId,
) -> Result {
    file.process.space.free(argument.id)?;
    Ok(())
}

/// SHAREDMEM_FREE: by GPU address.
pub(in crate::driver::ioctl) fn sharedmem_free(
    file: &File,
    argument: &mut abi::SharedmemFree,
) -> Result {
    let object = file.process.space.object_from(argument.gpuaddr)?;
    file.process.space.free(object.id)?;
    Ok(())
}

/// CMDSTREAM_FREEMEMONTIMESTAMP_CTXTID: by GPU address, when a timestamp has retired.
pub(in crate::driver::ioctl) fn free_on_timestamp(
    file: &File,
    argument: &mut abi::FreeMemOnTimestamp,
) -> Result {
    let object = file.process.space.object_from(argument.gpuaddr)?;
    free_after(file, object.id, argument.context_id, argument.timestamp)
}

/// GPUOBJ_FREE: now, or on an event.
///
/// Fails with `EINVAL` for an unknown event, and as waiting for the event does; the object stays
/// then.
pub(in crate::driver::ioctl) fn gpuobj_free(file: &File, argument: &mut abi::GpuobjFree) -> Result {
    if argument.flags & abi::GPUOBJ_FREE_ON_EVENT == 0 {
        file.process.space.free(argument.id)?;
        return Ok(());
    }
    let event = user::address(argument.private)?;
    let size = usize::try_from(argument.len)?;
    match argument.kind {
        abi::GPU_EVENT_TIMESTAMP => {
            let event: abi::GpuEventTimestamp = user::read_extensible(event, size)?;
            free_after(file, argument.id, event.context_id, event.timestamp)
        }
        abi::GPU_EVENT_FENCE => {
            let event: abi::GpuEventFence = user::read_extensible(event, size)?;
            file.process.free_on_fence(argument.id, event.fd)?;
            Ok(())
        }
        _ => Err(EINVAL),
    }
}

/// Frees an object when a timestamp has retired; the context must be the file's.
fn free_after(file: &File, id: u32, context_id: u32, timestamp: u32) -> Result {
    let space = &file.process.space;
    let context = file.context(context_id)?;
    let action = Action::free(space.clone(), id)?;
    space.begin_free(id)?;
    context
        .when_retired(timestamp, action)
        .inspect_err(|_| space.cancel_free(id))?;
    Ok(())
}
