// SPDX-License-Identifier: GPL-2.0

//! RINGBUFFER_ISSUEIBCMDS, the oldest way to submit.

use super::buffers;
use crate::{
    abi::command as abi,
    driver::{
        context::{
            Buffers,
            Submission, //
        },
        File, //
    },
    ext::user::Plain,
};
use kernel::{
    ffi::c_long,
    prelude::*, //
};

/// RINGBUFFER_ISSUEIBCMDS; `D` is what the program has for a descriptor.
///
/// Fails with `EINVAL` for markers and barriers, which came later, and otherwise as GPU_COMMAND
/// does.
pub(in crate::driver::ioctl) fn ringbuffer_issue_ib_cmds<D>(
    file: &File,
    argument: &mut abi::RingbufferIssueIbCmds,
) -> Result<c_long>
where
    D: Plain + Into<abi::IbDesc>,
{
    if argument.flags & (abi::CMDBATCH_SYNC | abi::CMDBATCH_MARKER) != 0 {
        return Err(EINVAL);
    }
    let context = file.context(argument.drawctxt_id)?;
    let submission = Submission::new(command_buffers::<D>(file, argument)?);
    argument.timestamp = context.submit(submission, argument.timestamp)?;
    Ok(0)
}

/// A list of descriptors, or the one buffer that stands in the structure itself.
fn command_buffers<D>(file: &File, argument: &abi::RingbufferIssueIbCmds) -> Result<Buffers>
where
    D: Plain + Into<abi::IbDesc>,
{
    if argument.flags & abi::CMDBATCH_SUBMIT_IB_LIST == 0 {
        let mut buffers = Buffers::with_capacity(1)?;
        let dwords = u64::from(argument.numibs);
        buffers.push(buffers::one(file, argument.ibdesc_addr, dwords)?)?;
        return Ok(buffers);
    }
    match argument.numibs {
        1..=abi::MAX_NUMIBS => {
            buffers::from_descriptors::<D>(file, argument.ibdesc_addr, argument.numibs)
        }
        _ => Err(EINVAL),
    }
}
