// SPDX-License-Identifier: GPL-2.0

//! Contexts and their timestamps.

use kgsl_shim::abi::context::{
    CMDSTREAM_READTIMESTAMP_CTXTID, DEVICE_WAITTIMESTAMP_CTXTID, DRAWCTXT_CREATE, DRAWCTXT_DESTROY,
    TIMESTAMP_RETIRED,
};

use super::{open, sweep, LONG};
use crate::client::{Bench, Context};
use crate::pm4::Commands;
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    drawctxt_create,
    drawctxt_destroy,
    device_waittimestamp_ctxtid,
    cmdstream_readtimestamp_ctxtid,
];

/// What the tests sweep.
pub(super) const NUMBERS: &[u8] = &[
    DRAWCTXT_CREATE.nr(),
    DRAWCTXT_DESTROY.nr(),
    DEVICE_WAITTIMESTAMP_CTXTID.nr(),
    CMDSTREAM_READTIMESTAMP_CTXTID.nr(),
];

fn drawctxt_create() {
    let device = open();
    let undo = |context: Context<'_>| context.destroy().expect("it is destroyed");
    sweep(&device, || Context::new(&device), undo);
}

fn drawctxt_destroy() {
    let device = open();
    let context = Context::new(&device).expect("a context is created");
    // The lowest free id is given out again.
    let undo = |()| {
        let again = Context::new(&device).expect("a context is created");
        assert_eq!(again.id, context.id);
    };
    sweep(&device, || context.destroy(), undo);
}

fn device_waittimestamp_ctxtid() {
    let device = open();
    let bench = Bench::new(&device);
    let timestamp = bench.run(Commands::default().nop(&[]));
    sweep(&device, || bench.context.wait(timestamp, LONG), drop);
}

fn cmdstream_readtimestamp_ctxtid() {
    let device = open();
    let bench = Bench::new(&device);
    sweep(&device, || bench.context.timestamp(TIMESTAMP_RETIRED), drop);
}
