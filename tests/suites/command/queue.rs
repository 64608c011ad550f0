// SPDX-License-Identifier: GPL-2.0

//! GPU_COMMAND: timestamps that the program chooses, profiles, memory lists and the queue of a context.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use kgsl_shim::abi::command::{
    CommandObject, CMDBATCH_MARKER, CMDBATCH_PROFILING, CMDBATCH_PROFILING_KTIME,
    CMDLIST_CTXTSWITCH_PREAMBLE, CMDLIST_IB_PREAMBLE, MAX_NUMIBS, OBJLIST_MEMOBJ, OBJLIST_PROFILE,
};
use kgsl_shim::abi::context::{
    CONTEXT_USER_GENERATED_TS, TIMESTAMP_CONSUMED, TIMESTAMP_QUEUED, TIMESTAMP_RETIRED,
};
use rustix::io::Errno;

use super::{open, LONG, PAGE};
use crate::client::{Bench, Context, Object, Submission, SwSync, Syncpoint};
use crate::pm4::Commands;
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    the_program_may_choose_timestamps,
    a_chosen_timestamp_must_come_after_the_last,
    chosen_timestamps_wrap,
    a_chosen_timestamp_can_be_waited_for_before_it_is_queued,
    preambles_run,
    a_profile_says_when_it_ran,
    a_profile_is_only_written_where_it_fits,
    a_list_of_objects_is_checked,
    a_full_queue_holds_the_program_up,
    destroying_waits_for_the_work,
    a_context_that_is_being_destroyed_takes_no_more,
    submitting_and_destroying_may_race,
];

/// How many submissions wait in a context before the program does.
const QUEUE: usize = 50;

fn marker(timestamp: u32) -> Submission {
    Submission {
        flags: CMDBATCH_MARKER,
        timestamp,
        ..Submission::default()
    }
}

fn the_program_may_choose_timestamps() {
    let device = open();
    let bench = Bench::with_flags(&device, Context::USUAL | CONTEXT_USER_GENERATED_TS);
    for timestamp in [5, 6, 1000, 0x7000_0000] {
        let given = marker(timestamp).submit(&device, &bench.context, &[]);
        assert_eq!(given, Ok(timestamp));
        bench.wait(timestamp);
        for kind in [TIMESTAMP_QUEUED, TIMESTAMP_CONSUMED, TIMESTAMP_RETIRED] {
            assert_eq!(bench.context.timestamp(kind), Ok(timestamp), "{kind}");
        }
    }
}

fn a_chosen_timestamp_must_come_after_the_last() {
    let device = open();
    let bench = Bench::with_flags(&device, Context::USUAL | CONTEXT_USER_GENERATED_TS);
    let submit = |timestamp| marker(timestamp).submit(&device, &bench.context, &[]);
    assert_eq!(submit(0), Err(Errno::RANGE));
    assert_eq!(submit(100), Ok(100));
    // Half the range ahead is behind.
    for timestamp in [100, 99, 1, 0, 100 + (1 << 31) + 1] {
        assert_eq!(submit(timestamp), Err(Errno::RANGE), "{timestamp}");
    }
    assert_eq!(bench.context.timestamp(TIMESTAMP_QUEUED), Ok(100));
    assert_eq!(submit(101), Ok(101));
}

fn chosen_timestamps_wrap() {
    let device = open();
    let bench = Bench::with_flags(&device, Context::USUAL | CONTEXT_USER_GENERATED_TS);
    for timestamp in [0x7000_0000, 0xe000_0000, 0xffff_fff0, u32::MAX, 0, 5] {
        let given = marker(timestamp).submit(&device, &bench.context, &[]);
        assert_eq!(given, Ok(timestamp));
        bench.wait(timestamp);
    }
    assert_eq!(bench.context.wait(u32::MAX, 0), Ok(()), "it came before");
}

fn a_chosen_timestamp_can_be_waited_for_before_it_is_queued() {
    let device = open();
    let bench = Bench::with_flags(&device, Context::USUAL | CONTEXT_USER_GENERATED_TS);
    assert_eq!(bench.context.wait(7, 20), Err(Errno::TIMEDOUT));
    thread::scope(|scope| {
        let waiter = scope.spawn(|| bench.context.wait(7, LONG));
        marker(7)
            .submit(&device, &bench.context, &[])
            .expect("it is submitted");
        assert_eq!(waiter.join().expect("it does not panic"), Ok(()));
    });
}

fn preambles_run() {
    let device = open();
    let bench = Bench::new(&device);
    for (index, flags) in [CMDLIST_IB_PREAMBLE, CMDLIST_CTXTSWITCH_PREAMBLE]
        .into_iter()
        .enumerate()
    {
        let to = bench.dword(index as u64);
        let (address, dwords) = bench.write_at(0, Commands::default().mem_write(to, &[9]));
        let buffer = CommandObject {
            flags,
            ..Context::buffer(address, dwords as u64 * 4)
        };
        let timestamp = bench
            .context
            .submit_list(&mut [buffer])
            .expect("it is submitted");
        bench.wait(timestamp);
    }
    assert_eq!(bench.memory.read(0, 2)[0], 9);
}

/// A submission that is profiled at the offset of the object.
fn profiled(bench: &Bench<'_>, object: CommandObject, flags: u32) -> Submission {
    let (address, dwords) = bench.write_at(0, Commands::default().nop(&[1, 2, 3]));
    Submission {
        buffers: vec![Context::buffer(address, dwords as u64 * 4)],
        objects: vec![object],
        flags,
        timestamp: 0,
    }
}

/// The five numbers of a profile.
fn profile(bench: &Bench<'_>, offset: usize) -> [u64; 5] {
    let dwords = bench.memory.read(offset, 10);
    [0, 1, 2, 3, 4]
        .map(|index| u64::from(dwords[2 * index]) | (u64::from(dwords[2 * index + 1]) << 32))
}

fn a_profile_says_when_it_ran() {
    let device = open();
    let bench = Bench::new(&device);
    let by_id = CommandObject {
        offset: 64,
        id: bench.data.id,
        flags: OBJLIST_MEMOBJ | OBJLIST_PROFILE,
        ..CommandObject::default()
    };
    let by_address = CommandObject {
        gpuaddr: bench.data.gpu_address + 64,
        flags: OBJLIST_PROFILE,
        ..CommandObject::default()
    };
    for (object, flags) in [
        (by_id, CMDBATCH_PROFILING),
        (by_address, CMDBATCH_PROFILING | CMDBATCH_PROFILING_KTIME),
    ] {
        bench.memory.write(64, &[0; 10]);
        let timestamp = profiled(&bench, object, flags)
            .submit(&device, &bench.context, &[])
            .expect("it is submitted");
        let [_, _, queued, ..] = profile(&bench, 64);
        assert_ne!(queued, 0, "perfetto spins until it is there");
        bench.wait(timestamp);
        let [_, nanoseconds, queued, submitted, retired] = profile(&bench, 64);
        assert!(nanoseconds < 1_000_000_000, "{nanoseconds}");
        assert!(
            queued <= submitted && submitted <= retired,
            "{queued} {submitted} {retired}"
        );
    }
}

/// As in the C driver, a buffer that does not exist is no error, and nothing is written.
fn a_profile_is_only_written_where_it_fits() {
    let device = open();
    let bench = Bench::new(&device);
    let here = CommandObject {
        id: bench.data.id,
        flags: OBJLIST_PROFILE,
        ..CommandObject::default()
    };
    for object in [
        CommandObject {
            offset: PAGE - 32,
            ..here
        },
        CommandObject {
            offset: u64::MAX,
            ..here
        },
        CommandObject { offset: 4, ..here },
        CommandObject { id: 9999, ..here },
        CommandObject {
            id: 0,
            gpuaddr: 0x1000,
            ..here
        },
    ] {
        let timestamp = profiled(&bench, object, CMDBATCH_PROFILING)
            .submit(&device, &bench.context, &[])
            .expect("it is submitted");
        bench.wait(timestamp);
    }
    let unasked = profiled(&bench, here, 0)
        .submit(&device, &bench.context, &[])
        .expect("it is submitted");
    bench.wait(unasked);
    assert!(bench.memory.read(0, 1024).iter().all(|dword| *dword == 0));
}

fn a_list_of_objects_is_checked() {
    let device = open();
    let bench = Bench::new(&device);
    let object = CommandObject {
        id: bench.data.id,
        flags: OBJLIST_MEMOBJ,
        ..CommandObject::default()
    };
    let mut submission = profiled(&bench, object, 0);
    submission.objects[0].flags = 0;
    let refused = submission.submit(&device, &bench.context, &[]);
    assert_eq!(refused, Err(Errno::INVAL));
    let limit = usize::try_from(MAX_NUMIBS).expect("the limit is small");
    submission.objects = vec![object; limit + 1];
    let refused = submission.submit(&device, &bench.context, &[]);
    assert_eq!(refused, Err(Errno::INVAL));
    submission.objects.pop();
    let timestamp = submission
        .submit(&device, &bench.context, &[])
        .expect("the limit itself is allowed");
    assert_eq!(timestamp, 1);
    bench.wait(timestamp);
}

fn a_full_queue_holds_the_program_up() {
    let device = open();
    let bench = Bench::new(&device);
    let timeline = SwSync::new().expect("the kernel has sw_sync");
    let fence = timeline.fence(1);
    // The one that is held takes up room in the queue, too.
    marker(0)
        .submit(&device, &bench.context, &[Syncpoint::Fence(&fence)])
        .expect("it is submitted");
    for _ in 1..QUEUE {
        marker(0)
            .submit(&device, &bench.context, &[])
            .expect("there is room");
    }
    let submitted = AtomicBool::new(false);
    thread::scope(|scope| {
        let last = scope.spawn(|| {
            let last = marker(0).submit(&device, &bench.context, &[]);
            submitted.store(true, Ordering::SeqCst);
            last
        });
        thread::sleep(std::time::Duration::from_millis(100));
        assert!(!submitted.load(Ordering::SeqCst), "the queue was full");
        let consumed = bench.context.timestamp(TIMESTAMP_CONSUMED);
        assert_eq!(consumed, Ok(0), "nothing has begun");
        timeline.advance();
        let last = last.join().expect("it does not panic");
        assert_eq!(last, Ok(51));
        bench.wait(51);
    });
}

fn destroying_waits_for_the_work() {
    let device = open();
    let bench = Bench::new(&device);
    bench.block(0);
    let write = Commands::default().mem_write(bench.dword(1), &[6]).clone();
    bench.submit_at(0, &write).expect("it is submitted");
    thread::scope(|scope| {
        scope.spawn(|| bench.context.destroy().expect("it is destroyed"));
        thread::sleep(std::time::Duration::from_millis(20));
        bench.release(0);
    });
    assert_eq!(bench.memory.read(4, 1), [6]);
}

fn a_context_that_is_being_destroyed_takes_no_more() {
    let device = open();
    let bench = Bench::new(&device);
    bench.block(0);
    let nop = Commands::default().nop(&[]).clone();
    thread::scope(|scope| {
        scope.spawn(|| bench.context.destroy().expect("it is destroyed"));
        let refused = loop {
            if let Err(errno) = bench.submit_at(0, &nop) {
                break errno;
            }
        };
        bench.release(0);
        assert_eq!(refused, Errno::NOENT);
    });
}

fn submitting_and_destroying_may_race() {
    let device = open();
    let object = Object::gpumem(&device, PAGE, 0).expect("memory is allocated");
    let nop = Commands::default().nop(&[]).clone();
    object
        .map(&device)
        .expect("it is mapped")
        .write(0, nop.dwords());
    for _ in 0..50 {
        let context = Context::new(&device).expect("a context is created");
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let refused = loop {
                        if let Err(errno) = context.submit(object.gpu_address, 1) {
                            break errno;
                        }
                    };
                    assert!(
                        matches!(refused, Errno::INVAL | Errno::NOENT),
                        "{refused:?}"
                    );
                });
            }
            thread::yield_now();
            context.destroy().expect("it is destroyed");
        });
    }
}
