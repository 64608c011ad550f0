// SPDX-License-Identifier: GPL-2.0

//! Submitting command buffers, by each of the ways there are.

use kgsl_shim::abi::command::{
    CmdSyncpoint, CommandObject, CommandSyncpoint, GpuCommand, IbDesc, RingbufferIssueIbCmds,
    SubmitCommands, SyncpointFence, SyncpointTimeline, SyncpointTimestamp, CMDBATCH_END_OF_FRAME,
    CMDBATCH_MARKER, CMDBATCH_MEMLIST, CMDBATCH_PROFILING, CMDBATCH_PROFILING_KTIME,
    CMDBATCH_SUBMIT_IB_LIST, CMDBATCH_SYNC, CMDLIST_IB, GPU_COMMAND, OBJLIST_MEMOBJ,
    OBJLIST_PROFILE, RINGBUFFER_ISSUEIBCMDS, SUBMIT_COMMANDS, SYNCPOINT_FENCE, SYNCPOINT_TIMELINE,
    SYNCPOINT_TIMESTAMP,
};

use super::binding::entry_size;
use super::context::timestamp;
use super::stream;
use super::sync::descriptor;
use super::timeline::values;
use crate::fuzz::dice::low;
use crate::fuzz::run::Run;

/// A command buffer: its address, and its size in bytes. Mostly a stream that has just been written; seldom whatever is
/// in memory.
fn buffer(run: &mut Run<'_>) -> (u64, u64) {
    let view = run.world().views.pick(&mut run.dice);
    let Some(view) = view.filter(|_| !run.dice.one_in(16)) else {
        let memory = run.memory();
        let at = memory.address.wrapping_add(run.offset(memory.size));
        let size = match run.dice.one_in(4) {
            true => run.dice.odd64(),
            false => run.dice.below(64) * 4,
        };
        return (at, size);
    };
    let dwords = stream::commands(run);
    let room = view.memory.size.min(0x4000) / 4;
    let length = dwords.len().min(usize::try_from(room).unwrap_or(0));
    let offset = run.dice.below(room - length as u64 + 1) * 4;
    let at = usize::try_from(offset).unwrap_or(0);
    view.mapping.write(at, &dwords[..length]);
    if run.stage.trace {
        let address = view.memory.address.wrapping_add(offset);
        println!("    GPU {address:#x}: {:x?}", &dwords[..length]);
    }
    (view.memory.address.wrapping_add(offset), length as u64 * 4)
}

/// Some command objects: their address, and how many.
fn objects(run: &mut Run<'_>) -> (u64, u32) {
    let count = match run.dice.below(8) {
        0 => 0,
        1 => run.dice.index(4),
        _ => 1,
    };
    let list: Vec<_> = (0..count)
        .map(|_| {
            let (gpuaddr, size) = buffer(run);
            CommandObject {
                gpuaddr,
                size,
                flags: match run.dice.one_in(16) {
                    true => run.dice.below32(32),
                    false => CMDLIST_IB,
                },
                ..CommandObject::default()
            }
        })
        .collect();
    let claimed = match run.dice.one_in(64) {
        true => run.dice.odd32(),
        false => u32::try_from(count).unwrap_or(0),
    };
    (run.list(&list), claimed)
}

/// Flags of a submission: mostly those of a list of buffers.
fn flags(run: &mut Run<'_>) -> u64 {
    const MORE: [u32; 5] = [
        CMDBATCH_MEMLIST,
        CMDBATCH_PROFILING,
        CMDBATCH_PROFILING_KTIME,
        CMDBATCH_END_OF_FRAME,
        CMDBATCH_SYNC,
    ];
    let flags = u64::from(CMDBATCH_SUBMIT_IB_LIST);
    match run.dice.below(16) {
        0 => u64::from(CMDBATCH_MARKER),
        1 => u64::from(CMDBATCH_SYNC),
        2 => flags ^ run.dice.odd64(),
        3..=6 => flags | run.dice.some_of(&MORE.map(u64::from)),
        _ => flags,
    }
}

/// A point to wait for: the kind, the address of what says which, and its size.
fn point(run: &mut Run<'_>) -> (u32, u64, u64) {
    match run.dice.below(12) {
        0..=4 => {
            let point = SyncpointTimestamp {
                context_id: run.context().id,
                timestamp: timestamp(run),
            };
            (SYNCPOINT_TIMESTAMP, run.put(&point), 8)
        }
        5..=8 => {
            let fence = run.world().fences.pick(&mut run.dice);
            let point = SyncpointFence {
                fd: descriptor(run, fence.as_deref()),
            };
            (SYNCPOINT_FENCE, run.put(&point), 4)
        }
        9 | 10 => {
            let (timelines, count) = values(run);
            let point = SyncpointTimeline {
                timelines,
                count,
                timelines_size: entry_size(run, 16),
            };
            (SYNCPOINT_TIMELINE, run.put(&point), 16)
        }
        _ => (run.dice.below32(5), run.put(&0u64), run.dice.below(32)),
    }
}

/// Some points, mostly none.
fn points(run: &mut Run<'_>) -> Vec<(u32, u64, u64)> {
    let count = match run.dice.below(8) {
        0 => 1 + run.dice.index(3),
        1 => 1,
        _ => 0,
    };
    (0..count).map(|_| point(run)).collect()
}

fn claimed(run: &mut Run<'_>, count: usize) -> u32 {
    match run.dice.one_in(64) {
        true => run.dice.odd32(),
        false => u32::try_from(count).unwrap_or(0),
    }
}

/// Points to wait for: the address of the list, and how many.
pub(super) fn syncpoints(run: &mut Run<'_>) -> (u64, u32) {
    let points = points(run);
    let list: Vec<_> = points
        .iter()
        .map(|&(kind, private, size)| CommandSyncpoint {
            private,
            size,
            kind,
            pad: 0,
        })
        .collect();
    let count = claimed(run, list.len());
    (run.list(&list), count)
}

/// The memory objects of a submission, one of which takes its profile.
fn memory_objects(run: &mut Run<'_>) -> (u64, u32) {
    let count = match run.dice.below(4) {
        0 => run.dice.index(3),
        _ => 0,
    };
    let list: Vec<_> = (0..count)
        .map(|_| {
            let memory = run.memory();
            CommandObject {
                offset: run.offset(memory.size.min(64)),
                gpuaddr: memory.address,
                size: match run.dice.one_in(8) {
                    true => run.offset(memory.size),
                    false => 40,
                },
                flags: OBJLIST_MEMOBJ | run.dice.pick(&[0, OBJLIST_PROFILE]),
                id: memory.id,
            }
        })
        .collect();
    let claimed = claimed(run, count);
    (run.list(&list), claimed)
}

/// GPU_COMMAND.
pub(super) fn gpu_command(run: &mut Run<'_>) {
    let context = run.context();
    let Some(device) = run.file(context.file) else {
        return;
    };
    let (cmdlist, numcmds) = objects(run);
    let (objlist, numobjs) = memory_objects(run);
    let (synclist, numsyncs) = syncpoints(run);
    let mut argument = GpuCommand {
        flags: flags(run),
        cmdlist,
        cmdsize: entry_size(run, 32),
        numcmds,
        objlist,
        objsize: entry_size(run, 32),
        numobjs,
        synclist,
        syncsize: entry_size(run, 24),
        numsyncs,
        context_id: context.id,
        timestamp: timestamp(run),
    };
    let _ = run.ioctl(&device, GPU_COMMAND, &mut argument);
}

/// Buffers as the older calls have them.
fn descriptions(run: &mut Run<'_>) -> (u64, u32) {
    let count = 1 + run.dice.index(2);
    let list: Vec<_> = (0..count)
        .map(|_| {
            let (gpuaddr, size) = buffer(run);
            IbDesc {
                gpuaddr,
                sizedwords: size / 4,
                ctrl: run.dice.below32(2),
                ..IbDesc::default()
            }
        })
        .collect();
    let claimed = claimed(run, count);
    (run.list(&list), claimed)
}

/// SUBMIT_COMMANDS.
pub(super) fn submit_commands(run: &mut Run<'_>) {
    let context = run.context();
    let Some(device) = run.file(context.file) else {
        return;
    };
    let (cmdlist, numcmds) = descriptions(run);
    let points = points(run);
    let list: Vec<_> = points
        .iter()
        .map(|&(kind, private, size)| CmdSyncpoint {
            kind,
            pad: 0,
            private,
            size,
        })
        .collect();
    let numsyncs = claimed(run, list.len());
    let mut argument = SubmitCommands {
        context_id: context.id,
        flags: low(flags(run)),
        cmdlist,
        numcmds,
        synclist: run.list(&list),
        numsyncs,
        timestamp: timestamp(run),
        ..SubmitCommands::default()
    };
    let _ = run.ioctl(&device, SUBMIT_COMMANDS, &mut argument);
}

/// RINGBUFFER_ISSUEIBCMDS: a list of buffers, or one buffer without a list.
pub(super) fn issue_ib(run: &mut Run<'_>) {
    let context = run.context();
    let Some(device) = run.file(context.file) else {
        return;
    };
    let (ibdesc_addr, numibs, flags) = match run.dice.one_in(3) {
        true => {
            let (address, size) = buffer(run);
            (address, low(size / 4), 0)
        }
        false => {
            let (list, count) = descriptions(run);
            (list, count, low(flags(run)))
        }
    };
    let mut argument = RingbufferIssueIbCmds {
        drawctxt_id: context.id,
        ibdesc_addr,
        numibs,
        timestamp: timestamp(run),
        flags,
        ..RingbufferIssueIbCmds::default()
    };
    let _ = run.ioctl(&device, RINGBUFFER_ISSUEIBCMDS, &mut argument);
}
