// SPDX-License-Identifier: GPL-2.0

//! GPU_AUX_COMMAND: timelines that move in a context's turn.

use std::sync::Barrier;
use std::thread;

use kgsl_shim::abi::command::{
    AuxCommandGeneric, AuxCommandTimeline, GpuAuxCommand, AUX_COMMAND_BIND, AUX_COMMAND_TIMELINE,
    CMDBATCH_MARKER, GPU_AUX_COMMAND,
};
use kgsl_shim::abi::context::{TIMESTAMP_QUEUED, TIMESTAMP_RETIRED};
use kgsl_shim::abi::timeline::{TimelineValue, TIMELINE_WAIT_ALL};
use rustix::io::Errno;

use super::{create, fence, open, value, wait, LONG, NOWHERE};
use crate::client::{address, aux_signal, Bench, Context, Device, Submission, SwSync, Syncpoint};
use crate::pm4::Commands;
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    a_timeline_moves_in_its_turn,
    it_moves_after_its_points,
    it_has_a_timestamp_of_its_own,
    the_work_of_another_context_can_follow,
    what_takes_long_to_retire_is_not_overtaken,
    a_fault_before_it_keeps_it_from_moving,
    exactly_one_command_of_the_right_kind,
    a_command_for_what_is_unknown_is_refused,
    a_command_that_is_nowhere_is_refused,
];

/// How often two threads submit at once, and how many points one of them signals.
const ROUNDS: u64 = 100;
const POINTS: u64 = 1000;

fn a_timeline_moves_in_its_turn() {
    let device = open();
    let bench = Bench::new(&device);
    let id = create(&device, 0);
    bench.block(0);
    let timestamp = aux_signal(&device, &bench.context, &[(id, 3)], &[]).expect("it is submitted");
    let point = fence(&device, id, 3).expect("there is a fence");
    assert!(!point.poll(50));
    assert_eq!(value(&device, id), Ok(0));
    bench.release(0);
    wait(&device, &[(id, 3)], TIMELINE_WAIT_ALL, LONG).expect("it moves");
    assert!(point.poll(LONG));
    bench.wait(timestamp);
}

fn it_moves_after_its_points() {
    let device = open();
    let context = Context::new(&device).expect("a context is created");
    let id = create(&device, 0);
    let timeline = SwSync::new().expect("the kernel has sw_sync");
    let foreign = timeline.fence(1);
    aux_signal(&device, &context, &[(id, 1)], &[Syncpoint::Fence(&foreign)])
        .expect("it is submitted");
    assert_eq!(
        wait(&device, &[(id, 1)], TIMELINE_WAIT_ALL, 50),
        Err(Errno::TIMEDOUT)
    );
    timeline.advance();
    wait(&device, &[(id, 1)], TIMELINE_WAIT_ALL, LONG).expect("it moves");
}

fn it_has_a_timestamp_of_its_own() {
    let device = open();
    let bench = Bench::new(&device);
    let id = create(&device, 0);
    assert_eq!(bench.run(Commands::default().nop(&[])), 1);
    let aux = aux_signal(&device, &bench.context, &[(id, 1)], &[]);
    assert_eq!(aux, Ok(2));
    assert_eq!(bench.run(Commands::default().nop(&[])), 3);
}

fn the_work_of_another_context_can_follow() {
    let device = open();
    let (first, second) = (Bench::new(&device), Bench::new(&device));
    let id = create(&device, 0);
    let there = create(&device, 0);
    first.block(0);
    aux_signal(&device, &first.context, &[(id, 1)], &[]).expect("it is submitted");
    let point = [(id, 1)];
    let after = [Syncpoint::Timelines(&point)];
    aux_signal(&device, &second.context, &[(there, 1)], &after).expect("it is submitted");
    assert_eq!(
        wait(&device, &[(there, 1)], TIMELINE_WAIT_ALL, 50),
        Err(Errno::TIMEDOUT)
    );
    first.release(0);
    wait(&device, &[(there, 1)], TIMELINE_WAIT_ALL, LONG).expect("it moves");
}

/// A timestamp never retires before an earlier one, wherever the work of either is done: in the call that submits, or by
/// a worker.
fn what_takes_long_to_retire_is_not_overtaken() {
    let device = open();
    let context = Context::new(&device).expect("a context is created");
    let id = create(&device, 0);
    for round in 0..ROUNDS {
        let points: Vec<_> = (1..=POINTS)
            .map(|point| (id, round * POINTS + point))
            .collect();
        let barrier = Barrier::new(2);
        let timestamps = thread::scope(|scope| {
            let long = scope.spawn(|| {
                barrier.wait();
                aux_signal(&device, &context, &points, &[])
            });
            let short = scope.spawn(|| {
                barrier.wait();
                Submission {
                    flags: CMDBATCH_MARKER,
                    ..Submission::default()
                }
                .submit(&device, &context, &[])
            });
            [long, short].map(|thread| thread.join().expect("it ends").expect("it is submitted"))
        });
        let [long, short] = timestamps;
        context.wait(long.max(short), LONG).expect("both retire");
        assert_eq!(context.timestamp(TIMESTAMP_RETIRED), Ok(long.max(short)));
    }
}

fn a_fault_before_it_keeps_it_from_moving() {
    let device = open();
    let bench = Bench::new(&device);
    let id = create(&device, 0);
    bench.block(0);
    let bad = Commands::default().packet(0x7f, &[0]).clone();
    bench.submit_at(0, &bad).expect("it is submitted");
    let behind = aux_signal(&device, &bench.context, &[(id, 1)], &[]).expect("it is submitted");
    bench.release(0);
    assert_eq!(bench.context.wait(behind, LONG), Err(Errno::DEADLK));
    assert_eq!(value(&device, id), Ok(0));
}

/// The call with one command, which `change` spoils.
fn spoiled(
    device: &Device,
    context: &Context<'_>,
    change: impl Fn(&mut GpuAuxCommand, &mut AuxCommandGeneric, &mut AuxCommandTimeline),
) -> Result<(), Errno> {
    let mut values = [TimelineValue {
        seqno: 1,
        timeline: create(device, 0),
        pad: 0,
    }];
    let mut timeline = AuxCommandTimeline {
        timelines: address(&mut values[..]),
        count: 1,
        timelines_size: 16,
    };
    let mut generic = AuxCommandGeneric {
        size: 16,
        kind: AUX_COMMAND_TIMELINE,
        ..AuxCommandGeneric::default()
    };
    let mut command = GpuAuxCommand {
        flags: u64::from(AUX_COMMAND_TIMELINE),
        cmdsize: 24,
        numcmds: 1,
        context_id: context.id,
        ..GpuAuxCommand::default()
    };
    generic.private = address(&mut timeline);
    command.cmdlist = address(&mut generic);
    change(&mut command, &mut generic, &mut timeline);
    let result = device.ioctl(GPU_AUX_COMMAND, &mut command);
    assert!(result.is_ok() || value(device, values[0].timeline) == Ok(0));
    result
}

fn exactly_one_command_of_the_right_kind() {
    let device = open();
    let context = Context::new(&device).expect("a context is created");
    assert_eq!(spoiled(&device, &context, |_, _, _| ()), Ok(()));
    for count in [0, 2, u32::MAX] {
        let refused = spoiled(&device, &context, |command, _, _| command.numcmds = count);
        assert_eq!(refused, Err(Errno::INVAL), "{count}");
    }
    let bind = u64::from(AUX_COMMAND_BIND);
    for flags in [0, bind, 1 << 40] {
        let refused = spoiled(&device, &context, |command, _, _| command.flags = flags);
        assert_eq!(refused, Err(Errno::INVAL), "{flags:#x}");
    }
    for kind in [0, 3, 4, u32::MAX] {
        let refused = spoiled(&device, &context, |_, generic, _| generic.kind = kind);
        assert_eq!(refused, Err(Errno::INVAL), "{kind}");
    }
    let refused = spoiled(&device, &context, |command, _, _| command.numsyncs = 33);
    assert_eq!(refused, Err(Errno::INVAL), "CVE-2023-33106 was this count");
    let refused = spoiled(&device, &context, |_, _, timeline| timeline.count = 0);
    assert_eq!(refused, Err(Errno::INVAL));
    assert_eq!(context.timestamp(TIMESTAMP_QUEUED), Ok(1));
}

fn a_command_for_what_is_unknown_is_refused() {
    let (device, other) = (open(), open());
    let foreign = Context::new(&other).expect("a context is created");
    for id in [0, foreign.id, u32::MAX] {
        let refused = spoiled(&device, &Context::of(&device, id), |_, _, _| ());
        assert_eq!(refused, Err(Errno::INVAL), "{id}");
    }
    let context = Context::new(&device).expect("a context is created");
    let refused = aux_signal(&device, &context, &[(9999, 1)], &[]);
    assert_eq!(refused, Err(Errno::NODEV));
    assert_eq!(context.timestamp(TIMESTAMP_QUEUED), Ok(0));
}

fn a_command_that_is_nowhere_is_refused() {
    let device = open();
    let context = Context::new(&device).expect("a context is created");
    for nowhere in NOWHERE {
        let results = [
            spoiled(&device, &context, |command, _, _| command.cmdlist = nowhere),
            spoiled(&device, &context, |_, generic, _| generic.private = nowhere),
            spoiled(&device, &context, |_, _, timeline| {
                timeline.timelines = nowhere;
            }),
        ];
        assert_eq!(results, [Err(Errno::FAULT); 3], "{nowhere:#x}");
    }
    assert_eq!(context.timestamp(TIMESTAMP_QUEUED), Ok(0));
}
