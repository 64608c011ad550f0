// SPDX-License-Identifier: GPL-2.0

//! What memory is, and having its caches written back.

use kgsl_shim::abi::memory::{
    GpumemGetInfo, GpumemSyncCache, GpumemSyncCacheBulk, GpuobjInfo, GpuobjSetInfo, GpuobjSync,
    GpuobjSyncObject, SharedmemFree, GPUMEM_CACHE_CLEAN, GPUMEM_CACHE_INV, GPUMEM_CACHE_RANGE,
    GPUMEM_GET_INFO, GPUMEM_SYNC_CACHE, GPUMEM_SYNC_CACHE_BULK, GPUOBJ_INFO, GPUOBJ_SET_INFO,
    GPUOBJ_SYNC, SHAREDMEM_FLUSH_CACHE,
};

use crate::fuzz::dice::low;
use crate::fuzz::run::Run;

/// GPUMEM_GET_INFO, by id or by address.
pub(super) fn gpumem_info(run: &mut Run<'_>) {
    let memory = run.memory();
    let Some(device) = run.file(memory.file) else {
        return;
    };
    let by_address = run.dice.one_in(2);
    let mut argument = GpumemGetInfo {
        gpuaddr: if by_address { memory.address } else { 0 },
        id: if by_address { 0 } else { memory.id },
        ..GpumemGetInfo::default()
    };
    let _ = run.ioctl(&device, GPUMEM_GET_INFO, &mut argument);
}

/// GPUOBJ_INFO.
pub(super) fn object_info(run: &mut Run<'_>) {
    let memory = run.memory();
    let Some(device) = run.file(memory.file) else {
        return;
    };
    let mut argument = GpuobjInfo {
        id: memory.id,
        ..GpuobjInfo::default()
    };
    let _ = run.ioctl(&device, GPUOBJ_INFO, &mut argument);
}

/// GPUOBJ_SET_INFO.
pub(super) fn set_info(run: &mut Run<'_>) {
    let memory = run.memory();
    let Some(device) = run.file(memory.file) else {
        return;
    };
    let mut argument = GpuobjSetInfo {
        flags: run.dice.below(5),
        metadata: run.stage.arena.room(64),
        id: memory.id,
        metadata_len: run.dice.count(70),
        kind: run.dice.below32(512),
        pad: 0,
    };
    let _ = run.ioctl(&device, GPUOBJ_SET_INFO, &mut argument);
}

fn operation(run: &mut Run<'_>) -> u32 {
    let all = [GPUMEM_CACHE_CLEAN, GPUMEM_CACHE_INV, GPUMEM_CACHE_RANGE];
    match run.dice.one_in(16) {
        true => run.dice.odd32(),
        false => low(run.dice.some_of(&all.map(u64::from))),
    }
}

/// GPUMEM_SYNC_CACHE.
pub(super) fn sync(run: &mut Run<'_>) {
    let memory = run.memory();
    let Some(device) = run.file(memory.file) else {
        return;
    };
    let by_address = run.dice.one_in(2);
    let mut argument = GpumemSyncCache {
        gpuaddr: if by_address { memory.address } else { 0 },
        id: if by_address { 0 } else { memory.id },
        op: operation(run),
        offset: run.offset(memory.size),
        length: run.offset(memory.size),
    };
    let _ = run.ioctl(&device, GPUMEM_SYNC_CACHE, &mut argument);
}

/// GPUMEM_SYNC_CACHE_BULK.
pub(super) fn sync_bulk(run: &mut Run<'_>) {
    let (_, Some(device)) = run.some_file() else {
        return;
    };
    let ids: Vec<u32> = (0..4).map(|_| run.memory().id).collect();
    let mut argument = GpumemSyncCacheBulk {
        id_list: run.list(&ids),
        count: run.dice.count(4),
        op: operation(run),
        ..GpumemSyncCacheBulk::default()
    };
    let _ = run.ioctl(&device, GPUMEM_SYNC_CACHE_BULK, &mut argument);
}

/// GPUOBJ_SYNC.
pub(super) fn sync_objects(run: &mut Run<'_>) {
    let (_, Some(device)) = run.some_file() else {
        return;
    };
    let mut object = || {
        let memory = run.memory();
        GpuobjSyncObject {
            offset: run.offset(memory.size),
            length: run.offset(memory.size),
            id: memory.id,
            op: operation(run),
        }
    };
    let objects = [object(), object(), object()];
    let mut argument = GpuobjSync {
        objs: run.list(&objects),
        obj_len: match run.dice.one_in(16) {
            true => run.dice.below32(64),
            false => 24,
        },
        count: run.dice.count(3),
    };
    let _ = run.ioctl(&device, GPUOBJ_SYNC, &mut argument);
}

/// SHAREDMEM_FLUSH_CACHE.
pub(super) fn flush(run: &mut Run<'_>) {
    let memory = run.memory();
    let Some(device) = run.file(memory.file) else {
        return;
    };
    let mut argument = SharedmemFree {
        gpuaddr: memory.address,
    };
    let _ = run.ioctl(&device, SHAREDMEM_FLUSH_CACHE, &mut argument);
}
