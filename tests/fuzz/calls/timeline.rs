// SPDX-License-Identifier: GPL-2.0

//! Timelines.

use std::sync::Arc;

use kgsl_shim::abi::timeline::{
    TimelineCreate, TimelineDestroy, TimelineFenceGet, TimelineSignal, TimelineValue, TimelineWait,
    TIMELINE_CREATE, TIMELINE_DESTROY, TIMELINE_FENCE_GET, TIMELINE_QUERY, TIMELINE_SIGNAL,
    TIMELINE_WAIT, TIMELINE_WAIT_ALL, TIMELINE_WAIT_ANY,
};

use super::binding::entry_size;
use crate::client::Fence;
use crate::fuzz::run::Run;
use crate::fuzz::shared::Kind;
use crate::fuzz::world::Owned;

/// A point of a timeline: low, mostly, so that signals and waits meet.
fn seqno(run: &mut Run<'_>) -> u64 {
    match run.dice.below(16) {
        0 => run.dice.odd64(),
        _ => run.dice.below(24),
    }
}

fn value(run: &mut Run<'_>) -> TimelineValue {
    TimelineValue {
        timeline: run.timeline().id,
        seqno: seqno(run),
        pad: u32::from(run.dice.one_in(64)),
    }
}

/// Points of timelines: their address, and how many.
pub(super) fn values(run: &mut Run<'_>) -> (u64, u32) {
    let list: Vec<_> = (0..=run.dice.below(3)).map(|_| value(run)).collect();
    let count = match run.dice.one_in(32) {
        true => run.dice.odd32(),
        false => u32::try_from(list.len()).unwrap_or(0),
    };
    (run.list(&list), count)
}

/// TIMELINE_CREATE.
pub(super) fn create(run: &mut Run<'_>) {
    let (file, Some(device)) = run.some_file() else {
        return;
    };
    let mut argument = TimelineCreate {
        seqno: match run.dice.one_in(4) {
            true => seqno(run),
            false => 0,
        },
        ..TimelineCreate::default()
    };
    if run.ioctl(&device, TIMELINE_CREATE, &mut argument).is_ok() {
        let id = argument.id;
        run.stage.shared.show(Kind::Timeline, id);
        run.world().timelines.add(Owned { file, id });
    }
}

/// TIMELINE_WAIT: mostly for a moment; seldom until a signal comes.
pub(super) fn wait(run: &mut Run<'_>) {
    let (_, Some(device)) = run.some_file() else {
        return;
    };
    let (timelines, count) = values(run);
    let (tv_sec, tv_nsec) = match run.dice.below(32) {
        0 => (1_000, 0),
        1 => (run.dice.odd64() as i64, run.dice.odd64() as i64),
        2..=6 => (0, 1_000_000),
        _ => (0, 0),
    };
    let flags = match run.dice.one_in(16) {
        true => run.dice.below32(5),
        false => run.dice.pick(&[TIMELINE_WAIT_ALL, TIMELINE_WAIT_ANY]),
    };
    let mut argument = TimelineWait {
        tv_sec,
        tv_nsec,
        timelines,
        count,
        timelines_size: entry_size(run, 16),
        flags,
        pad: 0,
    };
    let _ = run.ioctl(&device, TIMELINE_WAIT, &mut argument);
}

/// TIMELINE_QUERY.
pub(super) fn query(run: &mut Run<'_>) {
    let timeline = run.timeline();
    let Some(device) = run.file(timeline.file) else {
        return;
    };
    let mut argument = TimelineValue {
        timeline: timeline.id,
        ..TimelineValue::default()
    };
    let _ = run.ioctl(&device, TIMELINE_QUERY, &mut argument);
}

/// TIMELINE_SIGNAL.
pub(super) fn signal(run: &mut Run<'_>) {
    let (_, Some(device)) = run.some_file() else {
        return;
    };
    let (timelines, count) = values(run);
    let mut argument = TimelineSignal {
        timelines,
        count,
        timelines_size: entry_size(run, 16),
    };
    let _ = run.ioctl(&device, TIMELINE_SIGNAL, &mut argument);
}

/// TIMELINE_FENCE_GET.
pub(super) fn fence(run: &mut Run<'_>) {
    let timeline = run.timeline();
    let Some(device) = run.file(timeline.file) else {
        return;
    };
    let mut argument = TimelineFenceGet {
        seqno: seqno(run),
        timeline: timeline.id,
        handle: -1,
    };
    if run
        .ioctl(&device, TIMELINE_FENCE_GET, &mut argument)
        .is_ok()
    {
        if let Some(descriptor) = run.take(argument.handle) {
            run.world().fences.add(Arc::new(Fence::from(descriptor)));
        }
    }
}

/// TIMELINE_DESTROY.
pub(super) fn destroy(run: &mut Run<'_>) {
    let timeline = run.timeline();
    let Some(device) = run.file(timeline.file) else {
        return;
    };
    let mut argument = TimelineDestroy { id: timeline.id };
    if run.ioctl(&device, TIMELINE_DESTROY, &mut argument).is_ok() {
        run.world()
            .timelines
            .forget(|other| other.id == timeline.id);
        run.world().stale.add(timeline.id);
    }
}
