// SPDX-License-Identifier: GPL-2.0

//! Synchronisation points: what a submission waits for.

use super::super::{
    context::Submission,
    Context,
    File, //
};
use crate::{
    abi::command as abi,
    ext::{
        fence::Fence,
        user, //
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
    pub(super) fn add_to(
        &self,
        submission: &mut Submission,
        file: &File,
        context: &Arc<Context>,
    ) -> Result {
        let size = usize::try_from(self.size)?;
        let mut from = user::address(self.address)?;
        for _ in 0..self.count {
            let point: abi::CommandSyncpoint = user::read_extensible(from, size)?;
            let fence = fence_of(&point, file)?;
            submission.wait_for(fence, context)?;
            from = from.wrapping_byte_add(size);
        }
        Ok(())
    }
}

/// The fence that signals when a point has come to pass.
fn fence_of(point: &abi::CommandSyncpoint, file: &File) -> Result<Fence> {
    let payload = user::address(point.private)?;
    let size = usize::try_from(point.size)?;
    match point.kind {
        abi::SYNCPOINT_TIMESTAMP => timestamp(payload, size, file),
        abi::SYNCPOINT_FENCE => {
            let fence: abi::SyncpointFence = user::read_extensible(payload, size)?;
            Fence::from_descriptor(fence.fd)
        }
        _ => Err(EINVAL),
    }
}

/// The fence of a context's timestamp; the context may be that of another process.
fn timestamp(payload: UserPtr, size: usize, file: &File) -> Result<Fence> {
    let point: abi::SyncpointTimestamp = user::read_extensible(payload, size)?;
    let context = file.device.context(point.context_id)?;
    context.fence(point.timestamp)
}
