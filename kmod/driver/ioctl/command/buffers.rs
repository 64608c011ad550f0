// SPDX-License-Identifier: GPL-2.0

//! The command buffers of a submission.

use crate::{
    abi::command as abi,
    driver::{
        context::{
            Buffer,
            Buffers, //
        },
        File, //
    },
    ext::user::{
        self,
        Plain, //
    },
};
use kernel::{
    prelude::*,
    uaccess::UserPtr, //
};

/// What a command object may be.
const KINDS: u32 = abi::CMDLIST_IB | abi::CMDLIST_CTXTSWITCH_PREAMBLE | abi::CMDLIST_IB_PREAMBLE;

/// Adds the command buffers that `count` command objects of `size` bytes, from the user address
/// `list` on, describe, to `buffers`, which is empty.
///
/// Fails with `EINVAL` for an object of no known kind, and for a command buffer that is empty,
/// misaligned, too long or not inside one memory object.
pub(super) fn from_objects(
    buffers: &mut Buffers,
    file: &File,
    list: u64,
    size: u32,
    count: u32,
) -> Result {
    let size = usize::try_from(size)?;
    collect(buffers, list, size, count, |from| {
        let object: abi::CommandObject = user::read_extensible(from, size)?;
        match object.flags & KINDS {
            0 => Err(EINVAL),
            _ => check(file, object.gpuaddr, object.size),
        }
    })
}

/// Adds the command buffers that `count` older descriptors, from the user address `list` on,
/// describe, to `buffers`, which is empty; `D` is what the program has for a descriptor.
///
/// Fails as [`from_objects`] does.
pub(super) fn from_descriptors<D>(
    buffers: &mut Buffers,
    file: &File,
    list: u64,
    count: u32,
) -> Result
where
    D: Plain + Into<abi::IbDesc>,
{
    collect(buffers, list, size_of::<D>(), count, |from| {
        let descriptor: abi::IbDesc = user::read_exact::<D>(from)?.into();
        one(file, descriptor.gpuaddr, descriptor.sizedwords)
    })
}

/// The command buffer of `dwords` dwords at a GPU address.
///
/// Fails as [`from_objects`] does.
pub(super) fn one(file: &File, address: u64, dwords: u64) -> Result<Buffer> {
    check(file, address, dwords.checked_mul(4).ok_or(EINVAL)?)
}

/// Makes a list of what `read` says of each of `count` structures of `size` bytes.
fn collect(
    buffers: &mut Buffers,
    list: u64,
    size: usize,
    count: u32,
    mut read: impl FnMut(UserPtr) -> Result<Buffer>,
) -> Result {
    let count = usize::try_from(count)?;
    buffers.reserve(count)?;
    let mut from = user::address(list)?;
    for _ in 0..count {
        buffers.push(read(from)?)?;
        from = from.wrapping_byte_add(size);
    }
    Ok(())
}

/// The command buffer of `size` bytes at a GPU address.
fn check(file: &File, address: u64, size: u64) -> Result<Buffer> {
    let dwords = size / 4;
    let whole = size % 4 == 0 && address % 4 == 0;
    if dwords == 0 || dwords > abi::MAX_IB_DWORDS || !whole {
        return Err(EINVAL);
    }
    let room = file.process.space.room_at(address).ok_or(EINVAL)?;
    if size > room {
        return Err(EINVAL);
    }
    Ok(Buffer {
        address,
        dwords: u32::try_from(dwords)?,
    })
}
