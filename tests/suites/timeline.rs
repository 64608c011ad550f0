// SPDX-License-Identifier: GPL-2.0

//! TIMELINE_*, and the GPU_AUX_COMMAND that moves timelines on.

mod auxiliary;
mod point;
mod wait;

use kgsl_shim::abi::timeline::{
    TimelineCreate, TimelineDestroy, TimelineFenceGet, TimelineSignal, TimelineValue, TimelineWait,
    TIMELINE_CREATE, TIMELINE_DESTROY, TIMELINE_FENCE_GET, TIMELINE_QUERY, TIMELINE_SIGNAL,
    TIMELINE_WAIT,
};
use rustix::io::Errno;

use crate::client::{address, Device, Fence};
use crate::suite::Suite;

/// The suite.
pub(super) const SUITE: Suite = Suite {
    name: "timeline",
    groups: &[point::TESTS, wait::TESTS, auxiliary::TESTS],
};

/// More than any wait takes, in milliseconds.
const LONG: u32 = 25_000;

/// Addresses at which there is nothing that a program could lend.
const NOWHERE: [u64; 3] = [0, 8, 0xffff_8000_0000_0000];

fn open() -> Device {
    Device::open().expect("the node opens")
}

fn create(device: &Device, seqno: u64) -> u32 {
    let mut argument = TimelineCreate {
        seqno,
        ..TimelineCreate::default()
    };
    device
        .ioctl(TIMELINE_CREATE, &mut argument)
        .expect("a timeline is created");
    argument.id
}

fn destroy(device: &Device, id: u32) -> Result<(), Errno> {
    device.ioctl(TIMELINE_DESTROY, &mut TimelineDestroy { id })
}

fn value(device: &Device, timeline: u32) -> Result<u64, Errno> {
    let mut argument = TimelineValue {
        timeline,
        ..TimelineValue::default()
    };
    device.ioctl(TIMELINE_QUERY, &mut argument)?;
    Ok(argument.seqno)
}

fn values(points: &[(u32, u64)]) -> Vec<TimelineValue> {
    let value = |&(timeline, seqno): &(u32, u64)| TimelineValue {
        seqno,
        timeline,
        pad: 0,
    };
    points.iter().map(value).collect()
}

fn signal_values(device: &Device, values: &mut [TimelineValue]) -> Result<(), Errno> {
    let mut argument = TimelineSignal {
        timelines: address(values),
        count: u32::try_from(values.len()).expect("there are few"),
        timelines_size: 16,
    };
    device.ioctl(TIMELINE_SIGNAL, &mut argument)
}

fn signal(device: &Device, points: &[(u32, u64)]) -> Result<(), Errno> {
    signal_values(device, &mut values(points))
}

fn wait(device: &Device, points: &[(u32, u64)], flags: u32, timeout: u32) -> Result<(), Errno> {
    let mut values = values(points);
    let mut argument = TimelineWait {
        tv_sec: i64::from(timeout / 1000),
        tv_nsec: i64::from(timeout % 1000) * 1_000_000,
        timelines: address(&mut values[..]),
        count: u32::try_from(points.len()).expect("there are few"),
        timelines_size: 16,
        flags,
        pad: 0,
    };
    device.ioctl(TIMELINE_WAIT, &mut argument)
}

fn fence(device: &Device, timeline: u32, seqno: u64) -> Result<Fence, Errno> {
    let mut argument = TimelineFenceGet {
        seqno,
        timeline,
        handle: -1,
    };
    device.ioctl(TIMELINE_FENCE_GET, &mut argument)?;
    Ok(Fence::take(argument.handle))
}
