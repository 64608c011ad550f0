// SPDX-License-Identifier: GPL-2.0

//! Binding memory to virtual buffer objects.

use crate::{
    abi::memory as abi,
    driver::{
        memory::{
            Change,
            Object, //
        },
        File, //
    },
    ext::{
        fence::Fence,
        user, //
    },
};
use kernel::{
    alloc::flags,
    prelude::*,
    sync::Arc, //
};

/// Ranges that one call may name, so that its list is bounded.
const RANGES_MAX: u64 = 65_536;

/// GPUMEM_BIND_RANGES. A size of 0 for the ranges asks for it.
///
/// What may happen later happens at once, which the program cannot tell from a fast device; the
/// fence is signaled then.
///
/// Fails with `EINVAL` for an unknown object or range operation, for ranges that cannot be, and for
/// a fence without `ASYNC`.
pub(in crate::driver::ioctl) fn gpumem_bind_ranges(
    file: &File,
    argument: &mut abi::GpumemBindRanges,
) -> Result {
    if argument.ranges_size == 0 {
        argument.ranges_size = u32::try_from(size_of::<abi::BindRange>())?;
        return Ok(());
    }
    let wants_fence = argument.flags & abi::BIND_RANGES_FENCE_OUT != 0;
    if wants_fence && argument.flags & abi::BIND_RANGES_ASYNC == 0 {
        return Err(EINVAL);
    }
    let (target, changes) = changes(
        file,
        argument.id,
        argument.ranges,
        u64::from(argument.ranges_nents),
        u64::from(argument.ranges_size),
    )?;
    let descriptor = match wants_fence {
        // Of what will have happened when the program sees it.
        true => Some(Fence::signaled()?.to_descriptor()?),
        false => None,
    };
    file.process.space.bind(&target, changes);
    if let Some(descriptor) = descriptor {
        argument.fence_id = descriptor.number();
        descriptor.install();
    }
    Ok(())
}

/// The virtual buffer object of that id, and the changes that `count` ranges of `size` bytes, from
/// the user address `list` on, ask for.
pub(in crate::driver::ioctl) fn changes(
    file: &File,
    id: u32,
    list: u64,
    count: u64,
    size: u64,
) -> Result<(Arc<Object>, KVVec<Change>)> {
    if count == 0 || count > RANGES_MAX {
        return Err(EINVAL);
    }
    let space = &file.process.space;
    let target = space.object(id)?;
    let (count, size) = (usize::try_from(count)?, usize::try_from(size)?);
    let mut from = user::address(list)?;
    let mut changes = KVVec::with_capacity(count, flags::GFP_KERNEL_ACCOUNT)?;
    for _ in 0..count {
        let range: abi::BindRange = user::read_extensible(from, size)?;
        // An unbinding without a child concerns whatever is bound.
        let child = match range.child_id {
            0 => None,
            id => Some(space.object(id)?),
        };
        changes.push(
            Change::new(&target, child, &range)?,
            flags::GFP_KERNEL_ACCOUNT,
        )?;
        from = from.wrapping_byte_add(size);
    }
    Ok((target, changes))
}
