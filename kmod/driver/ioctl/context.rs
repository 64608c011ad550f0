// SPDX-License-Identifier: GPL-2.0

//! Contexts and their timestamps.

use super::super::File;
use crate::abi::context as abi;
use kernel::prelude::*;

/// DRAWCTXT_CREATE.
pub(super) fn create(file: &File, argument: &mut abi::ContextCreate) -> Result {
    let context = file.create_context(argument.flags)?;
    argument.flags = context.flags;
    argument.drawctxt_id = context.id;
    Ok(())
}

/// DRAWCTXT_DESTROY.
pub(super) fn destroy(file: &File, argument: &mut abi::ContextDestroy) -> Result {
    file.destroy_context(argument.drawctxt_id)?;
    Ok(())
}

/// DEVICE_WAITTIMESTAMP_CTXTID.
pub(super) fn wait_timestamp(file: &File, argument: &mut abi::WaitTimestamp) -> Result {
    if file.has_retired(argument.context_id, argument.timestamp) {
        return Ok(());
    }
    let context = file.context(argument.context_id)?;
    context.wait(argument.timestamp, argument.timeout)?;
    Ok(())
}

/// CMDSTREAM_READTIMESTAMP_CTXTID.
pub(super) fn read_timestamp(file: &File, argument: &mut abi::ReadTimestamp) -> Result {
    let context = file.context(argument.context_id)?;
    argument.timestamp = context.timestamp(argument.kind)?;
    Ok(())
}
