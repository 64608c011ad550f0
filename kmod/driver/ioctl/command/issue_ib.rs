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
use kernel::prelude::*;

/// RINGBUFFER_ISSUEIBCMDS; `D` is what the program has for a descriptor.
///
/// Fails with `EINVAL` for markers and barriers, which came later, and otherwise as GPU_COMMAND
/// does.
pub(in crate::driver::ioctl) fn ringbuffer_issue_ib_cmds<D>(
    file: &File,
    argument: &mut abi::RingbufferIssueIbCmds,
) -> Result
where
    D: Plain + Into<abi::IbDesc>,
{
    if argument.flags & (abi::CMDBATCH_SYNC | abi::CMDBATCH_MARKER) != 0 {
        return Err(EINVAL);
    }
    let context = file.context(argument.drawctxt_id)?;
    let mut submission = Submission::default();
    add_buffers::<D>(submission.buffers(), file, argument)?;
    argument.timestamp = context.submit(&mut submission, argument.timestamp)?;
    Ok(())
}

/// Adds what a list of descriptors says, or the one buffer that stands in the structure itself.
fn add_buffers<D>(to: &mut Buffers, file: &File, argument: &abi::RingbufferIssueIbCmds) -> Result
where
    D: Plain + Into<abi::IbDesc>,
{
    if argument.flags & abi::CMDBATCH_SUBMIT_IB_LIST == 0 {
        let dwords = u64::from(argument.numibs);
        return to.push(buffers::one(file, argument.ibdesc_addr, dwords)?);
    }
    match argument.numibs {
        1..=abi::MAX_NUMIBS => {
            buffers::from_descriptors::<D>(to, file, argument.ibdesc_addr, argument.numibs)
        }
        _ => Err(EINVAL),
    }
}
