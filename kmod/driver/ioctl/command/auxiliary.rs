// SPDX-License-Identifier: GPL-2.0

//! Operations that a context does in its turn beside command buffers.

use super::syncpoint;
use crate::{
    abi::command as abi,
    driver::{
        context::{
            Operation,
            Submission, //
        },
        ioctl::{
            memory,
            timeline, //
        },
        File, //
    },
    ext::user, //
};
use kernel::prelude::*;

/// GPU_AUX_COMMAND.
///
/// Fails with `EINVAL` unless there is exactly one command, of the kind that the flags say.
pub(in crate::driver::ioctl) fn gpu_aux_command(
    file: &File,
    argument: &mut abi::GpuAuxCommand,
) -> Result {
    if argument.numcmds != 1 || argument.numsyncs > abi::MAX_SYNCPOINTS {
        return Err(EINVAL);
    }
    let context = file.context(argument.context_id)?;
    let mut submission = command(file, argument)?;
    let points = syncpoint::List {
        address: argument.synclist,
        size: argument.syncsize,
        count: argument.numsyncs,
    };
    if argument.flags & u64::from(abi::AUX_COMMAND_SYNC) != 0 {
        points.add_to(&mut submission, file, &context)?;
    }
    argument.timestamp = context.submit(&mut submission, argument.timestamp)?;
    Ok(())
}

/// What the one command of the call does.
fn command(file: &File, argument: &abi::GpuAuxCommand) -> Result<Submission> {
    let at = user::address(argument.cmdlist)?;
    let size = usize::try_from(argument.cmdsize)?;
    let command: abi::AuxCommandGeneric = user::read_extensible(at, size)?;
    if argument.flags & u64::from(command.kind) == 0 {
        return Err(EINVAL);
    }
    match command.kind {
        abi::AUX_COMMAND_BIND => bind(file, &command),
        abi::AUX_COMMAND_TIMELINE => timeline_signals(file, &command),
        _ => Err(EINVAL),
    }
}

/// Binds memory to a virtual buffer object.
fn bind(file: &File, command: &abi::AuxCommandGeneric) -> Result<Submission> {
    let at = user::address(command.private)?;
    let size = usize::try_from(command.size)?;
    let list: abi::AuxCommandBind = user::read_extensible(at, size)?;
    let (target, changes) = memory::bind_changes(
        file,
        list.target,
        list.rangeslist,
        list.numranges,
        list.rangesize,
    )?;
    Submission::operation(Operation::Bind(target, changes))
}

/// Moves timelines on.
fn timeline_signals(file: &File, command: &abi::AuxCommandGeneric) -> Result<Submission> {
    let at = user::address(command.private)?;
    let size = usize::try_from(command.size)?;
    let list: abi::AuxCommandTimeline = user::read_extensible(at, size)?;
    let list = timeline::List {
        address: list.timelines,
        size: list.timelines_size,
        count: list.count,
    };
    Submission::operation(Operation::Signal(list.read(file, ENODEV)?))
}
