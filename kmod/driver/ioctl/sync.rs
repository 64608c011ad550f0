// SPDX-License-Identifier: GPL-2.0

//! Fences.

use super::super::File;
use crate::{
    abi::sync as abi,
    ext::user, //
};
use kernel::prelude::*;

/// TIMESTAMP_EVENT: a sync_file for a timestamp.
pub(super) fn timestamp_event(file: &File, argument: &mut abi::TimestampEvent) -> Result {
    let size = size_of::<abi::TimestampEventFence>();
    if argument.kind != abi::TIMESTAMP_EVENT_FENCE || argument.len != size as u64 {
        return Err(EINVAL);
    }
    let descriptor = file.fence_descriptor(argument.context_id, argument.timestamp)?;
    let event = abi::TimestampEventFence {
        fence_fd: descriptor.number(),
    };
    user::write_prefix(user::address(argument.private)?, size, &event)?;
    descriptor.install();
    Ok(())
}

/// SYNCSOURCE_CREATE.
pub(super) fn create(file: &File, argument: &mut abi::SyncsourceCreate) -> Result {
    argument.id = file.process.syncsources.create()?;
    Ok(())
}

/// SYNCSOURCE_DESTROY.
pub(super) fn destroy(file: &File, argument: &mut abi::SyncsourceCreate) -> Result {
    file.process.syncsources.destroy(argument.id)?;
    Ok(())
}

/// SYNCSOURCE_CREATE_FENCE.
pub(super) fn create_fence(file: &File, argument: &mut abi::SyncsourceFence) -> Result {
    let descriptor = file.process.syncsources.create_fence(argument.id)?;
    argument.fence_fd = descriptor.number();
    // The structure is written back after this; where that fails, the program has a descriptor that
    // it does not know of, which goes with the process.
    descriptor.install();
    Ok(())
}

/// SYNCSOURCE_SIGNAL_FENCE.
pub(super) fn signal_fence(file: &File, argument: &mut abi::SyncsourceFence) -> Result {
    file.process
        .syncsources
        .signal(argument.id, argument.fence_fd)?;
    Ok(())
}
