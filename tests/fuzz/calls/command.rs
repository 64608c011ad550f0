// SPDX-License-Identifier: GPL-2.0

//! What a context does at its turn beside command buffers, and what it has to say when it was ended.

use kgsl_shim::abi::command::{
    AuxCommandBind, AuxCommandGeneric, AuxCommandTimeline, Fault, FaultReport, GpuAuxCommand,
    PageFaultReport, AUX_COMMAND_BIND, AUX_COMMAND_SYNC, AUX_COMMAND_TIMELINE, GET_FAULT_REPORT,
    GPU_AUX_COMMAND,
};

use super::binding::{entry_size, ranges, target};
use super::submit::syncpoints;
use super::timeline::values;
use crate::fuzz::run::Run;

/// GPU_AUX_COMMAND: binds memory, or moves timelines on.
pub(super) fn auxiliary(run: &mut Run<'_>) {
    let context = run.context();
    let Some(device) = run.file(context.file) else {
        return;
    };
    let kind = match run.dice.below(16) {
        0 => run.dice.below32(4),
        1..=8 => AUX_COMMAND_BIND,
        _ => AUX_COMMAND_TIMELINE,
    };
    let (private, size) = match kind {
        AUX_COMMAND_TIMELINE => signals(run),
        _ => binding(run),
    };
    let generic = AuxCommandGeneric {
        private,
        size: match run.dice.one_in(32) {
            true => run.dice.odd64(),
            false => size,
        },
        kind: match run.dice.one_in(32) {
            true => run.dice.below32(4),
            false => kind,
        },
        pad: 0,
    };
    let points = syncpoints(run);
    let sync = if points.1 > 0 { AUX_COMMAND_SYNC } else { 0 };
    let mut argument = GpuAuxCommand {
        flags: u64::from(kind | sync),
        cmdlist: run.put(&generic),
        cmdsize: entry_size(run, 24),
        numcmds: match run.dice.one_in(32) {
            true => run.dice.below32(3),
            false => 1,
        },
        synclist: points.0,
        syncsize: entry_size(run, 24),
        numsyncs: points.1,
        context_id: context.id,
        timestamp: run.dice.below32(12),
    };
    let _ = run.ioctl(&device, GPU_AUX_COMMAND, &mut argument);
}

fn binding(run: &mut Run<'_>) -> (u64, u64) {
    let target = target(run);
    let (rangeslist, count) = ranges(run, &target);
    let bind = AuxCommandBind {
        rangeslist,
        numranges: u64::from(count),
        rangesize: u64::from(entry_size(run, 32)),
        target: target.id,
        pad: 0,
    };
    (run.put(&bind), 32)
}

fn signals(run: &mut Run<'_>) -> (u64, u64) {
    let (timelines, count) = values(run);
    let timeline = AuxCommandTimeline {
        timelines,
        count,
        timelines_size: entry_size(run, 16),
    };
    (run.put(&timeline), 16)
}

/// GET_FAULT_REPORT.
pub(super) fn fault_report(run: &mut Run<'_>) {
    let context = run.context();
    let Some(device) = run.file(context.file) else {
        return;
    };
    let reports = run.stage.arena.room(2 * size_of::<PageFaultReport>());
    let mut fault = || Fault {
        fault: reports,
        kind: run.dice.below32(3),
        count: run.dice.count(2),
        size: entry_size(run, 32),
        pad: 0,
    };
    let faults = [fault(), fault()];
    let mut argument = FaultReport {
        faultlist: match run.dice.one_in(4) {
            true => 0,
            false => run.list(&faults),
        },
        faultnents: run.dice.below32(4),
        faultsize: entry_size(run, 24),
        context_id: context.id,
        pad: 0,
    };
    let _ = run.ioctl(&device, GET_FAULT_REPORT, &mut argument);
}
