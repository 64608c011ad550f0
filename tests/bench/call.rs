// SPDX-License-Identifier: GPL-2.0

//! The smallest call: what it costs to ask at all.

use std::io;

use kgsl_shim::abi::device::{DeviceProperty, DEVICE_GETPROPERTY, PROPERTY_DEVICE_BITNESS};

use super::measure::timed;
use super::record::Title;
use super::run::Session;
use crate::client::{address, Device, Vgem};

const TITLE: Title = Title {
    job: "smallest ioctl",
    size: 0,
    peer: "",
    target: Some(1.0),
};

/// A property of four bytes beside what vgem answers.
pub(super) fn compare(session: &mut Session) -> io::Result<()> {
    let device = Device::open()?;
    let vgem = Vgem::open()?;
    let mut value = 0_u32;
    let mut argument = DeviceProperty {
        property: PROPERTY_DEVICE_BITNESS,
        value: address(&mut value),
        size: 4,
        ..DeviceProperty::default()
    };
    let mut ours = timed(|| Ok(device.ioctl(DEVICE_GETPROPERTY, &mut argument)?));
    let mut version = timed(|| Ok(vgem.version().map(drop)?));
    let title = Title {
        peer: "vgem VERSION",
        ..TITLE
    };
    session.compare(&title, &mut ours, &mut version)?;
    let mut capability = timed(|| Ok(vgem.capability().map(drop)?));
    let title = Title {
        peer: "vgem GET_CAP",
        ..TITLE
    };
    session.compare(&title, &mut ours, &mut capability)
}
