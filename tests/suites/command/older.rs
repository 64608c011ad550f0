// SPDX-License-Identifier: GPL-2.0

//! SUBMIT_COMMANDS and RINGBUFFER_ISSUEIBCMDS, the older ways to submit.

use kgsl_shim::abi::command::{
    CmdSyncpoint, IbDesc, RingbufferIssueIbCmds, SubmitCommands, SyncpointTimestamp,
    CMDBATCH_MARKER, CMDBATCH_SUBMIT_IB_LIST, CMDBATCH_SYNC, MAX_NUMIBS, RINGBUFFER_ISSUEIBCMDS,
    SUBMIT_COMMANDS, SYNCPOINT_TIMESTAMP,
};
use kgsl_shim::abi::context::TIMESTAMP_QUEUED;
use rustix::io::Errno;

use super::{open, NOWHERE, PAGE};
use crate::client::{address, Bench, Context, Device};
use crate::pm4::Commands;
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    submit_commands_runs_a_list,
    submit_commands_waits_for_its_points,
    submit_commands_knows_markers_and_barriers,
    submit_commands_refuses_what_cannot_be,
    issue_ib_runs_a_list,
    issue_ib_runs_the_one_in_the_structure,
    issue_ib_refuses_what_cannot_be,
];

/// Descriptors of command buffers, each of which writes its number to the data's dword of that index.
fn writes(bench: &Bench<'_>, count: u32) -> Vec<IbDesc> {
    let descriptor = |index: u32| {
        let commands = Commands::default()
            .mem_write(bench.dword(u64::from(index)), &[index + 1])
            .clone();
        let (gpuaddr, dwords) = bench.write_at(u64::from(index) * 64, &commands);
        IbDesc {
            gpuaddr,
            sizedwords: dwords as u64,
            ..IbDesc::default()
        }
    };
    (0..count).map(descriptor).collect()
}

fn submit(
    device: &Device,
    context: u32,
    list: &mut [IbDesc],
    points: &mut [CmdSyncpoint],
    flags: u32,
) -> Result<u32, Errno> {
    let mut argument = SubmitCommands {
        context_id: context,
        flags,
        cmdlist: address(list),
        numcmds: u32::try_from(list.len()).expect("there are few"),
        synclist: address(points),
        numsyncs: u32::try_from(points.len()).expect("there are few"),
        ..SubmitCommands::default()
    };
    device.ioctl(SUBMIT_COMMANDS, &mut argument)?;
    Ok(argument.timestamp)
}

fn submit_commands_runs_a_list() {
    let device = open();
    let bench = Bench::new(&device);
    let mut list = writes(&bench, 5);
    let timestamp = submit(&device, bench.context.id, &mut list, &mut [], 0);
    assert_eq!(timestamp, Ok(1));
    bench.wait(1);
    assert_eq!(bench.memory.read(0, 6), [1, 2, 3, 4, 5, 0]);
}

fn submit_commands_waits_for_its_points() {
    let device = open();
    let (first, second) = (Bench::new(&device), Bench::new(&device));
    let mut point = SyncpointTimestamp {
        context_id: first.context.id,
        timestamp: first.block(0),
    };
    let mut points = [CmdSyncpoint {
        kind: SYNCPOINT_TIMESTAMP,
        private: address(&mut point),
        size: 8,
        ..CmdSyncpoint::default()
    }];
    let mut list = writes(&second, 1);
    let timestamp =
        submit(&device, second.context.id, &mut list, &mut points, 0).expect("it is submitted");
    assert_eq!(second.context.wait(timestamp, 100), Err(Errno::TIMEDOUT));
    assert_eq!(second.memory.read(0, 1), [0]);
    first.release(0);
    second.wait(timestamp);
    assert_eq!(second.memory.read(0, 1), [1]);
    points[0].kind = 77;
    let refused = submit(&device, second.context.id, &mut list, &mut points, 0);
    assert_eq!(refused, Err(Errno::INVAL));
}

fn submit_commands_knows_markers_and_barriers() {
    let device = open();
    let bench = Bench::new(&device);
    let id = bench.context.id;
    assert_eq!(
        submit(&device, id, &mut [], &mut [], CMDBATCH_MARKER),
        Ok(1)
    );
    assert_eq!(submit(&device, id, &mut [], &mut [], CMDBATCH_SYNC), Ok(0));
    bench.wait(1);
}

fn submit_commands_refuses_what_cannot_be() {
    let (device, other) = (open(), open());
    let bench = Bench::new(&device);
    let foreign = Context::new(&other).expect("a context is created").id;
    let good = writes(&bench, 1);
    for id in [0, foreign, u32::MAX] {
        let refused = submit(&device, id, &mut good.clone(), &mut [], 0);
        assert_eq!(refused, Err(Errno::INVAL), "{id}");
    }
    let id = bench.context.id;
    let limit = usize::try_from(MAX_NUMIBS).expect("the limit is small");
    let mut too_many = vec![good[0]; limit + 1];
    let refused = submit(&device, id, &mut too_many, &mut [], 0);
    assert_eq!(refused, Err(Errno::INVAL));
    let refused = submit(&device, id, &mut [], &mut [CmdSyncpoint::default(); 33], 0);
    assert_eq!(refused, Err(Errno::INVAL));
    for (gpuaddr, sizedwords) in bad_buffers(&good[0]) {
        let mut list = [IbDesc {
            gpuaddr,
            sizedwords,
            ..good[0]
        }];
        let refused = submit(&device, id, &mut list, &mut [], 0);
        assert_eq!(
            refused,
            Err(Errno::INVAL),
            "{sizedwords:#x} at {gpuaddr:#x}"
        );
    }
    for cmdlist in NOWHERE {
        let mut argument = SubmitCommands {
            context_id: id,
            cmdlist,
            numcmds: 1,
            ..SubmitCommands::default()
        };
        let refused = device.ioctl(SUBMIT_COMMANDS, &mut argument);
        assert_eq!(refused, Err(Errno::FAULT), "{cmdlist:#x}");
    }
    assert_eq!(bench.context.timestamp(TIMESTAMP_QUEUED), Ok(0));
}

/// Command buffers that cannot be: address, and size in dwords.
fn bad_buffers(good: &IbDesc) -> [(u64, u64); 7] {
    [
        (0, 1),
        (good.gpuaddr, 0),
        (good.gpuaddr + 2, 1),
        (good.gpuaddr, PAGE),
        (good.gpuaddr, 1 << 20),
        (good.gpuaddr, 1 << 62),
        (u64::MAX - 3, 1),
    ]
}

fn issue(device: &Device, argument: RingbufferIssueIbCmds) -> Result<u32, Errno> {
    let mut argument = argument;
    device.ioctl(RINGBUFFER_ISSUEIBCMDS, &mut argument)?;
    Ok(argument.timestamp)
}

fn issue_ib_runs_a_list() {
    let device = open();
    let bench = Bench::new(&device);
    let mut list = writes(&bench, 3);
    let argument = RingbufferIssueIbCmds {
        drawctxt_id: bench.context.id,
        ibdesc_addr: address(&mut list[..]),
        numibs: 3,
        flags: CMDBATCH_SUBMIT_IB_LIST,
        ..RingbufferIssueIbCmds::default()
    };
    assert_eq!(issue(&device, argument), Ok(1));
    bench.wait(1);
    assert_eq!(bench.memory.read(0, 4), [1, 2, 3, 0]);
}

fn issue_ib_runs_the_one_in_the_structure() {
    let device = open();
    let bench = Bench::new(&device);
    let descriptor = writes(&bench, 1)[0];
    let argument = RingbufferIssueIbCmds {
        drawctxt_id: bench.context.id,
        ibdesc_addr: descriptor.gpuaddr,
        numibs: u32::try_from(descriptor.sizedwords).expect("it is short"),
        ..RingbufferIssueIbCmds::default()
    };
    assert_eq!(issue(&device, argument), Ok(1));
    bench.wait(1);
    assert_eq!(bench.memory.read(0, 1), [1]);
}

fn issue_ib_refuses_what_cannot_be() {
    let (device, other) = (open(), open());
    let bench = Bench::new(&device);
    let foreign = Context::new(&other).expect("a context is created").id;
    let mut list = writes(&bench, 1);
    let good = RingbufferIssueIbCmds {
        drawctxt_id: bench.context.id,
        ibdesc_addr: address(&mut list[..]),
        numibs: 1,
        flags: CMDBATCH_SUBMIT_IB_LIST,
        ..RingbufferIssueIbCmds::default()
    };
    let spoiled = |change: fn(&mut RingbufferIssueIbCmds)| {
        let mut argument = good;
        change(&mut argument);
        issue(&device, argument)
    };
    let invalid: [fn(&mut RingbufferIssueIbCmds); 7] = [
        |argument| argument.drawctxt_id = 0,
        |argument| argument.drawctxt_id = u32::MAX,
        |argument| argument.numibs = 0,
        |argument| argument.numibs = MAX_NUMIBS + 1,
        |argument| argument.flags |= CMDBATCH_SYNC,
        |argument| argument.flags |= CMDBATCH_MARKER,
        |argument| argument.flags = 0,
    ];
    for (index, change) in invalid.into_iter().enumerate() {
        assert_eq!(spoiled(change), Err(Errno::INVAL), "{index}");
    }
    let of_other = RingbufferIssueIbCmds {
        drawctxt_id: foreign,
        ..good
    };
    assert_eq!(issue(&device, of_other), Err(Errno::INVAL));
    for ibdesc_addr in NOWHERE {
        let refused = issue(
            &device,
            RingbufferIssueIbCmds {
                ibdesc_addr,
                ..good
            },
        );
        assert_eq!(refused, Err(Errno::FAULT), "{ibdesc_addr:#x}");
    }
    assert_eq!(bench.context.timestamp(TIMESTAMP_QUEUED), Ok(0));
}
