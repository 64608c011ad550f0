// SPDX-License-Identifier: GPL-2.0

//! SUBMIT_COMMANDS, the form of GPU_COMMAND before there were memory objects.

use super::{
    buffers,
    kind::Kind,
    syncpoint, //
};
use crate::{
    abi::command as abi,
    driver::{
        context::Submission,
        File, //
    },
    ext::user::Plain,
};
use kernel::prelude::*;

/// SUBMIT_COMMANDS; `D` is what the program has for a descriptor, and `P` for a synchronisation
/// point.
///
/// Fails as GPU_COMMAND does.
pub(in crate::driver::ioctl) fn submit_commands<D, P>(
    file: &File,
    argument: &mut abi::SubmitCommands,
) -> Result
where
    D: Plain + Into<abi::IbDesc>,
    P: Plain + Into<abi::CmdSyncpoint>,
{
    let kind = Kind::of(
        u64::from(argument.flags),
        argument.numcmds,
        0,
        argument.numsyncs,
    )?;
    let context = file.context(argument.context_id)?;
    let mut submission = Submission::default();
    match kind {
        Kind::Barrier => submission.make_barrier(),
        Kind::Marker => {}
        Kind::Commands => buffers::from_descriptors::<D>(
            submission.buffers(),
            file,
            argument.cmdlist,
            argument.numcmds,
        )?,
    }
    syncpoint::add_older::<P>(
        argument.synclist,
        argument.numsyncs,
        &mut submission,
        file,
        &context,
    )?;
    argument.timestamp = context.submit(&mut submission, argument.timestamp)?;
    Ok(())
}
