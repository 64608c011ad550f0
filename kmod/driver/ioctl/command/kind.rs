// SPDX-License-Identifier: GPL-2.0

//! What a submission is: what its flags say, else what its lists do.

use crate::abi::command as abi;
use kernel::prelude::*;

/// What a submission is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It only makes what follows wait.
    Barrier,
    /// It only marks a point of the context.
    Marker,
    /// It has commands.
    Commands,
}

impl Kind {
    /// The kind of a submission with `flags`, so many commands, memory objects and synchronisation
    /// points.
    ///
    /// Fails with `EINVAL` when a list is longer than the ABI allows.
    pub(super) fn of(flags: u64, commands: u32, objects: u32, points: u32) -> Result<Self> {
        if commands > abi::MAX_NUMIBS || objects > abi::MAX_NUMIBS || points > abi::MAX_SYNCPOINTS {
            return Err(EINVAL);
        }
        let has = |flag: u32| flags & u64::from(flag) != 0;
        if has(abi::CMDBATCH_MARKER) {
            return Ok(Self::Marker);
        }
        Ok(match (has(abi::CMDBATCH_SYNC), commands, points) {
            (true, _, _) => Self::Barrier,
            (false, 0, 0) => Self::Marker,
            (false, 0, _) => Self::Barrier,
            (false, _, _) => Self::Commands,
        })
    }
}
