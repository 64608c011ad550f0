// SPDX-License-Identifier: GPL-2.0

//! Contexts and their timestamps.

use kgsl_shim::abi::context::{
    ContextCreate, ContextDestroy, ReadTimestamp, WaitTimestamp, CMDSTREAM_READTIMESTAMP_CTXTID,
    CONTEXT_FAULT_INFO, CONTEXT_INVALIDATE_ON_FAULT, CONTEXT_USER_GENERATED_TS,
    DEVICE_WAITTIMESTAMP_CTXTID, DRAWCTXT_CREATE, DRAWCTXT_DESTROY,
};

use crate::client::Context;
use crate::fuzz::run::Run;
use crate::fuzz::shared::Kind;
use crate::fuzz::world::Owned;

/// DRAWCTXT_CREATE.
pub(super) fn create(run: &mut Run<'_>) {
    let (file, Some(device)) = run.some_file() else {
        return;
    };
    let usual = [
        CONTEXT_USER_GENERATED_TS,
        CONTEXT_FAULT_INFO,
        CONTEXT_INVALIDATE_ON_FAULT,
    ]
    .map(u64::from);
    let mut flags = Context::USUAL;
    if run.dice.one_in(2) {
        flags |= crate::fuzz::dice::low(run.dice.some_of(&usual));
    }
    if run.dice.one_in(16) {
        flags ^= run.dice.odd32();
    }
    let mut argument = ContextCreate {
        flags,
        drawctxt_id: 0,
    };
    if run.ioctl(&device, DRAWCTXT_CREATE, &mut argument).is_ok() {
        let id = argument.drawctxt_id;
        run.stage.shared.show(Kind::Context, id);
        run.world().contexts.add(Owned { file, id });
    }
}

/// DRAWCTXT_DESTROY.
pub(super) fn destroy(run: &mut Run<'_>) {
    let context = run.context();
    let Some(device) = run.file(context.file) else {
        return;
    };
    let mut argument = ContextDestroy {
        drawctxt_id: context.id,
    };
    if run.ioctl(&device, DRAWCTXT_DESTROY, &mut argument).is_ok() {
        let world = run.world();
        world.contexts.forget(|other| other.id == context.id);
        world.stale.add(context.id);
    }
}

/// A timestamp: of the first few, of those that are likely to be queued, or any.
pub(super) fn timestamp(run: &mut Run<'_>) -> u32 {
    match run.dice.below(16) {
        0 => run.dice.odd32(),
        1 => 0,
        _ => run.dice.below32(12) + 1,
    }
}

/// DEVICE_WAITTIMESTAMP_CTXTID: mostly for a moment; seldom until a signal comes.
pub(super) fn wait(run: &mut Run<'_>) {
    let context = run.context();
    let Some(device) = run.file(context.file) else {
        return;
    };
    let timeout = match run.dice.below(64) {
        0 => u32::MAX,
        1 => run.dice.odd32(),
        2..=12 => 1 + run.dice.below32(4),
        _ => 0,
    };
    let mut argument = WaitTimestamp {
        context_id: context.id,
        timestamp: timestamp(run),
        timeout,
    };
    let _ = run.ioctl(&device, DEVICE_WAITTIMESTAMP_CTXTID, &mut argument);
}

/// CMDSTREAM_READTIMESTAMP_CTXTID.
pub(super) fn read(run: &mut Run<'_>) {
    let context = run.context();
    let Some(device) = run.file(context.file) else {
        return;
    };
    let mut argument = ReadTimestamp {
        context_id: context.id,
        kind: run.dice.below32(5),
        timestamp: 0,
    };
    let _ = run.ioctl(&device, CMDSTREAM_READTIMESTAMP_CTXTID, &mut argument);
}
