// SPDX-License-Identifier: GPL-2.0

//! Submitting, in every way, and the report of a fault.

use kgsl_shim::abi::command::{
    CmdSyncpoint, IbDesc, RingbufferIssueIbCmds, SubmitCommands, SyncpointTimestamp,
    CMDBATCH_SUBMIT_IB_LIST, GET_FAULT_REPORT, GPU_AUX_COMMAND, GPU_COMMAND,
    RINGBUFFER_ISSUEIBCMDS, SUBMIT_COMMANDS, SYNCPOINT_TIMESTAMP,
};
use kgsl_shim::abi::context::{CONTEXT_FAULT_INFO, TIMESTAMP_QUEUED};
use kgsl_shim::abi::memory::MEMFLAGS_VBO;
use kgsl_shim::abi::timeline::{TimelineCreate, TIMELINE_CREATE};
use rustix::io::Errno;

use super::{open, sweep, LONG, PAGE};
use crate::client::{
    address, aux_bind, aux_signal, bound, page_fault, Bench, Context, Device, Object, Submission,
    SwSync, Syncpoint,
};
use crate::pm4::Commands;
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    gpu_command,
    gpu_aux_command_that_signals,
    gpu_aux_command_that_binds,
    submit_commands,
    ringbuffer_issueibcmds,
    get_fault_report,
];

/// What the tests sweep.
pub(super) const NUMBERS: &[u8] = &[
    GPU_COMMAND.nr(),
    GPU_AUX_COMMAND.nr(),
    SUBMIT_COMMANDS.nr(),
    RINGBUFFER_ISSUEIBCMDS.nr(),
    GET_FAULT_REPORT.nr(),
];

fn timeline(device: &Device) -> u32 {
    let mut argument = TimelineCreate::default();
    device
        .ioctl(TIMELINE_CREATE, &mut argument)
        .expect("there is a timeline");
    argument.id
}

/// A fence of another driver that has signaled.
fn signaled() -> crate::client::Fence {
    let source = SwSync::new().expect("the kernel has sw_sync");
    let fence = source.fence(1);
    source.advance();
    fence
}

/// Submissions count the context's timestamps up, and nothing takes that back: each has a context of its own.
fn sweep_submission(
    device: &Device,
    call: impl Fn(&Context<'_>) -> Result<u32, Errno>,
    again: impl Fn(),
) {
    let context = std::cell::RefCell::new(Context::new(device).expect("a context is created"));
    let undo = |timestamp| {
        let mut context = context.borrow_mut();
        if timestamp != 0 {
            context.wait(timestamp, LONG).expect("it retires");
        }
        let queued = context.timestamp(TIMESTAMP_QUEUED).expect("it is told");
        assert_eq!(queued, timestamp.max(queued.min(1)));
        context.destroy().expect("it is destroyed");
        *context = Context::new(device).expect("a context is created");
        again();
    };
    sweep(device, || call(&context.borrow()), undo);
}

fn gpu_command() {
    let device = open();
    let bench = Bench::new(&device);
    let other = bench.run(Commands::default().nop(&[]));
    let (at, dwords) = bench.write_at(0, Commands::default().nop(&[1, 2]));
    let timeline = timeline(&device);
    let fence = signaled();
    let buffer = Context::buffer(at, dwords as u64 * 4);
    let submission = Submission {
        buffers: vec![buffer; 3],
        flags: CMDBATCH_SUBMIT_IB_LIST,
        ..Submission::default()
    };
    let timelines = [(timeline, 0), (timeline, 0)];
    let points = [
        Syncpoint::Timestamp(bench.context.id, other),
        Syncpoint::Fence(&fence),
        Syncpoint::Timelines(&timelines),
    ];
    let call = |context: &Context<'_>| submission.submit(&device, context, &points);
    sweep_submission(&device, call, || {});
}

fn gpu_aux_command_that_signals() {
    let device = open();
    let id = timeline(&device);
    let fence = signaled();
    let call = |context: &Context<'_>| {
        aux_signal(
            &device,
            context,
            &[(id, 0), (id, 0)],
            &[Syncpoint::Fence(&fence)],
        )
    };
    sweep_submission(&device, call, || {});
}

fn gpu_aux_command_that_binds() {
    let device = open();
    let target = Object::gpuobj(&device, 8 * PAGE, MEMFLAGS_VBO).expect("there are addresses");
    let child = Object::gpumem(&device, PAGE, 0).expect("memory is allocated");
    let ranges = [0, 3].map(|page| bound(&child, 0, page * PAGE, PAGE));
    let call = |context: &Context<'_>| aux_bind(&device, context, &target, &ranges, &[]);
    let unbind = || {
        let whole = crate::client::unbound(0, 8 * PAGE);
        crate::client::bind(&device, &target, &[whole]).expect("it is unbound");
    };
    sweep_submission(&device, call, unbind);
}

fn submit_commands() {
    let device = open();
    let bench = Bench::new(&device);
    let (gpuaddr, dwords) = bench.write_at(0, Commands::default().nop(&[1, 2]));
    let other = bench.run(Commands::default().nop(&[1, 2]));
    let call = |context: &Context<'_>| {
        let buffer = IbDesc {
            gpuaddr,
            sizedwords: dwords as u64,
            ..IbDesc::default()
        };
        let mut point = SyncpointTimestamp {
            context_id: bench.context.id,
            timestamp: other,
        };
        let mut points = [CmdSyncpoint {
            kind: SYNCPOINT_TIMESTAMP,
            pad: 0,
            private: address(&mut point),
            size: 8,
        }];
        let mut buffers = [buffer; 2];
        let mut argument = SubmitCommands {
            context_id: context.id,
            cmdlist: address(&mut buffers[..]),
            numcmds: 2,
            synclist: address(&mut points[..]),
            numsyncs: 1,
            ..SubmitCommands::default()
        };
        device.ioctl(SUBMIT_COMMANDS, &mut argument)?;
        Ok(argument.timestamp)
    };
    sweep_submission(&device, call, || {});
}

fn ringbuffer_issueibcmds() {
    let device = open();
    let bench = Bench::new(&device);
    let (gpuaddr, dwords) = bench.write_at(0, Commands::default().nop(&[1, 2]));
    let call = |context: &Context<'_>| {
        let buffer = IbDesc {
            gpuaddr,
            sizedwords: dwords as u64,
            ..IbDesc::default()
        };
        let mut buffers = [buffer; 2];
        let mut argument = RingbufferIssueIbCmds {
            drawctxt_id: context.id,
            ibdesc_addr: address(&mut buffers[..]),
            numibs: 2,
            flags: CMDBATCH_SUBMIT_IB_LIST,
            ..RingbufferIssueIbCmds::default()
        };
        device.ioctl(RINGBUFFER_ISSUEIBCMDS, &mut argument)?;
        Ok(argument.timestamp)
    };
    sweep_submission(&device, call, || {});
}

fn get_fault_report() {
    let device = open();
    let bench = Bench::with_flags(&device, Context::USUAL | CONTEXT_FAULT_INFO);
    let timestamp = bench
        .submit_at(0, Commands::default().mem_write(8, &[1]))
        .expect("it is submitted");
    assert_eq!(bench.context.wait(timestamp, LONG), Err(Errno::DEADLK));
    let call = || page_fault(&device, bench.context.id);
    sweep(&device, call, drop);
}
