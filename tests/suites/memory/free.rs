// SPDX-License-Identifier: GPL-2.0

//! Freeing memory: now, when a timestamp retires, or when a fence signals.

use std::thread;

use kgsl_shim::abi::context::TIMESTAMP_RETIRED;
use kgsl_shim::abi::memory::{
    FreeMemOnTimestamp, GpuEventFence, GpuEventTimestamp, GpuobjFree, SharedmemFree,
    CMDSTREAM_FREEMEMONTIMESTAMP_CTXTID, GPUOBJ_FREE, GPUOBJ_FREE_ON_EVENT, GPU_EVENT_FENCE,
    GPU_EVENT_TIMESTAMP, SHAREDMEM_FREE,
};
use rustix::io::Errno;

use super::{open, wait_until_gone, PAGE};
use crate::client::{address, Bench, Context, Device, Object, SwSync};
use crate::pm4::Commands;
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    a_timestamp_frees,
    a_retired_timestamp_frees_at_once,
    the_oldest_call_frees_by_address,
    a_timestamp_that_cannot_come_frees_nothing,
    a_context_of_another_file_frees_nothing,
    a_context_that_ends_frees,
    a_fence_frees,
    a_signaled_fence_frees_at_once,
    a_fence_outlives_the_process_memory,
    an_event_that_is_none_frees_nothing,
    threads_free_once,
    a_submission_and_a_free_may_race,
];

fn allocate(device: &Device) -> Object {
    Object::gpumem(device, PAGE, 0).expect("memory is allocated")
}

fn free_on_event(device: &Device, id: u32, kind: u32, private: u64, len: u32) -> Result<(), Errno> {
    let mut argument = GpuobjFree {
        flags: GPUOBJ_FREE_ON_EVENT,
        private,
        id,
        kind,
        len,
        pad: 0,
    };
    device.ioctl(GPUOBJ_FREE, &mut argument)
}

fn free_on_timestamp(
    device: &Device,
    id: u32,
    context_id: u32,
    timestamp: u32,
) -> Result<(), Errno> {
    let mut event = GpuEventTimestamp {
        context_id,
        timestamp,
    };
    free_on_event(device, id, GPU_EVENT_TIMESTAMP, address(&mut event), 8)
}

fn free_on_fence(device: &Device, id: u32, fd: i32) -> Result<(), Errno> {
    let mut event = GpuEventFence { fd };
    free_on_event(device, id, GPU_EVENT_FENCE, address(&mut event), 4)
}

/// Freeing it in any way is refused, because it is being freed.
fn is_being_freed(device: &Device, object: &Object) {
    let mut now = GpuobjFree {
        id: object.id,
        ..GpuobjFree::default()
    };
    let mut by_address = SharedmemFree {
        gpuaddr: object.gpu_address,
    };
    assert_eq!(object.free(device), Err(Errno::BUSY));
    assert_eq!(device.ioctl(GPUOBJ_FREE, &mut now), Err(Errno::BUSY));
    assert_eq!(
        device.ioctl(SHAREDMEM_FREE, &mut by_address),
        Err(Errno::BUSY)
    );
    assert!(Object::info(device, object.id).is_ok(), "it is still there");
}

fn a_timestamp_frees() {
    let device = open();
    let bench = Bench::new(&device);
    let object = allocate(&device);
    let blocked = bench.block(0);
    free_on_timestamp(&device, object.id, bench.context.id, blocked).expect("it will be freed");
    is_being_freed(&device, &object);
    assert_eq!(
        free_on_timestamp(&device, object.id, bench.context.id, blocked),
        Err(Errno::BUSY)
    );
    bench.release(0);
    bench.wait(blocked);
    wait_until_gone(&device, object.id);
    assert_eq!(object.free(&device), Err(Errno::INVAL));
    assert_eq!(allocate(&device).id, object.id, "the id is free again");
}

fn a_retired_timestamp_frees_at_once() {
    let device = open();
    let bench = Bench::new(&device);
    let object = allocate(&device);
    let timestamp = bench.run(Commands::default().nop(&[]));
    free_on_timestamp(&device, object.id, bench.context.id, timestamp).expect("it is freed");
    assert!(Object::info(&device, object.id).is_err());
}

fn the_oldest_call_frees_by_address() {
    let device = open();
    let bench = Bench::new(&device);
    let object = allocate(&device);
    let mut argument = FreeMemOnTimestamp {
        context_id: bench.context.id,
        gpuaddr: object.gpu_address,
        kind: TIMESTAMP_RETIRED,
        timestamp: bench.block(0),
        ..FreeMemOnTimestamp::default()
    };
    let mut free = || device.ioctl(CMDSTREAM_FREEMEMONTIMESTAMP_CTXTID, &mut argument);
    free().expect("it will be freed");
    assert_eq!(free(), Err(Errno::BUSY));
    is_being_freed(&device, &object);
    bench.release(0);
    wait_until_gone(&device, object.id);
    assert_eq!(free(), Err(Errno::INVAL));
}

fn a_timestamp_that_cannot_come_frees_nothing() {
    let device = open();
    let context = Context::new(&device).expect("a context is created");
    let object = allocate(&device);
    for timestamp in [1, 0x7fff_ffff] {
        let refused = free_on_timestamp(&device, object.id, context.id, timestamp);
        assert_eq!(refused, Err(Errno::INVAL), "{timestamp}");
    }
    for id in [0, object.id + 1, u32::MAX] {
        let refused = free_on_timestamp(&device, id, context.id, 0);
        assert_eq!(refused, Err(Errno::INVAL), "{id}");
    }
    object.free(&device).expect("it can still be freed");
}

fn a_context_of_another_file_frees_nothing() {
    let (device, other) = (open(), open());
    let foreign = Context::new(&other).expect("a context is created").id;
    let object = allocate(&device);
    for id in [0, foreign, u32::MAX] {
        let refused = free_on_timestamp(&device, object.id, id, 0);
        assert_eq!(refused, Err(Errno::INVAL), "{id}");
    }
    object.free(&device).expect("it can still be freed");
}

/// A fault ends the context, and its timestamps count as retired.
fn a_context_that_ends_frees() {
    let device = open();
    let bench = Bench::new(&device);
    let object = allocate(&device);
    bench.block(0);
    let bad = Commands::default().packet(0x7f, &[0]).clone();
    let timestamp = bench.submit_at(0, &bad).expect("it is submitted");
    free_on_timestamp(&device, object.id, bench.context.id, timestamp).expect("it will be freed");
    bench.release(0);
    wait_until_gone(&device, object.id);
}

fn a_fence_frees() {
    let device = open();
    let timeline = SwSync::new().expect("the kernel has sw_sync");
    let fence = timeline.fence(1);
    let object = allocate(&device);
    free_on_fence(&device, object.id, fence.descriptor()).expect("it will be freed");
    is_being_freed(&device, &object);
    assert_eq!(
        free_on_fence(&device, object.id, fence.descriptor()),
        Err(Errno::BUSY)
    );
    drop(fence);
    timeline.advance();
    wait_until_gone(&device, object.id);
}

fn a_signaled_fence_frees_at_once() {
    let device = open();
    let timeline = SwSync::new().expect("the kernel has sw_sync");
    let fence = timeline.fence(1);
    timeline.advance();
    let object = allocate(&device);
    free_on_fence(&device, object.id, fence.descriptor()).expect("it is freed");
    assert!(Object::info(&device, object.id).is_err());
}

fn a_fence_outlives_the_process_memory() {
    let timeline = SwSync::new().expect("the kernel has sw_sync");
    let fence = timeline.fence(1);
    for _ in 0..10 {
        let device = open();
        let object = allocate(&device);
        free_on_fence(&device, object.id, fence.descriptor()).expect("it will be freed");
    }
    timeline.advance();
    assert_eq!(allocate(&open()).id, 1);
}

fn an_event_that_is_none_frees_nothing() {
    let device = open();
    let object = allocate(&device);
    let mut event = GpuEventFence { fd: -1 };
    let private = address(&mut event);
    let free = |kind, private, len| free_on_event(&device, object.id, kind, private, len);
    for kind in [0, 3, u32::MAX] {
        assert_eq!(free(kind, private, 4), Err(Errno::INVAL), "{kind}");
    }
    for kind in [GPU_EVENT_TIMESTAMP, GPU_EVENT_FENCE] {
        for nowhere in [0, 8, 0xffff_8000_0000_0000] {
            assert_eq!(free(kind, nowhere, 8), Err(Errno::FAULT), "{nowhere:#x}");
        }
    }
    let file = std::fs::File::open("/dev/null").expect("it opens");
    for descriptor in [-1, 9999, std::os::fd::AsRawFd::as_raw_fd(&file)] {
        let refused = free_on_fence(&device, object.id, descriptor);
        assert_eq!(refused, Err(Errno::INVAL), "{descriptor}");
    }
    object.free(&device).expect("it can still be freed");
}

fn threads_free_once() {
    let device = open();
    for _ in 0..100 {
        let object = allocate(&device);
        let freed = thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| object.free(&device)))
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().expect("it does not panic"))
                .filter(Result::is_ok)
                .count()
        });
        assert_eq!(freed, 1);
    }
}

/// The submission runs or faults, and its context is the only one that is told.
fn a_submission_and_a_free_may_race() {
    let device = open();
    for _ in 0..50 {
        let bench = Bench::new(&device);
        let object = allocate(&device);
        let commands = Commands::default()
            .mem_write(object.gpu_address, &[1])
            .mem_write(object.gpu_address + 64, &[2])
            .clone();
        thread::scope(|scope| {
            scope.spawn(|| object.free(&device).expect("it is freed"));
            let timestamp = bench.submit_at(0, &commands).expect("it is submitted");
            let waited = bench.context.wait(timestamp, super::LONG);
            assert!(matches!(waited, Ok(()) | Err(Errno::DEADLK)), "{waited:?}");
        });
    }
}
