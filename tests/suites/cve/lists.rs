// SPDX-License-Identifier: GPL-2.0

//! Counts of lists that programs pass: none may be believed.

use std::fmt::Debug;

use kgsl_shim::abi::command::{
    AuxCommandTimeline, GpuAuxCommand, GpuCommand, RingbufferIssueIbCmds, SubmitCommands,
    AUX_COMMAND_SYNC, AUX_COMMAND_TIMELINE, CMDBATCH_MARKER, CMDBATCH_SUBMIT_IB_LIST,
    CMDBATCH_SYNC, GPU_AUX_COMMAND, GPU_COMMAND, MAX_NUMIBS, MAX_SYNCPOINTS,
    RINGBUFFER_ISSUEIBCMDS, SUBMIT_COMMANDS,
};
use kgsl_shim::abi::device::{ReadCalibratedTimestamps, READ_CALIBRATED_TIMESTAMPS};
use kgsl_shim::abi::memory::{GpuobjSync, GPUOBJ_SYNC, MAX_SYNC_OBJECTS};
use kgsl_shim::abi::perfcounter::{
    PerfcounterGet, PerfcounterPut, PerfcounterQuery, PerfcounterRead, PerfcounterReadGroup,
    PERFCOUNTER_GET, PERFCOUNTER_PUT, PERFCOUNTER_QUERY, PERFCOUNTER_READ,
};
use kgsl_shim::abi::timeline::{
    TimelineCreate, TimelineSignal, TimelineWait, TIMELINE_CREATE, TIMELINE_SIGNAL, TIMELINE_WAIT,
};
use rustix::io::Errno;

use super::{context, open, works};
use crate::client::{address, aux_signal, Device, Syncpoint};
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    cve_2023_33106_points_of_an_auxiliary_command_are_counted,
    cve_2023_33106_every_other_list_is_counted,
    cve_2025_59600_counters_are_counted,
];

/// Counts that are one too many, or whose product with a structure's size does not fit 32 or 31 bits.
fn beyond(limit: u32) -> impl Iterator<Item = u32> {
    [
        limit + 1,
        0x0555_5556,
        0x0aaa_aaab,
        0x1000_0001,
        0x8000_0001,
        u32::MAX,
    ]
    .into_iter()
}

fn refused<T: Debug>(result: Result<T, Errno>, count: u32) {
    assert_eq!(result.err(), Some(Errno::INVAL), "{count:#x}");
}

/// `numsyncs` was multiplied without a check, and the list that was allocated was too short. All else about the call is
/// right, and so many points as are allowed are taken.
fn cve_2023_33106_points_of_an_auxiliary_command_are_counted() {
    let device = open();
    let (context, waited_for) = (context(&device), context(&device));
    let mut timeline = TimelineCreate::default();
    device
        .ioctl(TIMELINE_CREATE, &mut timeline)
        .expect("a timeline is created");
    let most = usize::try_from(MAX_SYNCPOINTS).expect("it is small");
    let points: Vec<_> = (0..=most)
        .map(|_| Syncpoint::Timestamp(waited_for.id, 0))
        .collect();
    let signals = [(timeline.id, 1)];
    aux_signal(&device, &context, &signals, &points[..most]).expect("so many are allowed");
    refused(
        aux_signal(&device, &context, &signals, &points),
        MAX_SYNCPOINTS + 1,
    );
    let mut points = [0u64; 64];
    let mut values = [2, u64::from(timeline.id)];
    let mut list = AuxCommandTimeline {
        timelines: address(&mut values[..]),
        count: 1,
        timelines_size: 16,
    };
    let mut generic = [address(&mut list), 16, u64::from(AUX_COMMAND_TIMELINE)];
    for count in beyond(MAX_SYNCPOINTS) {
        let mut command = GpuAuxCommand {
            flags: u64::from(AUX_COMMAND_SYNC | AUX_COMMAND_TIMELINE),
            cmdlist: address(&mut generic[..]),
            cmdsize: 24,
            numcmds: 1,
            synclist: address(&mut points[..]),
            syncsize: 24,
            numsyncs: count,
            context_id: context.id,
            timestamp: 0,
        };
        refused(device.ioctl(GPU_AUX_COMMAND, &mut command), count);
    }
    for count in beyond(1) {
        let mut command = GpuAuxCommand {
            flags: u64::from(AUX_COMMAND_TIMELINE),
            cmdlist: address(&mut generic[..]),
            cmdsize: 24,
            numcmds: count,
            context_id: context.id,
            ..GpuAuxCommand::default()
        };
        refused(device.ioctl(GPU_AUX_COMMAND, &mut command), count);
    }
    works(&device);
}

fn cve_2023_33106_every_other_list_is_counted() {
    let device = open();
    let mut list = [0u64; 64];
    let at = address(&mut list[..]);
    for count in beyond(MAX_NUMIBS) {
        submissions(&device, at, count);
    }
    for count in beyond(MAX_SYNC_OBJECTS) {
        let mut argument = GpuobjSync {
            objs: at,
            obj_len: 24,
            count,
        };
        refused(device.ioctl(GPUOBJ_SYNC, &mut argument), count);
    }
    for count in beyond(1024) {
        timelines(&device, at, count);
    }
    for count in beyond(4) {
        let mut argument = ReadCalibratedTimestamps {
            sources: at,
            timestamps: at,
            deviation: at,
            count,
            pad: 0,
        };
        refused(
            device.ioctl(READ_CALIBRATED_TIMESTAMPS, &mut argument),
            count,
        );
    }
    works(&device);
}

/// Every list of every call that submits.
fn submissions(device: &Device, at: u64, count: u32) {
    let context_id = context(device).id;
    let mut command = GpuCommand {
        flags: u64::from(CMDBATCH_SUBMIT_IB_LIST),
        cmdlist: at,
        cmdsize: 32,
        numcmds: count,
        context_id,
        ..GpuCommand::default()
    };
    refused(device.ioctl(GPU_COMMAND, &mut command), count);
    let mut objects = GpuCommand {
        flags: u64::from(CMDBATCH_MARKER),
        objlist: at,
        objsize: 32,
        numobjs: count,
        context_id,
        ..GpuCommand::default()
    };
    refused(device.ioctl(GPU_COMMAND, &mut objects), count);
    let mut points = GpuCommand {
        flags: u64::from(CMDBATCH_SYNC),
        synclist: at,
        syncsize: 24,
        numsyncs: count,
        context_id,
        ..GpuCommand::default()
    };
    refused(device.ioctl(GPU_COMMAND, &mut points), count);
    older_submissions(device, at, count, context_id);
}

fn older_submissions(device: &Device, at: u64, count: u32, context_id: u32) {
    for (numcmds, numsyncs) in [(count, 0), (0, count)] {
        let mut older = SubmitCommands {
            context_id,
            flags: CMDBATCH_SYNC,
            cmdlist: at,
            numcmds,
            synclist: at,
            numsyncs,
            ..SubmitCommands::default()
        };
        if numcmds != 0 {
            older.flags = 0;
        }
        refused(device.ioctl(SUBMIT_COMMANDS, &mut older), count);
    }
    let mut oldest = RingbufferIssueIbCmds {
        drawctxt_id: context_id,
        ibdesc_addr: at,
        numibs: count,
        flags: CMDBATCH_SUBMIT_IB_LIST,
        ..RingbufferIssueIbCmds::default()
    };
    refused(device.ioctl(RINGBUFFER_ISSUEIBCMDS, &mut oldest), count);
}

fn timelines(device: &Device, at: u64, count: u32) {
    let mut signal = TimelineSignal {
        timelines: at,
        count,
        timelines_size: 16,
    };
    refused(device.ioctl(TIMELINE_SIGNAL, &mut signal), count);
    let mut wait = TimelineWait {
        timelines: at,
        count,
        timelines_size: 16,
        flags: 1,
        ..TimelineWait::default()
    };
    refused(device.ioctl(TIMELINE_WAIT, &mut wait), count);
    let mut list = AuxCommandTimeline {
        timelines: at,
        count,
        timelines_size: 16,
    };
    let mut generic = [address(&mut list), 16, u64::from(AUX_COMMAND_TIMELINE)];
    let mut command = GpuAuxCommand {
        flags: u64::from(AUX_COMMAND_TIMELINE),
        cmdlist: address(&mut generic[..]),
        cmdsize: 24,
        numcmds: 1,
        context_id: context(device).id,
        ..GpuAuxCommand::default()
    };
    refused(device.ioctl(GPU_AUX_COMMAND, &mut command), count);
}

/// The list of the registers of dynamically reserved counters had no bound.
fn cve_2025_59600_counters_are_counted() {
    let device = open();
    let mut reserved = Vec::new();
    for groupid in 0..0x40 {
        for countable in 0..64 {
            let mut argument = PerfcounterGet {
                groupid,
                countable,
                ..PerfcounterGet::default()
            };
            match device.ioctl(PERFCOUNTER_GET, &mut argument) {
                Ok(()) => reserved.push(read_group(groupid, countable)),
                Err(errno) => assert!(
                    [Errno::BUSY, Errno::INVAL].contains(&errno),
                    "{groupid:#x} {countable}: {errno}"
                ),
            }
        }
    }
    assert!(reserved.len() > 100, "{}", reserved.len());
    read_too_many(&device, &mut reserved);
    query_too_many(&device);
    for group in &reserved {
        let mut argument = PerfcounterPut {
            groupid: group.groupid,
            countable: group.countable,
            ..PerfcounterPut::default()
        };
        // The always-on counter is nobody's.
        let put = device.ioctl(PERFCOUNTER_PUT, &mut argument);
        assert!(put.is_ok() || group.groupid == 0x1b, "{group:?} {put:?}");
    }
    works(&device);
}

fn read_group(groupid: u32, countable: u32) -> PerfcounterReadGroup {
    PerfcounterReadGroup {
        groupid,
        countable,
        value: 0,
    }
}

fn read_too_many(device: &Device, groups: &mut [PerfcounterReadGroup]) {
    for count in beyond(100) {
        let mut argument = PerfcounterRead {
            reads: address(groups),
            count,
            ..PerfcounterRead::default()
        };
        refused(device.ioctl(PERFCOUNTER_READ, &mut argument), count);
    }
}

/// More room than there are counters is not filled.
fn query_too_many(device: &Device) {
    let mut list = [0xa5a5_a5a5u32; 256];
    let mut argument = PerfcounterQuery {
        groupid: 0,
        countables: address(&mut list[..]),
        count: u32::MAX,
        ..PerfcounterQuery::default()
    };
    device
        .ioctl(PERFCOUNTER_QUERY, &mut argument)
        .expect("the group is known");
    let counters = usize::try_from(argument.max_counters).expect("there are few");
    assert!(list[counters..].iter().all(|word| *word == 0xa5a5_a5a5));
}
