// SPDX-License-Identifier: GPL-2.0

//! Fences: of timestamps, of the program's own sources, and merged ones.

use std::os::fd::AsRawFd;
use std::sync::Arc;

use kgsl_shim::abi::sync::{
    SyncsourceCreate, SyncsourceFence, TimestampEvent, TimestampEventFence, SYNCSOURCE_CREATE,
    SYNCSOURCE_CREATE_FENCE, SYNCSOURCE_DESTROY, SYNCSOURCE_SIGNAL_FENCE, TIMESTAMP_EVENT,
    TIMESTAMP_EVENT_FENCE,
};

use rustix::event::{poll, PollFd, PollFlags, Timespec};

use super::context::timestamp;
use crate::client::Fence;
use crate::fuzz::run::Run;

/// The descriptor of a fence, seldom one of something else.
pub(super) fn descriptor(run: &mut Run<'_>, fence: Option<&Fence>) -> i32 {
    match fence {
        Some(fence) if !run.dice.one_in(24) => fence.descriptor(),
        _ => match run.world().buffers.pick(&mut run.dice) {
            Some(buffer) if run.dice.one_in(4) => buffer.as_raw_fd(),
            _ => i32::try_from(run.dice.below32(64)).unwrap_or(0) - 1,
        },
    }
}

fn note(run: &Run<'_>, descriptor: i32) {
    if let Some(descriptor) = run.take(descriptor) {
        run.world().fences.add(Arc::new(Fence::from(descriptor)));
    }
}

/// TIMESTAMP_EVENT.
pub(super) fn timestamp_event(run: &mut Run<'_>) {
    let context = run.context();
    let Some(device) = run.file(context.file) else {
        return;
    };
    let private = run.put(&TimestampEventFence { fence_fd: -1 });
    let mut argument = TimestampEvent {
        kind: match run.dice.one_in(24) {
            true => i32::try_from(run.dice.below32(4)).unwrap_or(0),
            false => TIMESTAMP_EVENT_FENCE,
        },
        timestamp: timestamp(run),
        context_id: context.id,
        pad: 0,
        private,
        len: match run.dice.one_in(24) {
            true => run.dice.odd64(),
            false => 4,
        },
    };
    if run.ioctl(&device, TIMESTAMP_EVENT, &mut argument).is_ok() {
        let [b0, b1, b2, b3] = run.stage.arena.dword(private).to_le_bytes();
        note(run, i32::from_le_bytes([b0, b1, b2, b3]));
    }
}

/// SYNCSOURCE_CREATE.
pub(super) fn create(run: &mut Run<'_>) {
    let (_, Some(device)) = run.some_file() else {
        return;
    };
    let mut argument = SyncsourceCreate::default();
    if run.ioctl(&device, SYNCSOURCE_CREATE, &mut argument).is_ok() {
        run.world().sources.add(argument.id);
    }
}

/// A source, mostly one of the sequence's own.
fn source(run: &mut Run<'_>) -> u32 {
    let own = run.world().sources.pick(&mut run.dice).unwrap_or(1);
    match run.dice.below(24) {
        0 => own.wrapping_add(1),
        1 => run.dice.odd32(),
        _ => own,
    }
}

/// SYNCSOURCE_DESTROY.
pub(super) fn destroy(run: &mut Run<'_>) {
    let (_, Some(device)) = run.some_file() else {
        return;
    };
    let id = source(run);
    let mut argument = SyncsourceCreate {
        id,
        ..SyncsourceCreate::default()
    };
    if run
        .ioctl(&device, SYNCSOURCE_DESTROY, &mut argument)
        .is_ok()
    {
        run.world().sources.forget(|&other| other == id);
    }
}

/// SYNCSOURCE_CREATE_FENCE.
pub(super) fn create_fence(run: &mut Run<'_>) {
    let (_, Some(device)) = run.some_file() else {
        return;
    };
    let mut argument = SyncsourceFence {
        id: source(run),
        fence_fd: -1,
        ..SyncsourceFence::default()
    };
    let result = run.ioctl(&device, SYNCSOURCE_CREATE_FENCE, &mut argument);
    if result.is_ok() {
        note(run, argument.fence_fd);
    }
}

/// SYNCSOURCE_SIGNAL_FENCE.
pub(super) fn signal_fence(run: &mut Run<'_>) {
    let (_, Some(device)) = run.some_file() else {
        return;
    };
    let fence = run.world().fences.pick(&mut run.dice);
    let mut argument = SyncsourceFence {
        id: source(run),
        fence_fd: descriptor(run, fence.as_deref()),
        ..SyncsourceFence::default()
    };
    let _ = run.ioctl(&device, SYNCSOURCE_SIGNAL_FENCE, &mut argument);
}

/// What programs do with a sync_file: poll it, merge it with another, ask what it is, close it.
pub(super) fn use_fence(run: &mut Run<'_>) {
    let world = run.world();
    let Some(fence) = world.fences.pick(&mut run.dice) else {
        return;
    };
    match run.dice.below(6) {
        0 => drop(world.fences.take(&mut run.dice)),
        1 => {
            let timeout = Timespec {
                tv_sec: 0,
                tv_nsec: i64::from(run.dice.below32(3)) * 1_000_000,
            };
            let mut fds = [PollFd::new(&fence, PollFlags::IN)];
            let _ = run.note(poll(&mut fds, Some(&timeout)));
        }
        2 => {
            let _ = fence.status();
        }
        _ => {
            let other = world.fences.pick(&mut run.dice).unwrap_or(fence.clone());
            let merged = run.note(fence.merge(&other));
            if let Ok(merged) = merged {
                world.fences.add(Arc::new(merged));
            }
        }
    }
}
