// SPDX-License-Identifier: GPL-2.0

//! Submitting command buffers.

use super::{
    super::{
        context::{
            Buffer,
            Submission, //
        },
        File, //
    },
    syncpoint, //
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
    let mut submission = match kind(argument) {
        Kind::Barrier => Submission::barrier(),
        Kind::Marker => Submission::new(KVVec::new()),
        Kind::Commands => Submission::new(command_buffers(file, argument)?),
    };
    let points = syncpoint::List {
        address: argument.synclist,
        size: argument.syncsize,
        count: argument.numsyncs,
    };
    points.add_to(&mut submission, file, &context)?;
    argument.timestamp = context.submit(submission, argument.timestamp)?;
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

/// What a submission is.
enum Kind {
    /// It only makes what follows wait.
    Barrier,
    /// It only marks a point of the context.
    Marker,
    /// It has commands.
    Commands,
}

/// What a submission is: what its flags say, else what its lists do.
fn kind(argument: &abi::GpuCommand) -> Kind {
    let has = |flag: u32| argument.flags & u64::from(flag) != 0;
    if has(abi::CMDBATCH_MARKER) {
        return Kind::Marker;
    }
    match (has(abi::CMDBATCH_SYNC), argument.numcmds, argument.numsyncs) {
        (true, _, _) => Kind::Barrier,
        (false, 0, 0) => Kind::Marker,
        (false, 0, _) => Kind::Barrier,
        (false, _, _) => Kind::Commands,
    }
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
