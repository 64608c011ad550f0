// SPDX-License-Identifier: GPL-2.0

//! Synchronisation points: what a submission waits for.

use crate::{
    abi::command as abi,
    driver::{
        context::Submission,
        ioctl::timeline,
        Context,
        File, //
    },
    ext::{
        fence::Fence,
        user::{
            self,
            Plain, //
        },
    },
};
use kernel::{
    prelude::*,
    sync::Arc,
    uaccess::UserPtr, //
};

/// A list of synchronisation points in user memory.
pub(super) struct List {
    /// User address of the first.
    pub(super) address: u64,
    /// Size of each, in bytes.
    pub(super) size: u32,
    /// How many there are.
    pub(super) count: u32,
}

impl List {
    /// Makes `submission`, which will be handed to `context`, wait for every point of the list.
    ///
    /// Fails with `EINVAL` for a point of an unknown kind, or one that cannot come to pass.
    #[inline]
    pub(super) fn add_to(
        &self,
        submission: &mut Submission,
        file: &File,
        context: &Arc<Context>,
    ) -> Result {
        match self.count {
            0 => Ok(()),
            _ => self.add_each_to(submission, file, context),
        }
    }

    /// The same for a list that is not empty.
    fn add_each_to(
        &self,
        submission: &mut Submission,
        file: &File,
        context: &Arc<Context>,
    ) -> Result {
        let size = usize::try_from(self.size)?;
        let mut from = user::address(self.address)?;
        for _ in 0..self.count {
            let point: abi::CommandSyncpoint = user::read_extensible(from, size)?;
            add_point(&point, submission, file, context)?;
            from = from.wrapping_byte_add(size);
        }
        Ok(())
    }
}

/// Makes `submission`, which will be handed to `context`, wait for every point of an older list:
/// `count` of them, from the user address `address` on; `P` is what the program has for a point.
pub(super) fn add_older<P>(
    address: u64,
    count: u32,
    submission: &mut Submission,
    file: &File,
    context: &Arc<Context>,
) -> Result
where
    P: Plain + Into<abi::CmdSyncpoint>,
{
    let mut from = user::address(address)?;
    for _ in 0..count {
        let older: abi::CmdSyncpoint = user::read_exact::<P>(from)?.into();
        let point = abi::CommandSyncpoint {
            private: older.private,
            size: older.size,
            kind: older.kind,
            pad: 0,
        };
        add_point(&point, submission, file, context)?;
        from = from.wrapping_byte_add(size_of::<P>());
    }
    Ok(())
}

/// Makes `submission` wait for one point.
fn add_point(
    point: &abi::CommandSyncpoint,
    submission: &mut Submission,
    file: &File,
    context: &Arc<Context>,
) -> Result {
    let payload = user::address(point.private)?;
    let size = usize::try_from(point.size)?;
    match point.kind {
        abi::SYNCPOINT_TIMESTAMP => {
            submission.wait_for(timestamp(payload, size, file, context)?, context)
        }
        abi::SYNCPOINT_FENCE => {
            let fence: abi::SyncpointFence = user::read_extensible(payload, size)?;
            submission.wait_for(Fence::from_descriptor(fence.fd)?, context)
        }
        abi::SYNCPOINT_TIMELINE => {
            let list: abi::SyncpointTimeline = user::read_extensible(payload, size)?;
            add_timelines(&list, submission, file, context)
        }
        _ => Err(EINVAL),
    }
}

/// Makes `submission` wait for points of timelines.
fn add_timelines(
    list: &abi::SyncpointTimeline,
    submission: &mut Submission,
    file: &File,
    context: &Arc<Context>,
) -> Result {
    let list = timeline::List {
        address: list.timelines,
        size: list.timelines_size,
        count: list.count,
    };
    for (timeline, seqno) in list.read(file, ENOENT)? {
        submission.wait_for(timeline.fence(seqno)?, context)?;
    }
    Ok(())
}

/// The fence of a context's timestamp; the context may be that of another process.
///
/// Fails with `EINVAL` for a future timestamp of the context `own`, which would wait for itself.
fn timestamp(payload: UserPtr, size: usize, file: &File, own: &Arc<Context>) -> Result<Fence> {
    let point: abi::SyncpointTimestamp = user::read_extensible(payload, size)?;
    let context = file.device.context(point.context_id)?;
    if Arc::ptr_eq(&context, own) && !own.has_given_out(point.timestamp) {
        return Err(EINVAL);
    }
    context.fence(point.timestamp)
}
