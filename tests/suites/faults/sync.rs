// SPDX-License-Identifier: GPL-2.0

//! Fences of timestamps, and sources of fences.

use kgsl_shim::abi::sync::{
    SyncsourceCreate, SyncsourceFence, TimestampEvent, TimestampEventFence, SYNCSOURCE_CREATE,
    SYNCSOURCE_CREATE_FENCE, SYNCSOURCE_DESTROY, SYNCSOURCE_SIGNAL_FENCE, TIMESTAMP_EVENT,
    TIMESTAMP_EVENT_FENCE,
};
use rustix::io::Errno;

use super::{open, sweep};
use crate::client::{address, Bench, Device, Fence};
use crate::pm4::Commands;
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    timestamp_event,
    syncsource_create,
    syncsource_destroy,
    syncsource_create_fence,
    syncsource_signal_fence,
];

/// What the tests sweep.
pub(super) const NUMBERS: &[u8] = &[
    TIMESTAMP_EVENT.nr(),
    SYNCSOURCE_CREATE.nr(),
    SYNCSOURCE_DESTROY.nr(),
    SYNCSOURCE_CREATE_FENCE.nr(),
    SYNCSOURCE_SIGNAL_FENCE.nr(),
];

fn timestamp_event() {
    let device = open();
    let bench = Bench::new(&device);
    let timestamp = bench.run(Commands::default().nop(&[]));
    let event = || {
        let mut private = TimestampEventFence { fence_fd: -1 };
        let mut argument = TimestampEvent {
            kind: TIMESTAMP_EVENT_FENCE,
            timestamp,
            context_id: bench.context.id,
            private: address(&mut private),
            len: 4,
            ..TimestampEvent::default()
        };
        device.ioctl(TIMESTAMP_EVENT, &mut argument)?;
        Ok(private.fence_fd)
    };
    sweep(&device, event, |fd| drop(Fence::take(fd)));
}

fn create(device: &Device) -> Result<u32, Errno> {
    let mut argument = SyncsourceCreate::default();
    device.ioctl(SYNCSOURCE_CREATE, &mut argument)?;
    Ok(argument.id)
}

fn destroy(device: &Device, id: u32) -> Result<(), Errno> {
    let mut argument = SyncsourceCreate {
        id,
        ..SyncsourceCreate::default()
    };
    device.ioctl(SYNCSOURCE_DESTROY, &mut argument)
}

fn fence(device: &Device, id: u32) -> Result<i32, Errno> {
    let mut argument = SyncsourceFence {
        id,
        fence_fd: -1,
        ..SyncsourceFence::default()
    };
    device.ioctl(SYNCSOURCE_CREATE_FENCE, &mut argument)?;
    Ok(argument.fence_fd)
}

fn signal(device: &Device, id: u32, fence: &Fence) -> Result<(), Errno> {
    let mut argument = SyncsourceFence {
        id,
        fence_fd: fence.descriptor(),
        ..SyncsourceFence::default()
    };
    device.ioctl(SYNCSOURCE_SIGNAL_FENCE, &mut argument)
}

fn syncsource_create() {
    let device = open();
    let undo = |id| destroy(&device, id).expect("it is destroyed");
    sweep(&device, || create(&device), undo);
}

/// Where the answer cannot be delivered, the source is gone all the same, and a second time fails otherwise.
fn syncsource_destroy() {
    let device = open();
    let id = create(&device).expect("there is a source");
    let undo = |()| assert_eq!(create(&device), Ok(id));
    let again = || match destroy(&device, id) {
        Err(Errno::INVAL) => Ok(()),
        other => other,
    };
    sweep(&device, again, |()| {
        if fence(&device, id).is_err() {
            undo(());
        }
    });
}

fn syncsource_create_fence() {
    let device = open();
    let id = create(&device).expect("there is a source");
    let undo = |fd| {
        let fence = Fence::take(fd);
        signal(&device, id, &fence).expect("it is signaled");
    };
    sweep(&device, || fence(&device, id), undo);
}

/// A fence that has signaled cannot be signaled again.
fn syncsource_signal_fence() {
    let device = open();
    let id = create(&device).expect("there is a source");
    let fresh = || Fence::take(fence(&device, id).expect("there is a fence"));
    let held = std::cell::RefCell::new(fresh());
    let undo = |()| {
        held.replace(fresh());
    };
    let again = || match signal(&device, id, &held.borrow()) {
        Err(Errno::INVAL) => Ok(()),
        other => other,
    };
    sweep(&device, again, undo);
}
