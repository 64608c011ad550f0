// SPDX-License-Identifier: GPL-2.0

//! Profiled submissions: when they were queued, begun and finished.

use crate::{
    abi::command as abi,
    driver::{
        context::Profile,
        File, //
    },
    ext::{
        time,
        user, //
    },
};
use kernel::prelude::*;

/// What a memory object in the list may be.
const KINDS: u32 = abi::OBJLIST_MEMOBJ | abi::OBJLIST_PROFILE;

/// Where the submission wants its profile, if it wants one.
///
/// Fails with `EINVAL` for an object of no known kind. As in the C driver, a profiling buffer that
/// does not exist is no error.
pub(super) fn requested(file: &File, argument: &abi::GpuCommand) -> Result<Option<Profile>> {
    let size = usize::try_from(argument.objsize)?;
    let mut from = user::address(argument.objlist)?;
    let mut address = None;
    for _ in 0..argument.numobjs {
        let object: abi::CommandObject = user::read_extensible(from, size)?;
        match object.flags & KINDS {
            0 => return Err(EINVAL),
            flags if flags & abi::OBJLIST_PROFILE != 0 => address = locate(file, &object),
            _ => {}
        }
        from = from.wrapping_byte_add(size);
    }
    let wanted = argument.flags & u64::from(abi::CMDBATCH_PROFILING) != 0;
    Ok(address.filter(|_| wanted).map(|address| Profile {
        address,
        wall_clock_ns: wall_clock(argument.flags),
    }))
}

/// The GPU address, in bytes, of a profiling buffer: within the object of its id, or where it says.
fn locate(file: &File, object: &abi::CommandObject) -> Option<u64> {
    let space = &file.process.space;
    let address = match object.id {
        0 => object.gpuaddr,
        id => space
            .object(id)
            .ok()?
            .gpu_address()
            .checked_add(object.offset)?,
    };
    let (memory, offset) = space.object_at(address)?;
    let end = u64::try_from(offset)
        .ok()?
        .checked_add(user::size_of::<abi::ProfilingBuffer>())?;
    (end <= memory.size() && address % 8 == 0).then_some(address)
}

/// The clock that the program compares the profile with, in nanoseconds.
fn wall_clock(flags: u64) -> u64 {
    match flags & u64::from(abi::CMDBATCH_PROFILING_KTIME) {
        0 => time::realtime_ns(),
        _ => time::boottime_ns(),
    }
}
