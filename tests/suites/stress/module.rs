// SPDX-License-Identifier: GPL-2.0

//! The module comes and goes, whoever uses it.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use kgsl_shim::abi::sync::{
    TimestampEvent, TimestampEventFence, TIMESTAMP_EVENT, TIMESTAMP_EVENT_FENCE,
};
use rustix::io::Errno;

use super::{kill, module, nothing_is_left, open, start};
use crate::client::{address, Bench, Context, Device, Fence, Object, NODE};
use crate::pm4::Commands;
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    it_stays_while_others_work,
    it_stays_while_the_gpu_works,
    it_goes_between_two_who_open_it,
    it_is_loaded_and_unloaded_fifty_times,
];

/// Loads and unloads the module so many times, each time with something done in between.
pub(in crate::suites) fn load_and_unload(times: usize) {
    module().remove().expect("nobody uses it");
    for time in 0..times {
        module().insert().expect("the module is inserted");
        let device = open();
        let object = Object::gpumem(&device, 0x1000, 0).expect("memory is allocated");
        assert_eq!(object.id, 1, "time {time}");
        if time % 10 == 0 {
            let bench = Bench::new(&device);
            bench.run(Commands::default().nop(&[]));
        }
        drop(device);
        module().remove().expect("nobody uses it any more");
        assert!(!Path::new(NODE).exists(), "time {time}");
    }
    module().insert().expect("the module is inserted");
}

fn it_is_loaded_and_unloaded_fifty_times() {
    load_and_unload(50);
}

fn is_busy() {
    assert_eq!(module().remove(), Err(Errno::AGAIN));
    assert!(module().is_loaded());
}

fn it_stays_while_others_work() {
    let others: Vec<_> = (0..4).map(|_| start(&["submit"])).collect();
    (0..20).for_each(|_| is_busy());
    others.into_iter().for_each(kill);
    nothing_is_left();
}

fn fence(device: &Device, context: &Context<'_>, timestamp: u32) -> Fence {
    let mut private = TimestampEventFence { fence_fd: -1 };
    let mut argument = TimestampEvent {
        kind: TIMESTAMP_EVENT_FENCE,
        timestamp,
        context_id: context.id,
        private: address(&mut private),
        len: 4,
        ..TimestampEvent::default()
    };
    device
        .ioctl(TIMESTAMP_EVENT, &mut argument)
        .expect("there is a fence");
    Fence::take(private.fence_fd)
}

/// Whatever of it is still held keeps it: the file, then the mapping, then the fence.
fn it_stays_while_the_gpu_works() {
    let device = open();
    let bench = Bench::new(&device);
    let timestamp = bench.block(0);
    let fence = fence(&device, &bench.context, timestamp);
    is_busy();
    let Bench {
        instructions,
        memory,
        ..
    } = bench;
    drop(device);
    is_busy();
    drop(instructions);
    is_busy();
    drop(memory);
    is_busy();
    assert!(fence.poll(super::LONG), "its file is closed");
    is_busy();
    drop(fence);
    nothing_is_left();
}

/// Whoever opens the node gets a device that works, or none; whoever unloads, all of it or nothing.
fn it_goes_between_two_who_open_it() {
    let done = AtomicBool::new(false);
    let opened = AtomicUsize::new(0);
    let use_it = || {
        while !done.load(Ordering::Relaxed) {
            match Device::open() {
                Ok(device) => {
                    Object::gpumem(&device, 0x1000, 0).expect("memory is allocated");
                    opened.fetch_add(1, Ordering::Relaxed);
                }
                Err(error) => {
                    let number = error.raw_os_error();
                    let gone = [Errno::NOENT, Errno::NODEV, Errno::NXIO].map(Errno::raw_os_error);
                    assert!(
                        number.is_some_and(|number| gone.contains(&number)),
                        "{error}"
                    );
                }
            }
            // Long enough for the module to be unused now and then.
            thread::sleep(Duration::from_millis(5));
        }
    };
    thread::scope(|scope| {
        (0..2).for_each(|_| {
            scope.spawn(use_it);
        });
        let mut removed = 0;
        while removed < 20 || opened.load(Ordering::Relaxed) < 20 {
            match module().remove() {
                Ok(()) => {
                    removed += 1;
                    module().insert().expect("the module is inserted");
                }
                Err(errno) => assert_eq!(errno, Errno::AGAIN),
            }
        }
        done.store(true, Ordering::Relaxed);
    });
    nothing_is_left();
}
