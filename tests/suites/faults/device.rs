// SPDX-License-Identifier: GPL-2.0

//! The device and its counters.

use kgsl_shim::abi::device::{
    Capabilities, CapabilitiesProperties, DeviceInfo, DeviceProperty, ReadCalibratedTimestamps,
    DEVICE_GETPROPERTY, PREEMPTIONCOUNTER_QUERY, PROPERTY_DEVICE_INFO, PROPERTY_GPU_MODEL,
    PROPERTY_PWR_CONSTRAINT, PROPERTY_QUERY_CAPABILITIES, QUERY_CAPS_PROPERTIES,
    READ_CALIBRATED_TIMESTAMPS, SETPROPERTY,
};
use kgsl_shim::abi::perfcounter::{
    PerfcounterGet, PerfcounterPut, PerfcounterQuery, PerfcounterRead, PerfcounterReadGroup,
    PERFCOUNTER_GET, PERFCOUNTER_PUT, PERFCOUNTER_QUERY, PERFCOUNTER_READ,
};
use rustix::io::Errno;

use super::{open, sweep};
use crate::client::{address, Device};
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    device_getproperty,
    setproperty,
    preemptioncounter_query,
    read_calibrated_timestamps,
    perfcounter_get,
    perfcounter_put,
    perfcounter_query,
    perfcounter_read,
];

/// What the tests sweep.
pub(super) const NUMBERS: &[u8] = &[
    DEVICE_GETPROPERTY.nr(),
    SETPROPERTY.nr(),
    PREEMPTIONCOUNTER_QUERY.nr(),
    READ_CALIBRATED_TIMESTAMPS.nr(),
    PERFCOUNTER_GET.nr(),
    PERFCOUNTER_PUT.nr(),
    PERFCOUNTER_QUERY.nr(),
    PERFCOUNTER_READ.nr(),
];

fn device_getproperty() {
    let device = open();
    sweep(
        &device,
        || device.property::<DeviceInfo>(PROPERTY_DEVICE_INFO),
        drop,
    );
    sweep(
        &device,
        || device.property::<[u8; 32]>(PROPERTY_GPU_MODEL),
        drop,
    );
    let capabilities = || {
        let mut list = [0u32; 64];
        let mut properties = CapabilitiesProperties {
            list: address(&mut list[..]),
            count: 64,
            pad: 0,
        };
        let mut query = Capabilities {
            data: address(&mut properties),
            size: 16,
            querytype: QUERY_CAPS_PROPERTIES,
            pad: 0,
        };
        device.read_property(PROPERTY_QUERY_CAPABILITIES, &mut query)
    };
    sweep(&device, capabilities, drop);
}

fn setproperty() {
    let device = open();
    let set = || {
        let mut argument = DeviceProperty {
            property: PROPERTY_PWR_CONSTRAINT,
            ..DeviceProperty::default()
        };
        device.ioctl(SETPROPERTY, &mut argument)
    };
    sweep(&device, set, drop);
}

/// It is always refused; what can fail before that is the copy of its structure.
fn preemptioncounter_query() {
    let device = open();
    let query = || {
        let refused = device.ioctl(PREEMPTIONCOUNTER_QUERY, &mut Default::default());
        match refused {
            Err(Errno::OPNOTSUPP) => Ok(()),
            other => other,
        }
    };
    sweep(&device, query, drop);
}

fn read_calibrated_timestamps() {
    let device = open();
    let read = || {
        let (mut sources, mut timestamps, mut deviation) = ([0u32, 1, 2, 3], [0u64; 4], 0u64);
        let mut argument = ReadCalibratedTimestamps {
            sources: address(&mut sources),
            timestamps: address(&mut timestamps),
            deviation: address(&mut deviation),
            count: 4,
            pad: 0,
        };
        device.ioctl(READ_CALIBRATED_TIMESTAMPS, &mut argument)
    };
    sweep(&device, read, drop);
}

fn reserve(device: &Device) -> Result<(), Errno> {
    let mut argument = PerfcounterGet {
        groupid: 0,
        countable: 5,
        ..PerfcounterGet::default()
    };
    device.ioctl(PERFCOUNTER_GET, &mut argument)
}

fn give_back(device: &Device) -> Result<(), Errno> {
    let mut argument = PerfcounterPut {
        groupid: 0,
        countable: 5,
        ..PerfcounterPut::default()
    };
    device.ioctl(PERFCOUNTER_PUT, &mut argument)
}

fn perfcounter_get() {
    let device = open();
    let undo = |()| give_back(&device).expect("it is held");
    sweep(&device, || reserve(&device), undo);
}

fn perfcounter_put() {
    let device = open();
    reserve(&device).expect("there is one");
    let undo = |()| reserve(&device).expect("there is one");
    sweep(&device, || give_back(&device), undo);
}

fn perfcounter_query() {
    let device = open();
    let query = || {
        let mut list = [0u32; 16];
        let mut argument = PerfcounterQuery {
            countables: address(&mut list[..]),
            count: 16,
            ..PerfcounterQuery::default()
        };
        device.ioctl(PERFCOUNTER_QUERY, &mut argument)
    };
    sweep(&device, query, drop);
}

fn perfcounter_read() {
    let device = open();
    reserve(&device).expect("there is one");
    let read = || {
        let group = PerfcounterReadGroup {
            countable: 5,
            ..PerfcounterReadGroup::default()
        };
        let mut list = [group; 4];
        let mut argument = PerfcounterRead {
            reads: address(&mut list[..]),
            count: 4,
            ..PerfcounterRead::default()
        };
        device.ioctl(PERFCOUNTER_READ, &mut argument)
    };
    sweep(&device, read, drop);
}
