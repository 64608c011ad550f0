// SPDX-License-Identifier: GPL-2.0

//! Timelines.

use kgsl_shim::abi::timeline::{
    TimelineCreate, TimelineDestroy, TimelineFenceGet, TimelineSignal, TimelineValue, TimelineWait,
    TIMELINE_CREATE, TIMELINE_DESTROY, TIMELINE_FENCE_GET, TIMELINE_QUERY, TIMELINE_SIGNAL,
    TIMELINE_WAIT, TIMELINE_WAIT_ALL,
};
use rustix::io::Errno;

use super::{open, sweep};
use crate::client::{address, Device, Fence};
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    timeline_create,
    timeline_destroy,
    timeline_wait,
    timeline_query,
    timeline_signal,
    timeline_fence_get,
];

/// What the tests sweep.
pub(super) const NUMBERS: &[u8] = &[
    TIMELINE_CREATE.nr(),
    TIMELINE_DESTROY.nr(),
    TIMELINE_WAIT.nr(),
    TIMELINE_QUERY.nr(),
    TIMELINE_SIGNAL.nr(),
    TIMELINE_FENCE_GET.nr(),
];

fn create(device: &Device) -> Result<u32, Errno> {
    let mut argument = TimelineCreate::default();
    device.ioctl(TIMELINE_CREATE, &mut argument)?;
    Ok(argument.id)
}

fn destroy(device: &Device, id: u32) -> Result<(), Errno> {
    device.ioctl(TIMELINE_DESTROY, &mut TimelineDestroy { id })
}

fn points<const N: usize>(id: u32, seqno: u64) -> [TimelineValue; N] {
    [TimelineValue {
        seqno,
        timeline: id,
        pad: 0,
    }; N]
}

fn timeline_create() {
    let device = open();
    let undo = |id| destroy(&device, id).expect("it is destroyed");
    sweep(&device, || create(&device), undo);
}

fn timeline_destroy() {
    let device = open();
    let id = create(&device).expect("there is a timeline");
    let undo = |()| assert_eq!(create(&device), Ok(id), "the lowest free id");
    sweep(&device, || destroy(&device, id), undo);
}

fn timeline_wait() {
    let device = open();
    let id = create(&device).expect("there is a timeline");
    let wait = || {
        let mut points = points::<3>(id, 0);
        let mut argument = TimelineWait {
            tv_sec: 1,
            timelines: address(&mut points[..]),
            count: 3,
            timelines_size: 16,
            flags: TIMELINE_WAIT_ALL,
            ..TimelineWait::default()
        };
        device.ioctl(TIMELINE_WAIT, &mut argument)
    };
    sweep(&device, wait, drop);
}

fn timeline_query() {
    let device = open();
    let id = create(&device).expect("there is a timeline");
    let query = || {
        let mut argument = points::<1>(id, 0)[0];
        device.ioctl(TIMELINE_QUERY, &mut argument)
    };
    sweep(&device, query, drop);
}

/// None of the points moves unless all are read.
fn timeline_signal() {
    let device = open();
    let id = create(&device).expect("there is a timeline");
    let signal = || {
        let mut points = points::<3>(id, 5);
        let mut argument = TimelineSignal {
            timelines: address(&mut points[..]),
            count: 3,
            timelines_size: 16,
        };
        device.ioctl(TIMELINE_SIGNAL, &mut argument)
    };
    // It cannot move back, but a new one of the same id starts from 0.
    let undo = |()| {
        destroy(&device, id).expect("it is destroyed");
        assert_eq!(create(&device), Ok(id));
    };
    sweep(&device, signal, undo);
}

fn timeline_fence_get() {
    let device = open();
    let id = create(&device).expect("there is a timeline");
    let get = || {
        let mut argument = TimelineFenceGet {
            seqno: 7,
            timeline: id,
            handle: -1,
        };
        device.ioctl(TIMELINE_FENCE_GET, &mut argument)?;
        Ok(argument.handle)
    };
    sweep(&device, get, |fd| drop(Fence::take(fd)));
}
