// SPDX-License-Identifier: GPL-2.0

//! Freeing memory, now or when something has happened.

use kgsl_shim::abi::context::{TIMESTAMP_CONSUMED, TIMESTAMP_QUEUED, TIMESTAMP_RETIRED};
use kgsl_shim::abi::memory::{
    FreeMemOnTimestamp, GpuEventFence, GpuEventTimestamp, GpumemFreeId, GpuobjFree, SharedmemFree,
    CMDSTREAM_FREEMEMONTIMESTAMP_CTXTID, GPUMEM_FREE_ID, GPUOBJ_FREE, GPUOBJ_FREE_ON_EVENT,
    GPU_EVENT_FENCE, GPU_EVENT_TIMESTAMP, SHAREDMEM_FREE,
};

use super::context::timestamp;
use super::sync::descriptor;
use crate::fuzz::run::Run;
use crate::fuzz::world::Memory;

/// Forgets an object, mostly: now and then it is used as if it were still there.
fn forget(run: &mut Run<'_>, memory: &Memory) {
    let world = run.world();
    world.stale.add(memory.id);
    if !run.dice.one_in(8) {
        let address = memory.address;
        world
            .objects
            .forget(|other| other.id == memory.id && other.address == address);
    }
}

/// GPUMEM_FREE_ID.
pub(super) fn by_id(run: &mut Run<'_>) {
    let memory = run.memory();
    let Some(device) = run.file(memory.file) else {
        return;
    };
    let mut argument = GpumemFreeId {
        id: memory.id,
        reserved: 0,
    };
    if run.ioctl(&device, GPUMEM_FREE_ID, &mut argument).is_ok() {
        forget(run, &memory);
    }
}

/// SHAREDMEM_FREE.
pub(super) fn by_address(run: &mut Run<'_>) {
    let memory = run.memory();
    let Some(device) = run.file(memory.file) else {
        return;
    };
    let gpuaddr = match run.dice.one_in(8) {
        true => memory.address.wrapping_add(run.offset(memory.size)),
        false => memory.address,
    };
    let mut argument = SharedmemFree { gpuaddr };
    if run.ioctl(&device, SHAREDMEM_FREE, &mut argument).is_ok() {
        forget(run, &memory);
    }
}

/// GPUOBJ_FREE: now, when a timestamp has retired, or when a fence has signaled.
pub(super) fn object(run: &mut Run<'_>) {
    let memory = run.memory();
    let Some(device) = run.file(memory.file) else {
        return;
    };
    let fence = run.world().fences.pick(&mut run.dice);
    let (flags, kind, private, len) = match run.dice.below(4) {
        0 => (0, 0, 0, 0),
        1 => {
            let event = GpuEventFence {
                fd: descriptor(run, fence.as_deref()),
            };
            (GPUOBJ_FREE_ON_EVENT, GPU_EVENT_FENCE, run.put(&event), 4)
        }
        2 => {
            let event = GpuEventTimestamp {
                context_id: run.context().id,
                timestamp: timestamp(run),
            };
            (
                GPUOBJ_FREE_ON_EVENT,
                GPU_EVENT_TIMESTAMP,
                run.put(&event),
                8,
            )
        }
        _ => (run.dice.below(4), run.dice.below32(4), run.put(&0u64), 8),
    };
    let mut argument = GpuobjFree {
        flags,
        private,
        id: memory.id,
        kind,
        len,
        pad: 0,
    };
    if run.ioctl(&device, GPUOBJ_FREE, &mut argument).is_ok() {
        forget(run, &memory);
    }
}

/// CMDSTREAM_FREEMEMONTIMESTAMP_CTXTID.
pub(super) fn on_timestamp(run: &mut Run<'_>) {
    let (memory, context) = (run.memory(), run.context());
    let Some(device) = run.file(context.file) else {
        return;
    };
    let mut argument = FreeMemOnTimestamp {
        context_id: context.id,
        gpuaddr: memory.address,
        kind: run.dice.pick(&[
            TIMESTAMP_RETIRED,
            TIMESTAMP_RETIRED,
            TIMESTAMP_CONSUMED,
            TIMESTAMP_QUEUED,
        ]),
        timestamp: timestamp(run),
        ..FreeMemOnTimestamp::default()
    };
    let result = run.ioctl(&device, CMDSTREAM_FREEMEMONTIMESTAMP_CTXTID, &mut argument);
    if result.is_ok() {
        forget(run, &memory);
    }
}
