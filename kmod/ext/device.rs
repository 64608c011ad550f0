// SPDX-License-Identifier: GPL-2.0

//! Devices, as C sees them.
//!
//! C header: `include/linux/device.h`

use core::ptr;
use kernel::{
    bindings,
    device::Device, //
};

/// The C side of a device, valid for as long as the borrow. The kernel crate's own accessor is private to it.
pub(super) fn as_raw(device: &Device) -> *mut bindings::device {
    // CAST: `Device` is a transparent wrapper of `struct device`.
    ptr::from_ref(device).cast_mut().cast()
}
