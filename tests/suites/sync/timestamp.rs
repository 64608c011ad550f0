// SPDX-License-Identifier: GPL-2.0

//! TIMESTAMP_EVENT: sync_files of timestamps.

use std::process;
use std::thread;

use kgsl_shim::abi::sync::{
    TimestampEvent, TimestampEventFence, TIMESTAMP_EVENT, TIMESTAMP_EVENT_FENCE,
};
use rustix::io::Errno;
use rustix::time::{clock_gettime, ClockId};

use super::{open, LONG};
use crate::client::{address, Bench, Context, Device, Fence};
use crate::module::Module;
use crate::pm4::Commands;
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    a_fence_signals_when_its_timestamp_retires,
    a_fence_for_what_has_retired_is_signaled,
    a_fence_tells_when_its_timestamp_retired,
    a_timestamp_has_one_fence,
    the_next_context_of_an_id_has_fences_of_its_own,
    fences_signal_in_order,
    merged_fences_signal_when_both_have,
    a_fence_names_its_context,
    a_fence_cannot_be_had_for_what_will_not_come,
    an_event_that_is_none_is_refused,
    a_descriptor_that_cannot_be_delivered_is_not_left,
    a_fence_of_a_guilty_context_signals,
    a_fence_outlives_its_context,
    the_module_stays_while_a_fence_lives,
    the_fence_of_what_has_happened_outlives_the_module,
    a_destroyed_context_and_its_fences_may_race,
];

/// Makes a sync_file of a timestamp.
pub(super) fn fence(device: &Device, context_id: u32, timestamp: u32) -> Result<Fence, Errno> {
    Context::of(device, context_id).fence(timestamp)
}

fn a_fence_signals_when_its_timestamp_retires() {
    let device = open();
    let bench = Bench::new(&device);
    let timestamp = bench.block(0);
    let fence = fence(&device, bench.context.id, timestamp).expect("there is a fence");
    assert!(!fence.poll(50));
    assert_eq!(fence.status(), 0);
    thread::scope(|scope| {
        scope.spawn(|| assert!(fence.poll(LONG)));
        bench.release(0);
    });
    assert_eq!(fence.status(), 1);
}

fn a_fence_for_what_has_retired_is_signaled() {
    let device = open();
    let bench = Bench::new(&device);
    let at_zero = fence(&device, bench.context.id, 0).expect("there is a fence");
    let timestamp = bench.run(Commands::default().nop(&[]));
    let at_one = fence(&device, bench.context.id, timestamp).expect("there is a fence");
    assert!(at_zero.is_signaled() && at_one.is_signaled());
    assert_eq!((at_zero.status(), at_one.status()), (1, 1));
}

/// However late it is asked for.
fn a_fence_tells_when_its_timestamp_retired() {
    let device = open();
    let bench = Bench::new(&device);
    let before = clock_has_moved_on();
    let timestamp = bench.run(Commands::default().nop(&[]));
    let after = monotonic();
    clock_has_moved_on();
    let fence = fence(&device, bench.context.id, timestamp).expect("there is a fence");
    let retired = fence.signaled_at();
    assert!(
        (before..=after).contains(&retired),
        "{before} <= {retired} <= {after}"
    );
}

/// However often it is asked for, as long as no other is asked for in between.
fn a_timestamp_has_one_fence() {
    let device = open();
    let bench = Bench::new(&device);
    let fence = |timestamp| fence(&device, bench.context.id, timestamp).expect("there is a fence");
    let first = bench.block(0);
    let second = bench
        .submit_at(0, Commands::default().nop(&[]))
        .expect("it is submitted");
    let fences = [first, first, second, first, second].map(fence);
    assert_eq!(fences.each_ref().map(Fence::status), [0; 5]);
    bench.release(0);
    bench.wait(second);
    assert_eq!(fences.each_ref().map(Fence::status), [1; 5]);
    assert_eq!(
        fences[0].signaled_at(),
        fences[1].signaled_at(),
        "they are one, which has signaled once"
    );
    let afterwards = [first, first, second].map(fence);
    assert_eq!(afterwards.each_ref().map(Fence::status), [1; 3]);
    assert_eq!(afterwards[0].signaled_at(), afterwards[1].signaled_at());
}

fn the_next_context_of_an_id_has_fences_of_its_own() {
    let device = open();
    let of_a_context = || {
        let bench = Bench::new(&device);
        let timestamp = bench.run(Commands::default().nop(&[]));
        let fence = fence(&device, bench.context.id, timestamp).expect("there is a fence");
        bench.context.destroy().expect("it is destroyed");
        (bench.context.id, timestamp, fence.signaled_at())
    };
    let (id, timestamp, signaled_at) = of_a_context();
    let before = clock_has_moved_on();
    assert!(signaled_at <= before);
    let (next_id, next_timestamp, signaled_at) = of_a_context();
    assert_eq!((next_id, next_timestamp), (id, timestamp));
    assert!(before <= signaled_at, "{before} <= {signaled_at}");
}

fn fences_signal_in_order() {
    let device = open();
    let bench = Bench::new(&device);
    let timestamps = [0, 1, 2].map(|index| {
        let offset = 256 * index;
        let commands = Commands::default()
            .wait_until_equal(bench.dword(index), 1)
            .clone();
        bench.submit_at(offset, &commands).expect("it is submitted")
    });
    let fences = timestamps
        .map(|timestamp| fence(&device, bench.context.id, timestamp).expect("there is a fence"));
    for released in 0..3 {
        for (index, fence) in fences.iter().enumerate() {
            assert_eq!(fence.is_signaled(), index < released, "{released} {index}");
        }
        bench.release(released);
        assert!(fences[released].poll(LONG));
    }
}

fn merged_fences_signal_when_both_have() {
    let device = open();
    let (first, second) = (Bench::new(&device), Bench::new(&device));
    let fences = [&first, &second].map(|bench| {
        let timestamp = bench.block(0);
        fence(&device, bench.context.id, timestamp).expect("there is a fence")
    });
    let both = fences[0].merge(&fences[1]).expect("they are merged");
    assert_eq!(both.count(), 2);
    first.release(0);
    assert!(fences[0].poll(LONG));
    assert!(!both.poll(50));
    second.release(0);
    assert!(both.poll(LONG));
    assert_eq!(both.status(), 1);
    let later = first.run(Commands::default().nop(&[]));
    let later = fence(&device, first.context.id, later).expect("there is a fence");
    let of_one_context = fences[0].merge(&later).expect("they are merged");
    assert_eq!(of_one_context.count(), 1, "the later one stands for both");
}

/// As the C driver names it: the context, the process and the thread.
fn a_fence_names_its_context() {
    let device = open();
    let bench = Bench::new(&device);
    let blocked = bench.block(0);
    let fence = fence(&device, bench.context.id, blocked).expect("there is a fence");
    let (driver, timeline) = fence.names();
    assert_eq!(driver, "kgsl-timeline");
    // The kernel cuts the name at 31 bytes.
    let start = format!("kgsl-3d0_{}-", bench.context.id);
    assert!(timeline.starts_with(&start), "{timeline}");
    let process = process::id().to_string();
    assert!(timeline.contains(&process), "{timeline}: no {process}");
}

fn a_fence_cannot_be_had_for_what_will_not_come() {
    let (device, other) = (open(), open());
    let context = Context::new(&device).expect("a context is created");
    let foreign = Context::new(&other).expect("a context is created");
    for (id, timestamp) in [
        (context.id, 1),
        (context.id, 0x7fff_ffff),
        (foreign.id, 0),
        (0, 0),
        (u32::MAX, 0),
    ] {
        let refused = fence(&device, id, timestamp).err();
        assert_eq!(refused, Some(Errno::INVAL), "{id} {timestamp}");
    }
}

fn an_event_that_is_none_is_refused() {
    let device = open();
    let context = Context::new(&device).expect("a context is created");
    let mut event = TimestampEventFence { fence_fd: 77 };
    let good = TimestampEvent {
        kind: TIMESTAMP_EVENT_FENCE,
        context_id: context.id,
        private: address(&mut event),
        len: 4,
        ..TimestampEvent::default()
    };
    for kind in [0, 1, 3, -1] {
        let refused = device.ioctl(TIMESTAMP_EVENT, &mut TimestampEvent { kind, ..good });
        assert_eq!(refused, Err(Errno::INVAL), "{kind}");
    }
    for len in [0, 3, 5, 8, u64::MAX] {
        let refused = device.ioctl(TIMESTAMP_EVENT, &mut TimestampEvent { len, ..good });
        assert_eq!(refused, Err(Errno::INVAL), "{len}");
    }
    assert_eq!(event.fence_fd, 77, "nothing was written");
}

/// The descriptors that are open, counted where they all are.
fn descriptors() -> usize {
    let list = std::fs::read_dir("/proc/self/fd").expect("they are listed");
    list.count()
}

fn a_descriptor_that_cannot_be_delivered_is_not_left() {
    let device = open();
    let context = Context::new(&device).expect("a context is created");
    let before = descriptors();
    for private in [0, 8, 0xffff_8000_0000_0000] {
        let mut argument = TimestampEvent {
            kind: TIMESTAMP_EVENT_FENCE,
            context_id: context.id,
            private,
            len: 4,
            ..TimestampEvent::default()
        };
        let refused = device.ioctl(TIMESTAMP_EVENT, &mut argument);
        assert_eq!(refused, Err(Errno::FAULT), "{private:#x}");
    }
    assert_eq!(descriptors(), before);
}

fn a_fence_of_a_guilty_context_signals() {
    let device = open();
    let bench = Bench::new(&device);
    let first = bench.block(0);
    let bad = Commands::default().packet(0x7f, &[0]).clone();
    let second = bench.submit_at(0, &bad).expect("it is submitted");
    let fences = [first, second]
        .map(|timestamp| fence(&device, bench.context.id, timestamp).expect("there is a fence"));
    bench.release(0);
    for fence in fences {
        assert!(fence.poll(LONG));
        assert_ne!(fence.status(), 0);
    }
}

fn a_fence_outlives_its_context() {
    let device = open();
    let bench = Bench::new(&device);
    let timestamp = bench.block(0);
    let fence = fence(&device, bench.context.id, timestamp).expect("there is a fence");
    drop(bench);
    drop(device);
    assert!(
        fence.poll(LONG),
        "the file was closed, and the work dropped"
    );
    assert_eq!(fence.count(), 1, "it still tells of itself");
}

/// The fence's functions are the module's, whether it has signaled meanwhile or not.
fn the_module_stays_while_a_fence_lives() {
    let module = Module::named("kgsl_shim");
    let device = open();
    let bench = Bench::new(&device);
    let pending = bench.block(0);
    let fence = fence(&device, bench.context.id, pending).expect("there is a fence");
    drop(bench);
    drop(device);
    assert_eq!(module.remove(), Err(Errno::AGAIN));
    assert!(fence.poll(LONG), "the file is closed");
    assert_eq!(module.remove(), Err(Errno::AGAIN));
    assert_eq!(fence.count(), 1, "it still tells of itself");
    drop(fence);
    remove_and_insert(&module, || {});
}

/// The clock of fences, in nanoseconds.
fn monotonic() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    let nanoseconds = now.tv_sec * 1_000_000_000 + now.tv_nsec;
    u64::try_from(nanoseconds).expect("it began at 0")
}

/// Waits until the clock shows another time, and returns that: it may go in steps of milliseconds.
fn clock_has_moved_on() -> u64 {
    let before = monotonic();
    loop {
        let now = monotonic();
        if now > before {
            return now;
        }
        thread::yield_now();
    }
}

/// It was made signaled, and is the kernel's own.
fn the_fence_of_what_has_happened_outlives_the_module() {
    let module = Module::named("kgsl_shim");
    let device = open();
    let bench = Bench::new(&device);
    let before = fence(&device, bench.context.id, 0).expect("there is a fence");
    clock_has_moved_on();
    let done = bench.run(Commands::default().nop(&[]));
    let fence = fence(&device, bench.context.id, done).expect("there is a fence");
    assert!(0 < before.signaled_at() && before.signaled_at() < fence.signaled_at());
    drop(bench);
    drop(device);
    remove_and_insert(&module, || {
        assert_eq!((fence.status(), fence.count()), (1, 1));
        let both = fence.merge(&before).expect("they are merged");
        assert_eq!(both.status(), 1);
    });
}

/// Removes the module, which nobody holds any more, looks at what is left, and inserts it again.
fn remove_and_insert(module: &Module, look: impl FnOnce()) {
    // The kernel lets go of what a file has held a little after the file is closed.
    while module.remove() == Err(Errno::AGAIN) {
        thread::yield_now();
    }
    look();
    module.insert().expect("the module is inserted");
}

fn a_destroyed_context_and_its_fences_may_race() {
    let device = open();
    for _ in 0..40 {
        let bench = Bench::new(&device);
        let timestamp = bench.block(0);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while let Ok(fence) = fence(&device, bench.context.id, timestamp) {
                        drop(fence);
                    }
                });
            }
            bench.release(0);
            bench.context.destroy().expect("it is destroyed");
        });
    }
}
