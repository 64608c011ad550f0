// SPDX-License-Identifier: GPL-2.0

//! Settings and clocks of the device.

use super::super::File;
use crate::{
    abi::device as abi,
    ext::{
        errno,
        time,
        user, //
    },
};
use kernel::{
    prelude::*,
    transmute::AsBytes,
    uaccess::UserSlice, //
};

/// Properties that can be set: what power the GPU should have, which changes nothing here.
const SETTABLE: [u32; 3] = [
    abi::PROPERTY_PWR_CONSTRAINT,
    abi::PROPERTY_L3_PWR_CONSTRAINT,
    abi::PROPERTY_PWRCTRL,
];

/// The clocks that READ_CALIBRATED_TIMESTAMPS knows.
const CLOCKS: usize = 4;

/// SETPROPERTY: accepted where a real device would only change its clocks.
///
/// Fails with `EINVAL` for any other property.
pub(super) fn set_property(_file: &File, argument: &mut abi::DeviceProperty) -> Result {
    match SETTABLE.contains(&argument.property) {
        true => Ok(()),
        false => Err(EINVAL),
    }
}

/// PREEMPTIONCOUNTER_QUERY: only Adreno 5xx has such counters.
///
/// Always fails with `EOPNOTSUPP`.
pub(super) fn preemption_counters(
    _file: &File,
    _argument: &mut abi::PreemptionCounterQuery,
) -> Result {
    Err(errno::eopnotsupp())
}

/// READ_CALIBRATED_TIMESTAMPS: the GPU's clock and those of the system, read right after each
/// other.
///
/// Fails with `EINVAL` for no clock, too many, or an unknown one.
pub(super) fn calibrated_timestamps(
    _file: &File,
    argument: &mut abi::ReadCalibratedTimestamps,
) -> Result {
    let count = usize::try_from(argument.count)?;
    let mut sources = [0u32; CLOCKS];
    let mut values = [0u64; CLOCKS];
    let sources = sources.get_mut(..count).ok_or(EINVAL)?;
    let values = values.get_mut(..count).ok_or(EINVAL)?;
    if count == 0 {
        return Err(EINVAL);
    }
    UserSlice::new(user::address(argument.sources)?, size_of_val(sources))
        .reader()
        .read_slice(AsBytes::as_bytes_mut(sources))?;
    let began = time::monotonic_ns();
    for (source, value) in sources.iter().zip(values.iter_mut()) {
        *value = read_clock(*source)?;
    }
    let deviation = time::monotonic_ns().saturating_sub(began);
    UserSlice::new(user::address(argument.timestamps)?, size_of_val(values))
        .writer()
        .write_slice(AsBytes::as_bytes(values))?;
    UserSlice::new(user::address(argument.deviation)?, size_of::<u64>())
        .writer()
        .write(&deviation)?;
    Ok(())
}

/// A clock: the GPU's in its own ticks, the others in nanoseconds.
fn read_clock(source: u32) -> Result<u64> {
    match source {
        abi::CLOCK_DEVICE => Ok(time::always_on_ticks()),
        abi::CLOCK_MONOTONIC => Ok(time::monotonic_ns()),
        abi::CLOCK_MONOTONIC_RAW => Ok(time::monotonic_raw_ns()),
        abi::CLOCK_BOOTTIME => Ok(time::boottime_ns()),
        _ => Err(EINVAL),
    }
}
