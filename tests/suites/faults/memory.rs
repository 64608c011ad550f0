// SPDX-License-Identifier: GPL-2.0

//! Memory objects: made, imported, bound, asked for and freed.

use std::os::fd::{AsRawFd, OwnedFd};

use kgsl_shim::abi::memory::{
    FreeMemOnTimestamp, GpuEventFence, GpuEventTimestamp, GpumemAlloc, GpumemAllocId, GpumemFreeId,
    GpumemGetInfo, GpumemSyncCache, GpumemSyncCacheBulk, GpuobjAlloc, GpuobjFree, GpuobjImport,
    GpuobjImportDmaBuf, GpuobjImportUserAddress, GpuobjInfo, GpuobjSetInfo, GpuobjSync,
    GpuobjSyncObject, MapUserMem, SharedmemFree, SharedmemFromPmem, BIND_RANGES_ASYNC,
    BIND_RANGES_FENCE_OUT, CMDSTREAM_FREEMEMONTIMESTAMP_CTXTID, GPUMEM_ALLOC, GPUMEM_ALLOC_ID,
    GPUMEM_BIND_RANGES, GPUMEM_CACHE_RANGE, GPUMEM_FREE_ID, GPUMEM_GET_INFO, GPUMEM_SYNC_CACHE,
    GPUMEM_SYNC_CACHE_BULK, GPUOBJ_ALLOC, GPUOBJ_FREE, GPUOBJ_FREE_ON_EVENT, GPUOBJ_IMPORT,
    GPUOBJ_INFO, GPUOBJ_SET_INFO, GPUOBJ_SET_INFO_METADATA, GPUOBJ_SET_INFO_TYPE, GPUOBJ_SYNC,
    GPU_EVENT_FENCE, GPU_EVENT_TIMESTAMP, MAP_USER_MEM, MEMFLAGS_VBO, SHAREDMEM_FLUSH_CACHE,
    SHAREDMEM_FREE, SHAREDMEM_FROM_PMEM, USER_MEM_TYPE_ADDR, USER_MEM_TYPE_DMABUF,
};
use rustix::io::Errno;

use super::{open, sweep, sweep_copies, PAGE};
use crate::client::{
    address, bind_argument, bound, system_heap, Bench, Device, Fence, Mapping, Object, SwSync,
};
use crate::pm4::Commands;
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    gpumem_alloc,
    gpumem_alloc_id,
    gpuobj_alloc,
    gpumem_free_id,
    gpuobj_free,
    gpuobj_free_on_event,
    sharedmem_free,
    cmdstream_freememontimestamp_ctxtid,
    gpuobj_import_of_user_memory,
    gpuobj_import_of_a_buffer,
    map_user_mem,
    sharedmem_from_pmem,
    gpumem_get_info,
    gpuobj_info,
    gpuobj_set_info,
    cache_calls,
    gpumem_bind_ranges,
];

/// What the tests sweep.
pub(super) const NUMBERS: &[u8] = &[
    GPUMEM_ALLOC.nr(),
    GPUMEM_ALLOC_ID.nr(),
    GPUOBJ_ALLOC.nr(),
    GPUMEM_FREE_ID.nr(),
    GPUOBJ_FREE.nr(),
    SHAREDMEM_FREE.nr(),
    CMDSTREAM_FREEMEMONTIMESTAMP_CTXTID.nr(),
    GPUOBJ_IMPORT.nr(),
    MAP_USER_MEM.nr(),
    SHAREDMEM_FROM_PMEM.nr(),
    GPUMEM_GET_INFO.nr(),
    GPUOBJ_INFO.nr(),
    GPUOBJ_SET_INFO.nr(),
    SHAREDMEM_FLUSH_CACHE.nr(),
    GPUMEM_SYNC_CACHE.nr(),
    GPUMEM_SYNC_CACHE_BULK.nr(),
    GPUOBJ_SYNC.nr(),
    GPUMEM_BIND_RANGES.nr(),
];

fn allocate(device: &Device) -> Object {
    Object::gpumem(device, 4 * PAGE, 0).expect("memory is allocated")
}

fn free(device: &Device, id: u32) -> Result<(), Errno> {
    let mut argument = GpumemFreeId { id, reserved: 0 };
    device.ioctl(GPUMEM_FREE_ID, &mut argument)
}

fn freed(device: &Device, id: u32) {
    free(device, id).expect("it is freed");
}

fn gpumem_alloc() {
    let device = open();
    let call = || {
        let mut argument = GpumemAlloc {
            size: 4 * PAGE,
            ..GpumemAlloc::default()
        };
        device.ioctl(GPUMEM_ALLOC, &mut argument)?;
        Ok(argument.gpuaddr)
    };
    let undo = |gpuaddr| {
        let mut argument = SharedmemFree { gpuaddr };
        device
            .ioctl(SHAREDMEM_FREE, &mut argument)
            .expect("it is freed");
    };
    sweep(&device, call, undo);
}

fn gpumem_alloc_id() {
    let device = open();
    let call = || {
        let mut argument = GpumemAllocId {
            size: 4 * PAGE,
            ..GpumemAllocId::default()
        };
        device.ioctl(GPUMEM_ALLOC_ID, &mut argument)?;
        Ok(argument.id)
    };
    sweep(&device, call, |id| freed(&device, id));
}

fn gpuobj_alloc() {
    let device = open();
    for flags in [0, MEMFLAGS_VBO] {
        let call = || {
            let mut note = *b"a note";
            let mut argument = GpuobjAlloc {
                size: 4 * PAGE,
                flags,
                metadata: address(&mut note),
                metadata_len: 6,
                ..GpuobjAlloc::default()
            };
            device.ioctl(GPUOBJ_ALLOC, &mut argument)?;
            Ok(argument.id)
        };
        sweep(&device, call, |id| freed(&device, id));
    }
}

/// Where just the answer cannot be delivered, the object is gone, and the next call says that there is none.
fn gone(result: Result<(), Errno>) -> Result<(), Errno> {
    match result {
        Err(Errno::INVAL) => Ok(()),
        other => other,
    }
}

fn gpumem_free_id() {
    let device = open();
    let id = allocate(&device).id;
    let undo = |()| assert_eq!(allocate(&device).id, id, "the lowest free id");
    sweep(&device, || gone(free(&device, id)), undo);
}

fn gpuobj_free() {
    let device = open();
    let id = allocate(&device).id;
    let call = || {
        let mut argument = GpuobjFree {
            id,
            ..GpuobjFree::default()
        };
        device.ioctl(GPUOBJ_FREE, &mut argument)
    };
    let undo = |()| assert_eq!(allocate(&device).id, id, "the lowest free id");
    sweep(&device, call, undo);
}

/// The event has come when the call returns: a timestamp that has retired, a fence that has signaled.
fn gpuobj_free_on_event() {
    let device = open();
    let bench = Bench::new(&device);
    let timestamp = bench.run(Commands::default().nop(&[]));
    let id = allocate(&device).id;
    let source = SwSync::new().expect("the kernel has sw_sync");
    let fence = source.fence(1);
    source.advance();
    let call = |private: u64, len: u32, kind: u32| {
        let mut argument = GpuobjFree {
            flags: GPUOBJ_FREE_ON_EVENT,
            private,
            id,
            kind,
            len,
            pad: 0,
        };
        device.ioctl(GPUOBJ_FREE, &mut argument)
    };
    let undo = |()| {
        while Object::info(&device, id).is_ok() {
            std::thread::yield_now();
        }
        assert_eq!(allocate(&device).id, id, "the lowest free id");
    };
    let on_timestamp = || {
        let mut event = GpuEventTimestamp {
            context_id: bench.context.id,
            timestamp,
        };
        call(address(&mut event), 8, GPU_EVENT_TIMESTAMP)
    };
    sweep(&device, on_timestamp, undo);
    let on_fence = || {
        let mut event = GpuEventFence {
            fd: fence.descriptor(),
        };
        call(address(&mut event), 4, GPU_EVENT_FENCE)
    };
    sweep(&device, on_fence, undo);
}

fn sharedmem_free() {
    let device = open();
    let object = allocate(&device);
    let call = || {
        let mut argument = SharedmemFree {
            gpuaddr: object.gpu_address,
        };
        device.ioctl(SHAREDMEM_FREE, &mut argument)
    };
    let undo = |()| {
        let again = allocate(&device);
        assert_eq!(again.gpu_address, object.gpu_address);
    };
    sweep(&device, call, undo);
}

fn cmdstream_freememontimestamp_ctxtid() {
    let device = open();
    let bench = Bench::new(&device);
    let timestamp = bench.run(Commands::default().nop(&[]));
    let object = allocate(&device);
    let call = || {
        let mut argument = FreeMemOnTimestamp {
            context_id: bench.context.id,
            gpuaddr: object.gpu_address,
            kind: 2,
            timestamp,
            ..FreeMemOnTimestamp::default()
        };
        device.ioctl(CMDSTREAM_FREEMEMONTIMESTAMP_CTXTID, &mut argument)
    };
    let undo = |()| {
        while Object::info(&device, object.id).is_ok() {
            std::thread::yield_now();
        }
        assert_eq!(allocate(&device).gpu_address, object.gpu_address);
    };
    sweep(&device, call, undo);
}

fn import<T: Copy>(device: &Device, from: &mut T, len: u64, kind: u32) -> Result<u32, Errno> {
    let mut argument = GpuobjImport {
        private: address(from),
        private_len: len,
        kind,
        ..GpuobjImport::default()
    };
    device.ioctl(GPUOBJ_IMPORT, &mut argument)?;
    Ok(argument.id)
}

fn user_memory() -> Mapping {
    let memory = Mapping::anonymous(0x4000).expect("there is memory");
    (0..4).for_each(|page| memory.write(page * 0x1000, &[1]));
    memory
}

fn gpuobj_import_of_user_memory() {
    let device = open();
    let memory = user_memory();
    let call = || {
        let mut from = GpuobjImportUserAddress {
            virtaddr: memory.address(),
        };
        import(&device, &mut from, 4 * PAGE, USER_MEM_TYPE_ADDR)
    };
    sweep(&device, call, |id| freed(&device, id));
}

/// Copies only: where the exporter's memory runs out, the kernel warns of what it thinks is a mistake of the exporter.
fn gpuobj_import_of_a_buffer() {
    let device = open();
    let buffer: OwnedFd = system_heap(4 * PAGE).expect("there is a heap");
    let call = || {
        let mut from = GpuobjImportDmaBuf {
            fd: buffer.as_raw_fd(),
        };
        import(&device, &mut from, 4, USER_MEM_TYPE_DMABUF)
    };
    sweep_copies(&device, call, |id| freed(&device, id));
}

fn map_user_mem() {
    let device = open();
    let memory = user_memory();
    let call = || {
        let mut argument = MapUserMem {
            fd: -1,
            len: 4 * PAGE,
            hostptr: memory.address(),
            memtype: USER_MEM_TYPE_ADDR,
            ..MapUserMem::default()
        };
        device.ioctl(MAP_USER_MEM, &mut argument)?;
        Ok(argument.gpuaddr)
    };
    let undo = |gpuaddr| {
        let mut argument = SharedmemFree { gpuaddr };
        device
            .ioctl(SHAREDMEM_FREE, &mut argument)
            .expect("it is freed");
    };
    sweep(&device, call, undo);
}

/// It is always refused; what can fail before that is the copy of its structure.
fn sharedmem_from_pmem() {
    let device = open();
    let call = || {
        let mut argument = SharedmemFromPmem::default();
        match device.ioctl(SHAREDMEM_FROM_PMEM, &mut argument) {
            Err(Errno::OPNOTSUPP) => Ok(()),
            other => other,
        }
    };
    sweep(&device, call, drop);
}

fn gpumem_get_info() {
    let device = open();
    let id = allocate(&device).id;
    let call = || {
        let mut argument = GpumemGetInfo {
            id,
            ..GpumemGetInfo::default()
        };
        device.ioctl(GPUMEM_GET_INFO, &mut argument)
    };
    sweep(&device, call, drop);
}

fn gpuobj_info() {
    let device = open();
    let id = allocate(&device).id;
    let call = || {
        let mut argument = GpuobjInfo {
            id,
            ..GpuobjInfo::default()
        };
        device.ioctl(GPUOBJ_INFO, &mut argument)
    };
    sweep(&device, call, drop);
}

fn gpuobj_set_info() {
    let device = open();
    let id = allocate(&device).id;
    let set = |kind: u32| {
        let mut note = *b"another note";
        let mut argument = GpuobjSetInfo {
            flags: GPUOBJ_SET_INFO_METADATA | GPUOBJ_SET_INFO_TYPE,
            metadata: address(&mut note),
            id,
            metadata_len: 12,
            kind,
            pad: 0,
        };
        device.ioctl(GPUOBJ_SET_INFO, &mut argument)
    };
    set(1).expect("it is set");
    let undo = |()| set(1).expect("it is set");
    sweep(&device, || set(2), undo);
}

fn cache_calls() {
    let device = open();
    let object = allocate(&device);
    let flush = || {
        let mut argument = SharedmemFree {
            gpuaddr: object.gpu_address,
        };
        device.ioctl(SHAREDMEM_FLUSH_CACHE, &mut argument)
    };
    sweep(&device, flush, drop);
    let one = || {
        let mut argument = GpumemSyncCache {
            id: object.id,
            op: GPUMEM_CACHE_RANGE,
            length: PAGE,
            ..GpumemSyncCache::default()
        };
        device.ioctl(GPUMEM_SYNC_CACHE, &mut argument)
    };
    sweep(&device, one, drop);
    let bulk = || {
        let mut ids = [object.id; 4];
        let mut argument = GpumemSyncCacheBulk {
            id_list: address(&mut ids),
            count: 4,
            ..GpumemSyncCacheBulk::default()
        };
        device.ioctl(GPUMEM_SYNC_CACHE_BULK, &mut argument)
    };
    sweep(&device, bulk, drop);
    let newest = || {
        let range = GpuobjSyncObject {
            length: PAGE,
            id: object.id,
            ..GpuobjSyncObject::default()
        };
        let mut ranges = [range; 3];
        let mut argument = GpuobjSync {
            objs: address(&mut ranges),
            obj_len: 24,
            count: 3,
        };
        device.ioctl(GPUOBJ_SYNC, &mut argument)
    };
    sweep(&device, newest, drop);
}

/// All of the ranges are bound, or none.
fn gpumem_bind_ranges() {
    let device = open();
    let target = Object::gpuobj(&device, 8 * PAGE, MEMFLAGS_VBO).expect("there are addresses");
    let child = allocate(&device);
    for flags in [
        0,
        BIND_RANGES_ASYNC,
        BIND_RANGES_ASYNC | BIND_RANGES_FENCE_OUT,
    ] {
        let call = || {
            let mut ranges = [0, 2, 5].map(|page| bound(&child, 0, page * PAGE, PAGE));
            let mut argument = bind_argument(target.id, &mut ranges, flags);
            argument.fence_id = -1;
            device.ioctl(GPUMEM_BIND_RANGES, &mut argument)?;
            Ok(argument.fence_id)
        };
        let undo = |fd| {
            drop((fd >= 0).then(|| Fence::take(fd)));
            let whole = crate::client::unbound(0, 8 * PAGE);
            crate::client::bind(&device, &target, &[whole]).expect("it is unbound");
        };
        sweep(&device, call, undo);
        undo(-1);
    }
}
