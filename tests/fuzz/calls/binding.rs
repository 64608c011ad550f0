// SPDX-License-Identifier: GPL-2.0

//! Binding memory to virtual buffer objects.

use kgsl_shim::abi::memory::{
    BindRange, GpumemBindRanges, BIND_RANGES_ASYNC, BIND_RANGES_FENCE_OUT, GPUMEM_BIND_RANGES,
    RANGE_OP_BIND, RANGE_OP_UNBIND,
};

use crate::client::Fence;
use crate::fuzz::run::Run;
use crate::fuzz::world::Memory;

/// A virtual buffer object, if one comes soon; otherwise any object.
pub(super) fn target(run: &mut Run<'_>) -> Memory {
    let mut memory = run.memory();
    for _ in 0..4 {
        if memory.is_virtual {
            break;
        }
        memory = run.memory();
    }
    memory
}

/// A range of it, in whole pages, mostly.
fn range(run: &mut Run<'_>, target: &Memory) -> BindRange {
    let child = run.memory();
    let mut page = |size: u64| match run.dice.below(24) {
        0 => run.dice.odd64(),
        1 => run.dice.below(size),
        _ => run.dice.below(size >> 12) << 12,
    };
    let (child_offset, target_offset) = (page(child.size), page(target.size));
    let length = match run.dice.below(24) {
        0 => run.dice.odd64(),
        1 => target.size,
        _ => (run.dice.below(3) + 1) << 12,
    };
    let op = match run.dice.below(24) {
        0 => run.dice.below32(5),
        1..=8 => RANGE_OP_UNBIND,
        _ => RANGE_OP_BIND,
    };
    let child_id = match op {
        RANGE_OP_UNBIND if !run.dice.one_in(8) => 0,
        _ => child.id,
    };
    BindRange {
        child_offset,
        target_offset,
        length,
        child_id,
        op,
    }
}

/// A few ranges; their address and how many.
pub(super) fn ranges(run: &mut Run<'_>, target: &Memory) -> (u64, u32) {
    let count = run.dice.index(3) + 1;
    let list: Vec<_> = (0..count).map(|_| range(run, target)).collect();
    let claimed = match run.dice.one_in(32) {
        true => run.dice.odd32(),
        false => u32::try_from(count).unwrap_or(0),
    };
    (run.list(&list), claimed)
}

/// The size of an entry, seldom another.
pub(super) fn entry_size(run: &mut Run<'_>, size: u32) -> u32 {
    match run.dice.below(32) {
        0 => 0,
        1 => run.dice.below32(2 * size),
        2 => run.dice.odd32(),
        _ => size,
    }
}

/// GPUMEM_BIND_RANGES: at once or some time, with a fence or without.
pub(super) fn bind(run: &mut Run<'_>) {
    let target = target(run);
    let Some(device) = run.file(target.file) else {
        return;
    };
    let (ranges, ranges_nents) = ranges(run, &target);
    let flags = match run.dice.below(8) {
        0 => run.dice.below32(8),
        1 | 2 => BIND_RANGES_ASYNC,
        3 => BIND_RANGES_ASYNC | BIND_RANGES_FENCE_OUT,
        _ => 0,
    };
    let mut argument = GpumemBindRanges {
        ranges,
        ranges_nents,
        ranges_size: entry_size(run, 32),
        id: target.id,
        flags,
        fence_id: -1,
        pad: 0,
    };
    let result = run.ioctl(&device, GPUMEM_BIND_RANGES, &mut argument);
    if result.is_ok() && flags & BIND_RANGES_FENCE_OUT != 0 {
        if let Some(descriptor) = run.take(argument.fence_id) {
            run.world().fences.add(Fence::from(descriptor).into());
        }
    }
}
