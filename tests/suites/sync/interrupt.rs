// SPDX-License-Identifier: GPL-2.0

//! Waits that a signal interrupts: they fail with EINTR or go on, as the program wants it, and never forget what they wait
//! for.

use std::sync::mpsc;
use std::thread;

use kgsl_shim::abi::command::CMDBATCH_MARKER;
use kgsl_shim::abi::timeline::{
    TimelineCreate, TimelineValue, TimelineWait, TIMELINE_CREATE, TIMELINE_WAIT, TIMELINE_WAIT_ALL,
    TIMELINE_WAIT_ANY,
};
use rustix::io::Errno;

use super::{open, LONG};
use crate::client::{
    address, aux_signal, handle, Bench, Context, Device, Restart, Submission, SwSync, Syncpoint,
    Thread,
};
use crate::pm4::Commands;
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    a_signal_ends_the_wait_for_a_timestamp,
    a_wait_for_a_timestamp_goes_on_after_a_signal,
    a_signal_ends_the_wait_for_a_timeline,
    a_wait_for_a_timeline_goes_on_after_a_signal,
    a_signal_ends_the_wait_for_room_in_the_queue,
    a_wait_for_room_in_the_queue_goes_on_after_a_signal,
    a_signal_ends_the_wait_for_a_context_that_is_destroyed,
    a_wait_with_a_timeout_ends_at_it_after_signals,
];

/// Submissions that fit a context's queue.
const QUEUE: usize = 50;

/// The timeout that means for ever.
const FOREVER: u32 = u32::MAX;

/// A context whose work waits for a fence of another driver.
struct Held<'device> {
    device: &'device Device,
    context: Context<'device>,
    timeline: SwSync,
    timestamp: u32,
}

fn marker() -> Submission {
    Submission {
        flags: CMDBATCH_MARKER,
        ..Submission::default()
    }
}

impl<'device> Held<'device> {
    fn new(device: &'device Device) -> Self {
        let context = Context::new(device).expect("a context is created");
        let timeline = SwSync::new().expect("the kernel has sw_sync");
        let fence = timeline.fence(1);
        let timestamp = marker()
            .submit(device, &context, &[Syncpoint::Fence(&fence)])
            .expect("it is submitted");
        Self {
            device,
            context,
            timeline,
            timestamp,
        }
    }

    fn submit(&self) -> Result<u32, Errno> {
        marker().submit(self.device, &self.context, &[])
    }

    fn fill_queue(&self) {
        (1..QUEUE).for_each(|_| {
            self.submit().expect("there is room");
        });
    }
}

/// Waits in a thread, interrupts it, and then does what ends the wait; how it ended.
fn interrupted<T: Send>(
    restart: Restart,
    wait: impl FnOnce() -> T + Send,
    end: impl FnOnce(),
) -> T {
    handle(restart);
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        let waiter = scope.spawn(move || {
            sender.send(Thread::current()).expect("somebody listens");
            wait()
        });
        let thread = receiver.recv().expect("the thread has begun");
        thread.interrupt();
        if restart == Restart::Yes {
            // Again, since the first may have come before the wait.
            thread.interrupt();
            end();
        }
        waiter.join().expect("it does not panic")
    })
}

fn a_signal_ends_the_wait_for_a_timestamp() {
    let device = open();
    for timeout in [LONG, FOREVER] {
        let held = Held::new(&device);
        let wait = || held.context.wait(held.timestamp, timeout);
        assert_eq!(interrupted(Restart::No, wait, || ()), Err(Errno::INTR));
        held.timeline.advance();
        assert_eq!(held.context.wait(held.timestamp, LONG), Ok(()));
    }
}

fn a_wait_for_a_timestamp_goes_on_after_a_signal() {
    let device = open();
    for timeout in [LONG, FOREVER] {
        let held = Held::new(&device);
        let wait = || held.context.wait(held.timestamp, timeout);
        let end = || held.timeline.advance();
        assert_eq!(interrupted(Restart::Yes, wait, end), Ok(()));
    }
}

/// Waits for a point of a timeline that nobody but the test reaches.
fn wait_for_point(device: &Device, timeline: u32, flags: u32) -> Result<(), Errno> {
    let mut points = [TimelineValue {
        seqno: 1,
        timeline,
        pad: 0,
    }];
    let mut argument = TimelineWait {
        tv_sec: i64::from(LONG) / 1000,
        timelines: address(&mut points[..]),
        count: 1,
        timelines_size: 16,
        flags,
        ..TimelineWait::default()
    };
    device.ioctl(TIMELINE_WAIT, &mut argument)
}

fn create_timeline(device: &Device) -> u32 {
    let mut argument = TimelineCreate::default();
    device
        .ioctl(TIMELINE_CREATE, &mut argument)
        .expect("a timeline is created");
    argument.id
}

fn a_signal_ends_the_wait_for_a_timeline() {
    let device = open();
    for flags in [TIMELINE_WAIT_ALL, TIMELINE_WAIT_ANY] {
        let timeline = create_timeline(&device);
        let wait = || wait_for_point(&device, timeline, flags);
        assert_eq!(interrupted(Restart::No, wait, || ()), Err(Errno::INTR));
    }
}

/// The point is reached by the GPU, in the turn of a context that waits for another driver's fence.
fn a_wait_for_a_timeline_goes_on_after_a_signal() {
    let device = open();
    for flags in [TIMELINE_WAIT_ALL, TIMELINE_WAIT_ANY] {
        let (timeline, held) = (create_timeline(&device), Held::new(&device));
        aux_signal(&device, &held.context, &[(timeline, 1)], &[]).expect("it is submitted");
        let wait = || wait_for_point(&device, timeline, flags);
        let end = || held.timeline.advance();
        assert_eq!(interrupted(Restart::Yes, wait, end), Ok(()));
    }
}

fn a_signal_ends_the_wait_for_room_in_the_queue() {
    let device = open();
    let held = Held::new(&device);
    held.fill_queue();
    let refused = interrupted(Restart::No, || held.submit(), || ());
    assert_eq!(refused, Err(Errno::INTR));
    held.timeline.advance();
    let next = held.timestamp + u32::try_from(QUEUE).expect("it is small");
    assert_eq!(
        held.submit(),
        Ok(next),
        "what was interrupted has no timestamp"
    );
    assert_eq!(held.context.wait(next, LONG), Ok(()));
}

fn a_wait_for_room_in_the_queue_goes_on_after_a_signal() {
    let device = open();
    let held = Held::new(&device);
    held.fill_queue();
    let submitted = interrupted(Restart::Yes, || held.submit(), || held.timeline.advance());
    let next = held.timestamp + u32::try_from(QUEUE).expect("it is small");
    assert_eq!(submitted, Ok(next), "it was submitted once");
    assert_eq!(held.context.wait(next, LONG), Ok(()));
}

/// Destroying waits for the work; a signal has it go on without, and the context is gone all the same.
fn a_signal_ends_the_wait_for_a_context_that_is_destroyed() {
    let device = open();
    for restart in [Restart::No, Restart::Yes] {
        let bench = Bench::new(&device);
        bench.block(0);
        let destroyed = interrupted(restart, || bench.context.destroy(), || ());
        assert_eq!(destroyed, Ok(()));
        let refused = bench.submit_at(0, Commands::default().nop(&[]));
        assert_eq!(refused, Err(Errno::INVAL));
    }
}

fn a_wait_with_a_timeout_ends_at_it_after_signals() {
    let device = open();
    let held = Held::new(&device);
    let waited = interrupted(
        Restart::Yes,
        || held.context.wait(held.timestamp, 200),
        || (),
    );
    assert_eq!(waited, Err(Errno::TIMEDOUT));
}
