// SPDX-License-Identifier: GPL-2.0

//! Fences.

use super::super::File;
use crate::{
    abi::sync as abi,
    ext::user, //
};
use kernel::{
    ffi::c_long,
    prelude::*, //
};

/// TIMESTAMP_EVENT: a sync_file for a timestamp.
pub(super) fn timestamp_event(file: &File, argument: &mut abi::TimestampEvent) -> Result<c_long> {
    let size = size_of::<abi::TimestampEventFence>();
    if argument.kind != abi::TIMESTAMP_EVENT_FENCE || argument.len != size as u64 {
        return Err(EINVAL);
    }
    let context = file.context(argument.context_id)?;
    let descriptor = context.fence(argument.timestamp)?.to_descriptor()?;
    let event = abi::TimestampEventFence {
        fence_fd: descriptor.number(),
    };
    user::write_prefix(user::address(argument.private)?, size, &event)?;
    descriptor.install();
    Ok(0)
}
