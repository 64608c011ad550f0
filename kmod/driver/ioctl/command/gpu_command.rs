// SPDX-License-Identifier: GPL-2.0

//! GPU_COMMAND.

use super::{
    buffers,
    kind::Kind,
    profiling,
    syncpoint, //
};
use crate::{
    abi::command as abi,
    driver::{
        context::Submission,
        File, //
    },
};
use kernel::prelude::*;

/// GPU_COMMAND.
///
/// Fails with `EINVAL` for too many objects, an unknown context and command buffers that cannot be;
/// otherwise as [`Context::submit`](crate::driver::Context::submit).
pub(in crate::driver::ioctl) fn gpu_command(file: &File, argument: &mut abi::GpuCommand) -> Result {
    let kind = Kind::of(
        argument.flags,
        argument.numcmds,
        argument.numobjs,
        argument.numsyncs,
    )?;
    let context = file.context(argument.context_id)?;
    let mut submission = Submission::default();
    match kind {
        Kind::Barrier => submission.make_barrier(),
        Kind::Marker => {}
        Kind::Commands => {
            buffers::from_objects(
                submission.buffers(),
                file,
                argument.cmdlist,
                argument.cmdsize,
                argument.numcmds,
            )?;
            if let Some(profile) = profiling::requested(file, argument)? {
                submission.profile(profile);
            }
        }
    }
    let points = syncpoint::List {
        address: argument.synclist,
        size: argument.syncsize,
        count: argument.numsyncs,
    };
    points.add_to(&mut submission, file, &context)?;
    argument.timestamp = context.submit(&mut submission, argument.timestamp)?;
    Ok(())
}
