// SPDX-License-Identifier: GPL-2.0

//! What a submission waits for: timestamps, fences of any driver, and timelines.

use std::io::{BufRead, BufReader};
use std::os::fd::AsFd;
use std::process::{Command, Stdio};

use kgsl_shim::abi::command::{
    CommandSyncpoint, GpuCommand, CMDBATCH_MARKER, CMDBATCH_SYNC, GPU_COMMAND, MAX_SYNCPOINTS,
    SYNCPOINT_FENCE,
};
use kgsl_shim::abi::context::{CONTEXT_USER_GENERATED_TS, TIMESTAMP_QUEUED};
use kgsl_shim::abi::timeline::{TimelineCreate, TIMELINE_CREATE};
use rustix::io::Errno;

use super::timestamp::fence;
use super::{open, LONG};
use crate::client::{Bench, Context, Device, Fence, Submission, SwSync, Syncpoint};
use crate::pm4::Commands;
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    a_submission_waits_for_a_timestamp_of_another_context,
    a_submission_waits_across_files,
    a_submission_waits_across_processes,
    a_submission_waits_for_a_fence_of_another_driver,
    a_submission_waits_for_a_timeline,
    a_submission_waits_for_all_its_points,
    what_has_come_to_pass_is_not_waited_for,
    a_barrier_has_no_timestamp_and_holds_up_what_follows,
    a_barrier_without_points_is_nothing,
    a_marker_waits_its_turn,
    an_own_future_timestamp_is_refused,
    a_context_with_its_own_numbers_cannot_wait_for_its_future,
    points_that_are_none_are_refused,
    points_are_bounded,
    a_destroyed_context_is_not_waited_for,
    destroying_drops_what_waits_for_a_fence,
    closing_while_a_submission_waits_is_clean,
];

/// A submission that writes 7 to the first dword of the bench's data.
fn write(bench: &Bench<'_>) -> Submission {
    let commands = Commands::default().mem_write(bench.dword(0), &[7]).clone();
    let (address, dwords) = bench.write_at(0, &commands);
    Submission {
        buffers: vec![Context::buffer(address, dwords as u64 * 4)],
        ..Submission::default()
    }
}

/// Submits a write that waits for the point, and fails unless it runs after `release` and not before.
fn must_wait(device: &Device, bench: &Bench<'_>, point: Syncpoint<'_>, release: impl FnOnce()) {
    let timestamp = write(bench)
        .submit(device, &bench.context, &[point])
        .expect("it is submitted");
    assert_eq!(bench.context.wait(timestamp, 100), Err(Errno::TIMEDOUT));
    assert_eq!(bench.memory.read(0, 1), [0]);
    release();
    bench.wait(timestamp);
    assert_eq!(bench.memory.read(0, 1), [7]);
}

fn a_submission_waits_for_a_timestamp_of_another_context() {
    let device = open();
    let (first, second) = (Bench::new(&device), Bench::new(&device));
    let blocked = first.block(0);
    let point = Syncpoint::Timestamp(first.context.id, blocked);
    must_wait(&device, &second, point, || first.release(0));
}

fn a_submission_waits_across_files() {
    let (here, there) = (open(), open());
    let (first, second) = (Bench::new(&here), Bench::new(&there));
    let blocked = first.block(0);
    let point = Syncpoint::Timestamp(first.context.id, blocked);
    must_wait(&there, &second, point, || first.release(0));
}

/// What the other process says: first while it waits, and then when its submission has run.
fn run_elsewhere(arguments: &[&str], stdin: Stdio, release: impl FnOnce()) {
    let mut child = Command::new("/bin/client")
        .args(arguments)
        .stdin(stdin)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the other process starts");
    let output = child.stdout.take().expect("it is a pipe");
    let mut lines = BufReader::new(output).lines();
    let mut line = || lines.next().expect("it says more").expect("it is read");
    assert_eq!(line(), "110 0", "it waits, and nothing is written");
    release();
    assert_eq!(line(), "7");
    assert!(child.wait().expect("it ends").success());
}

/// A foreign fence holds the work up, since the GPU itself would not wait for as long as a process may take to start.
fn a_submission_waits_across_processes() {
    let device = open();
    let bench = Bench::new(&device);
    let timeline = SwSync::new().expect("the kernel has sw_sync");
    let hold = |value| {
        let fence = timeline.fence(value);
        let marker = flags(CMDBATCH_MARKER);
        let held = marker.submit(&device, &bench.context, &[Syncpoint::Fence(&fence)]);
        held.expect("it is submitted")
    };
    let (context, timestamp) = (bench.context.id.to_string(), hold(1).to_string());
    let errand = ["wait-for-timestamp", &context, &timestamp];
    run_elsewhere(&errand, Stdio::null(), || timeline.advance());
    let fence = fence(&device, bench.context.id, hold(2)).expect("there is a fence");
    let stdin = fence.as_fd().try_clone_to_owned();
    let stdin = Stdio::from(stdin.expect("it is duplicated"));
    run_elsewhere(&["wait-for-fence"], stdin, || timeline.advance());
}

fn a_submission_waits_for_a_fence_of_another_driver() {
    let device = open();
    let bench = Bench::new(&device);
    let timeline = SwSync::new().expect("the kernel has sw_sync");
    let fence = timeline.fence(1);
    must_wait(&device, &bench, Syncpoint::Fence(&fence), || {
        timeline.advance();
    });
}

fn create_timeline(device: &Device) -> u32 {
    let mut argument = TimelineCreate::default();
    device
        .ioctl(TIMELINE_CREATE, &mut argument)
        .expect("a timeline is created");
    argument.id
}

fn a_submission_waits_for_a_timeline() {
    let device = open();
    let bench = Bench::new(&device);
    let other = Context::new(&device).expect("a context is created");
    let (first, second) = (create_timeline(&device), create_timeline(&device));
    let points = [(first, 5), (second, 1)];
    must_wait(&device, &bench, Syncpoint::Timelines(&points), || {
        let signal = |points: &[_]| crate::client::aux_signal(&device, &other, points, &[]);
        signal(&[(first, 4)]).expect("it is submitted");
        signal(&[(first, 9), (second, 1)]).expect("it is submitted");
    });
}

fn a_submission_waits_for_all_its_points() {
    let device = open();
    let (first, second) = (Bench::new(&device), Bench::new(&device));
    let timeline = SwSync::new().expect("the kernel has sw_sync");
    let fence = timeline.fence(1);
    let points = [
        Syncpoint::Timestamp(first.context.id, first.block(0)),
        Syncpoint::Fence(&fence),
    ];
    let timestamp = write(&second)
        .submit(&device, &second.context, &points)
        .expect("it is submitted");
    first.release(0);
    assert_eq!(second.context.wait(timestamp, 100), Err(Errno::TIMEDOUT));
    timeline.advance();
    second.wait(timestamp);
}

fn what_has_come_to_pass_is_not_waited_for() {
    let device = open();
    let (first, second) = (Bench::new(&device), Bench::new(&device));
    let done = first.run(Commands::default().nop(&[]));
    let points = [
        Syncpoint::Timestamp(first.context.id, done),
        Syncpoint::Timestamp(first.context.id, 0),
        Syncpoint::Timestamp(second.context.id, 0),
    ];
    let timestamp = write(&second)
        .submit(&device, &second.context, &points)
        .expect("it is submitted");
    second.wait(timestamp);
}

fn flags(flags: u32) -> Submission {
    Submission {
        flags,
        ..Submission::default()
    }
}

fn a_barrier_has_no_timestamp_and_holds_up_what_follows() {
    let device = open();
    let bench = Bench::new(&device);
    let timeline = SwSync::new().expect("the kernel has sw_sync");
    let fence = timeline.fence(1);
    let barrier = flags(CMDBATCH_SYNC).submit(&device, &bench.context, &[Syncpoint::Fence(&fence)]);
    assert_eq!(barrier, Ok(0));
    assert_eq!(bench.context.timestamp(TIMESTAMP_QUEUED), Ok(0));
    let timestamp = write(&bench)
        .submit(&device, &bench.context, &[])
        .expect("it is submitted");
    assert_eq!(timestamp, 1);
    assert_eq!(bench.context.wait(timestamp, 100), Err(Errno::TIMEDOUT));
    timeline.advance();
    bench.wait(timestamp);
}

fn a_barrier_without_points_is_nothing() {
    let device = open();
    let bench = Bench::new(&device);
    let barrier = flags(CMDBATCH_SYNC).submit(&device, &bench.context, &[]);
    assert_eq!(barrier, Ok(0));
    assert_eq!(bench.run(Commands::default().nop(&[])), 1);
}

fn a_marker_waits_its_turn() {
    let device = open();
    let bench = Bench::new(&device);
    let alone = flags(CMDBATCH_MARKER)
        .submit(&device, &bench.context, &[])
        .expect("it is submitted");
    bench.wait(alone);
    bench.block(0);
    let behind = flags(CMDBATCH_MARKER)
        .submit(&device, &bench.context, &[])
        .expect("it is submitted");
    assert_eq!(behind, 3);
    assert_eq!(bench.context.wait(behind, 100), Err(Errno::TIMEDOUT));
    bench.release(0);
    bench.wait(behind);
}

fn an_own_future_timestamp_is_refused() {
    let device = open();
    let (bench, other) = (Bench::new(&device), Bench::new(&device));
    for point in [
        Syncpoint::Timestamp(bench.context.id, 1),
        Syncpoint::Timestamp(other.context.id, 1),
        Syncpoint::Timestamp(0, 0),
        Syncpoint::Timestamp(u32::MAX, 0),
    ] {
        let refused = write(&bench).submit(&device, &bench.context, &[point]);
        assert_eq!(refused, Err(Errno::INVAL), "{point:?}");
    }
    assert_eq!(bench.context.timestamp(TIMESTAMP_QUEUED), Ok(0));
}

fn a_context_with_its_own_numbers_cannot_wait_for_its_future() {
    let device = open();
    let bench = Bench::with_flags(&device, Context::USUAL | CONTEXT_USER_GENERATED_TS);
    let point = Syncpoint::Timestamp(bench.context.id, 7);
    let refused = write(&bench).submit(&device, &bench.context, &[point]);
    assert_eq!(refused, Err(Errno::INVAL));
    assert_eq!(bench.context.timestamp(TIMESTAMP_QUEUED), Ok(0));
}

fn points_that_are_none_are_refused() {
    let device = open();
    let bench = Bench::new(&device);
    let no_fence = Fence::from(std::os::fd::OwnedFd::from(
        std::fs::File::open("/dev/null").expect("it opens"),
    ));
    for (point, errno) in [
        (Syncpoint::Unknown, Errno::INVAL),
        (Syncpoint::Fence(&no_fence), Errno::INVAL),
        (Syncpoint::Timelines(&[(9999, 1)]), Errno::NOENT),
    ] {
        let refused = write(&bench).submit(&device, &bench.context, &[point]);
        assert_eq!(refused, Err(errno), "{point:?}");
    }
    let mut nowhere = [CommandSyncpoint {
        private: 8,
        size: 4,
        kind: SYNCPOINT_FENCE,
        pad: 0,
    }];
    for synclist in [8, crate::client::address(&mut nowhere[..])] {
        let mut command = GpuCommand {
            flags: u64::from(CMDBATCH_SYNC),
            synclist,
            syncsize: 24,
            numsyncs: 1,
            context_id: bench.context.id,
            ..GpuCommand::default()
        };
        let refused = device.ioctl(GPU_COMMAND, &mut command);
        assert_eq!(refused, Err(Errno::FAULT));
    }
}

fn points_are_bounded() {
    let device = open();
    let (first, second) = (Bench::new(&device), Bench::new(&device));
    let blocked = first.block(0);
    let count = usize::try_from(MAX_SYNCPOINTS).expect("the limit is small");
    let mut points = vec![Syncpoint::Timestamp(first.context.id, blocked); count];
    let timestamp = write(&second)
        .submit(&device, &second.context, &points)
        .expect("the limit itself is allowed");
    points.push(points[0]);
    let refused = write(&second).submit(&device, &second.context, &points);
    assert_eq!(refused, Err(Errno::INVAL));
    first.release(0);
    second.wait(timestamp);
}

fn a_destroyed_context_is_not_waited_for() {
    let device = open();
    let other = open();
    let bench = Bench::new(&device);
    let point = {
        let foreign = Bench::new(&other);
        Syncpoint::Timestamp(foreign.context.id, foreign.block(0))
    };
    must_wait(&device, &bench, point, || drop(other));
}

fn closing_while_a_submission_waits_is_clean() {
    let timeline = SwSync::new().expect("the kernel has sw_sync");
    let fence = timeline.fence(1);
    for _ in 0..10 {
        let device = open();
        let bench = Bench::new(&device);
        for _ in 0..5 {
            let submitted =
                write(&bench).submit(&device, &bench.context, &[Syncpoint::Fence(&fence)]);
            assert!(submitted.is_ok());
        }
    }
    timeline.advance();
    assert!(fence.poll(LONG));
}

/// Nobody says when that comes: as in the C driver, what has not begun is dropped.
fn destroying_drops_what_waits_for_a_fence() {
    let device = open();
    let bench = Bench::new(&device);
    let timeline = SwSync::new().expect("the kernel has sw_sync");
    let waited_for = timeline.fence(1);
    let commands = Commands::default().mem_write(bench.dword(0), &[7]).clone();
    let (address, dwords) = bench.write_at(0, &commands);
    let submission = Submission {
        buffers: vec![Context::buffer(address, dwords as u64 * 4)],
        ..Submission::default()
    };
    let timestamp = submission
        .submit(&device, &bench.context, &[Syncpoint::Fence(&waited_for)])
        .expect("it is submitted");
    let retired = fence(&device, bench.context.id, timestamp).expect("there is a fence");
    bench.context.destroy().expect("it is destroyed");
    assert!(!waited_for.is_signaled() && retired.is_signaled());
    timeline.advance();
    Bench::new(&device).run(Commands::default().nop(&[]));
    assert_eq!(bench.memory.read(0, 1), [0]);
}
