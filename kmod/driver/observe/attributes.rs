// SPDX-License-Identifier: GPL-2.0

//! `/sys/class/kgsl/kgsl-3d0/`: what monitors read, under the C driver's names and in its formats
//! (ABI facts, section 4.9).
//!
//! The GPU has one clock and one power level. Its clock is that of the cycles that performance
//! counters count, so that cycles by the clock are seconds.

use super::activity::{
    Share,
    IDLE_TIMER_MS, //
};
use crate::{
    driver::{
        context,
        device,
        Device, //
    },
    ext::sysfs::{
        Attribute,
        Directory,
        Source,
        Text, //
    },
    gpu::performance::CYCLES_PER_SECOND, //
};
use core::fmt::{
    Result as FmtResult,
    Write, //
};
use kernel::{
    c_str,
    prelude::*,
    sync::Arc, //
};

impl Source for Device {
    fn get() -> Result<Arc<Self>> {
        device::PLACE.get()
    }
}

/// Every attribute.
pub(in crate::driver) const DIRECTORIES: &[Directory<Device>] = &[
    Directory {
        name: None,
        attributes: OWN,
    },
    Directory {
        name: Some(c_str!("devfreq")),
        attributes: DEVFREQ,
    },
    Directory {
        name: Some(c_str!("dispatch")),
        attributes: DISPATCH,
    },
];

/// What stands in the device's own directory.
const OWN: &[Attribute<Device>] = &[
    Attribute(c_str!("gpubusy"), busy),
    Attribute(c_str!("gpu_busy_percentage"), busy_percentage),
    Attribute(c_str!("gpuclk"), hertz),
    Attribute(c_str!("max_gpuclk"), hertz),
    Attribute(c_str!("gpu_available_frequencies"), hertz_list),
    Attribute(c_str!("gpu_clock_stats"), busy_at_level),
    Attribute(c_str!("clock_mhz"), megahertz),
    Attribute(c_str!("min_clock_mhz"), megahertz),
    Attribute(c_str!("max_clock_mhz"), megahertz),
    Attribute(c_str!("freq_table_mhz"), megahertz_list),
    Attribute(c_str!("gpu_model"), |device, text| {
        writeln!(text, "{}", device.chip.model)
    }),
    Attribute(c_str!("num_pwrlevels"), |_, text| writeln!(text, "1")),
    Attribute(c_str!("min_pwrlevel"), lowest_level),
    Attribute(c_str!("max_pwrlevel"), lowest_level),
    Attribute(c_str!("default_pwrlevel"), lowest_level),
    Attribute(c_str!("thermal_pwrlevel"), lowest_level),
    Attribute(c_str!("idle_timer"), |_, text| {
        writeln!(text, "{IDLE_TIMER_MS}")
    }),
    Attribute(c_str!("reset_count"), |device, text| {
        writeln!(text, "{}", device.resets())
    }),
];

/// What a devfreq device of one frequency says.
const DEVFREQ: &[Attribute<Device>] = &[
    Attribute(c_str!("cur_freq"), hertz),
    Attribute(c_str!("min_freq"), hertz),
    Attribute(c_str!("max_freq"), hertz),
    Attribute(c_str!("available_frequencies"), hertz_list),
    Attribute(c_str!("governor"), |_, text| writeln!(text, "performance")),
];

/// How submissions are queued.
const DISPATCH: &[Attribute<Device>] = &[
    Attribute(c_str!("inflight"), |device, text| {
        writeln!(text, "{}", device.submissions())
    }),
    Attribute(c_str!("context_drawqueue_size"), |_, text| {
        writeln!(text, "{}", context::QUEUE_SIZE)
    }),
    Attribute(c_str!("context_queue_wait"), |_, text| {
        writeln!(text, "{}", context::QUEUE_WAIT_MS)
    }),
    Attribute(c_str!("drawobj_timeout"), |_, text| {
        writeln!(text, "{}", context::HANG_TIMEOUT_MS)
    }),
];

const NS_PER_US: u64 = 1000;

/// The busy and the whole time, in microseconds.
fn busy(device: &Device, text: &mut Text<'_>) -> FmtResult {
    let Share { busy, total } = device.activity.share();
    writeln!(text, "{:7} {:7}", busy / NS_PER_US, total / NS_PER_US)
}

/// How much of the time the GPU was busy.
fn busy_percentage(device: &Device, text: &mut Text<'_>) -> FmtResult {
    let Share { busy, total } = device.activity.share();
    let percentage = (busy.saturating_mul(100)).checked_div(total);
    writeln!(text, "{} %", percentage.unwrap_or(0))
}

/// For how many microseconds the GPU was busy at each level, since it came.
fn busy_at_level(device: &Device, text: &mut Text<'_>) -> FmtResult {
    let busy = device.activity.total();
    writeln!(text, "{} ", busy / NS_PER_US)
}

fn hertz(_: &Device, text: &mut Text<'_>) -> FmtResult {
    writeln!(text, "{CYCLES_PER_SECOND}")
}

fn hertz_list(_: &Device, text: &mut Text<'_>) -> FmtResult {
    writeln!(text, "{CYCLES_PER_SECOND} ")
}

const MEGAHERTZ: u64 = CYCLES_PER_SECOND / 1_000_000;

fn megahertz(_: &Device, text: &mut Text<'_>) -> FmtResult {
    writeln!(text, "{MEGAHERTZ}")
}

fn megahertz_list(_: &Device, text: &mut Text<'_>) -> FmtResult {
    writeln!(text, "{MEGAHERTZ} ")
}

/// There is one level, and it is 0.
fn lowest_level(_: &Device, text: &mut Text<'_>) -> FmtResult {
    writeln!(text, "0")
}
