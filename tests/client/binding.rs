// SPDX-License-Identifier: GPL-2.0

//! Binding memory to a virtual buffer object.

use kgsl_shim::abi::command::{AuxCommandBind, AUX_COMMAND_BIND};
use kgsl_shim::abi::memory::{
    BindRange, GpumemBindRanges, BIND_RANGES_ASYNC, BIND_RANGES_FENCE_OUT, GPUMEM_BIND_RANGES,
    RANGE_OP_BIND, RANGE_OP_UNBIND,
};
use rustix::io::Errno;

use super::submission::aux;
use super::system::address;
use super::{Context, Device, Fence, Object, Syncpoint};

/// Binds `length` bytes of the child, from `child_offset` on, at the offset `at` of a virtual buffer object.
pub fn bound(child: &Object, child_offset: u64, at: u64, length: u64) -> BindRange {
    BindRange {
        child_offset,
        target_offset: at,
        length,
        child_id: child.id,
        op: RANGE_OP_BIND,
    }
}

/// Unbinds `length` bytes at the offset `at` of a virtual buffer object.
pub fn unbound(at: u64, length: u64) -> BindRange {
    BindRange {
        target_offset: at,
        length,
        op: RANGE_OP_UNBIND,
        ..BindRange::default()
    }
}

/// GPUMEM_BIND_RANGES's structure for these ranges, which must outlive it.
pub fn bind_argument(target: u32, ranges: &mut [BindRange], flags: u32) -> GpumemBindRanges {
    GpumemBindRanges {
        ranges: address(ranges),
        ranges_nents: u32::try_from(ranges.len()).expect("there are few"),
        ranges_size: u32::try_from(size_of::<BindRange>()).expect("it is small"),
        id: target,
        flags,
        ..GpumemBindRanges::default()
    }
}

/// Changes what is bound to a virtual buffer object, before the call returns.
pub fn bind(device: &Device, target: &Object, ranges: &[BindRange]) -> Result<(), Errno> {
    let mut ranges = ranges.to_vec();
    let mut argument = bind_argument(target.id, &mut ranges, 0);
    device.ioctl(GPUMEM_BIND_RANGES, &mut argument)
}

/// Changes what is bound to a virtual buffer object some time; the fence signals then.
pub fn bind_later(device: &Device, target: &Object, ranges: &[BindRange]) -> Result<Fence, Errno> {
    let mut ranges = ranges.to_vec();
    let flags = BIND_RANGES_ASYNC | BIND_RANGES_FENCE_OUT;
    let mut argument = bind_argument(target.id, &mut ranges, flags);
    argument.fence_id = -1;
    device.ioctl(GPUMEM_BIND_RANGES, &mut argument)?;
    Ok(Fence::take(argument.fence_id))
}

/// Changes what is bound in the context's turn, after the points have come to pass; the timestamp.
pub fn aux_bind(
    device: &Device,
    context: &Context<'_>,
    target: &Object,
    ranges: &[BindRange],
    points: &[Syncpoint<'_>],
) -> Result<u32, Errno> {
    let mut ranges = ranges.to_vec();
    let mut list = AuxCommandBind {
        rangeslist: address(&mut ranges[..]),
        numranges: ranges.len() as u64,
        rangesize: size_of::<BindRange>() as u64,
        target: target.id,
        pad: 0,
    };
    aux(device, context, AUX_COMMAND_BIND, &mut list, points)
}
