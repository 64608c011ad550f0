// SPDX-License-Identifier: GPL-2.0

//! The device itself: properties, clocks, and ioctls that it does not have.

use kgsl_shim::abi::device::{
    Capabilities, CapabilitiesProperties, ContextProperty, DeviceProperty, PreemptionCounterQuery,
    ReadCalibratedTimestamps, CONTEXT_PROP_FAULTS, DEVICE_GETPROPERTY, PREEMPTIONCOUNTER_QUERY,
    PROPERTY_CONTEXT_PROPERTY, PROPERTY_GPU_RESET_STAT, PROPERTY_QUERY_CAPABILITIES,
    QUERY_CAPS_PROPERTIES, READ_CALIBRATED_TIMESTAMPS, SETPROPERTY,
};

use crate::fuzz::run::Run;

/// Numbers that no ioctl of the ABI has any more, or ever had.
const UNKNOWN: [u32; 12] = [
    0x00, 0x06, 0x11, 0x12, 0x22, 0x23, 0x25, 0x2e, 0x44, 0x50, 0x5f, 0x7f,
];

/// Sizes that properties have.
const SIZES: [u64; 9] = [4, 8, 8, 16, 16, 24, 24, 32, 40];

/// DEVICE_GETPROPERTY: any property, and those with questions of their own more often.
pub(super) fn get_property(run: &mut Run<'_>) {
    let context = run.context();
    let Some(device) = run.file(context.file) else {
        return;
    };
    let room = run.stage.arena.room(64);
    let (property, value, size) = match run.dice.below(12) {
        0..=2 => (PROPERTY_GPU_RESET_STAT, run.put(&context.id), 4),
        3 | 4 => {
            let question = ContextProperty {
                data: room,
                size: run.dice.below32(16),
                property: run
                    .dice
                    .pick(&[CONTEXT_PROP_FAULTS, CONTEXT_PROP_FAULTS, 2]),
                context_id: context.id,
                pad: 0,
            };
            (PROPERTY_CONTEXT_PROPERTY, run.put(&question), 24)
        }
        5 | 6 => {
            let properties = CapabilitiesProperties {
                list: run.stage.arena.room(512),
                count: run.dice.count(64),
                pad: 0,
            };
            let question = Capabilities {
                data: run.put(&properties),
                size: run.dice.pick(&[0, 16, 16, 8]),
                querytype: run
                    .dice
                    .pick(&[QUERY_CAPS_PROPERTIES, QUERY_CAPS_PROPERTIES, 0, 2]),
                pad: 0,
            };
            (PROPERTY_QUERY_CAPABILITIES, run.put(&question), 24)
        }
        _ => (run.dice.below32(0x36), room, run.dice.pick(&SIZES)),
    };
    let mut argument = DeviceProperty {
        property,
        pad: 0,
        value,
        size: match run.dice.one_in(16) {
            true => run.dice.odd64(),
            false => size,
        },
    };
    let _ = run.ioctl(&device, DEVICE_GETPROPERTY, &mut argument);
}

/// SETPROPERTY.
pub(super) fn set_property(run: &mut Run<'_>) {
    let (_, Some(device)) = run.some_file() else {
        return;
    };
    let mut argument = DeviceProperty {
        property: run.dice.below32(0x36),
        value: run.stage.arena.room(64),
        size: run.dice.below(64),
        pad: 0,
    };
    let _ = run.ioctl(&device, SETPROPERTY, &mut argument);
}

/// PREEMPTIONCOUNTER_QUERY.
pub(super) fn preemption_counters(run: &mut Run<'_>) {
    let (_, Some(device)) = run.some_file() else {
        return;
    };
    let mut argument = PreemptionCounterQuery {
        counters: run.stage.arena.room(64),
        size_user: 64,
        ..PreemptionCounterQuery::default()
    };
    let _ = run.ioctl(&device, PREEMPTIONCOUNTER_QUERY, &mut argument);
}

/// READ_CALIBRATED_TIMESTAMPS.
pub(super) fn calibrated_timestamps(run: &mut Run<'_>) {
    let (_, Some(device)) = run.some_file() else {
        return;
    };
    let sources = [0; 4].map(|_: u32| run.dice.below32(4) + u32::from(run.dice.one_in(16)));
    let mut argument = ReadCalibratedTimestamps {
        sources: run.list(&sources),
        timestamps: run.stage.arena.room(32),
        deviation: run.stage.arena.room(8),
        count: run.dice.count(4),
        pad: 0,
    };
    let _ = run.ioctl(&device, READ_CALIBRATED_TIMESTAMPS, &mut argument);
}

/// An ioctl that the device does not have.
pub(super) fn unknown(run: &mut Run<'_>) {
    let (_, Some(device)) = run.some_file() else {
        return;
    };
    let nr = match run.dice.one_in(2) {
        true => run.dice.pick(&UNKNOWN),
        false => 0x61 + run.dice.below32(0x9f),
    };
    let direction = run.dice.below32(4) << 30;
    run.unknown_ioctl(&device, direction | (0x09 << 8) | nr);
}
