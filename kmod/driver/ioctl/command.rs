// SPDX-License-Identifier: GPL-2.0

//! Submitting command buffers.

use super::super::{
    context::{
        Buffer,
        Submission, //
    },
    File, //
};
use crate::{
    abi::command as abi,
    ext::user, //
};
use kernel::{
    alloc::flags,
    ffi::c_long,
    prelude::*,
    uaccess::UserPtr, //
};

/// GPU_COMMAND.
///
/// Fails with `EINVAL` for too many objects, an unknown context and a command buffer that is empty, misaligned, too long or
/// not inside one memory object; otherwise as [`Context::submit`](super::super::Context::submit).
pub(super) fn gpu_command(file: &File, argument: &mut abi::GpuCommand) -> Result<c_long> {
    check_counts(argument)?;
    let context = file.context(argument.context_id)?;
    let buffers = match is_marker(argument) {
        true => KVVec::new(),
        false => command_buffers(file, argument)?,
    };
    argument.timestamp = context.submit(Submission::new(buffers), argument.timestamp)?;
    Ok(0)
}

/// Fails with `EINVAL` when a list is longer than the ABI allows.
fn check_counts(argument: &abi::GpuCommand) -> Result {
    let too_many = argument.numcmds > abi::MAX_NUMIBS
        || argument.numobjs > abi::MAX_NUMIBS
        || argument.numsyncs > abi::MAX_SYNCPOINTS;
    match too_many {
        true => Err(EINVAL),
        false => Ok(()),
    }
}

/// Whether the submission only marks a point of the context: it says so, or it has no commands.
fn is_marker(argument: &abi::GpuCommand) -> bool {
    argument.flags & u64::from(abi::CMDBATCH_MARKER) != 0 || argument.numcmds == 0
}

/// The command buffers of a submission, checked.
fn command_buffers(file: &File, argument: &abi::GpuCommand) -> Result<KVVec<Buffer>> {
    let count = usize::try_from(argument.numcmds)?;
    let size = usize::try_from(argument.cmdsize)?;
    let mut buffers = KVVec::with_capacity(count, flags::GFP_KERNEL)?;
    let mut from = user::address(argument.cmdlist)?;
    for _ in 0..count {
        buffers.push(command_buffer(file, from, size)?, flags::GFP_KERNEL)?;
        from = from.wrapping_byte_add(size);
    }
    Ok(buffers)
}

/// The command buffer that the structure at `from`, of `size` bytes, describes.
fn command_buffer(file: &File, from: UserPtr, size: usize) -> Result<Buffer> {
    const KINDS: u32 =
        abi::CMDLIST_IB | abi::CMDLIST_CTXTSWITCH_PREAMBLE | abi::CMDLIST_IB_PREAMBLE;
    let object: abi::CommandObject = user::read_extensible(from, size)?;
    if object.flags & KINDS == 0 {
        return Err(EINVAL);
    }
    let dwords = object.size / 4;
    let whole = object.size % 4 == 0 && object.gpuaddr % 4 == 0;
    if dwords == 0 || dwords > abi::MAX_IB_DWORDS || !whole {
        return Err(EINVAL);
    }
    let (memory, offset) = file.process.space.object_at(object.gpuaddr).ok_or(EINVAL)?;
    let end = u64::try_from(offset)?
        .checked_add(object.size)
        .ok_or(EINVAL)?;
    if end > memory.size() {
        return Err(EINVAL);
    }
    Ok(Buffer {
        address: object.gpuaddr,
        dwords: u32::try_from(dwords)?,
    })
}
