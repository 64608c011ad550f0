// SPDX-License-Identifier: GPL-2.0

//! The module's parameters: as they were when it was loaded, unless they say otherwise.

use super::shim;
use kernel::prelude::*;

/// `chip=`: which Adreno to present.
pub(crate) fn chip() -> &'static CStr {
    // SAFETY: The function only reads a static variable that is initialised before the module's
    // init runs.
    let chip = unsafe { shim::kgsl_shim_parameter_chip() };
    // SAFETY: A charp parameter is a NUL-terminated string. It lives as long as the module, since
    // the parameter is read-only in sysfs.
    unsafe { CStr::from_char_ptr(chip) }
}

/// `bind_dt=`: whether to be the driver of the device tree's node.
pub(crate) fn bind_dt() -> bool {
    // SAFETY: The function only reads a static variable that is initialised before the module's
    // init runs.
    unsafe { shim::kgsl_shim_parameter_bind_dt() }
}

/// `wait_zero=`: whether a wait of no time waits for ever. It may change at any time.
pub(crate) fn wait_zero_forever() -> bool {
    // SAFETY: The function only reads a variable that is written in one piece.
    unsafe { shim::kgsl_shim_parameter_wait_zero_forever() }
}

/// `strict=`: whether work that needs a shader core faults.
pub(crate) fn strict() -> bool {
    // SAFETY: The function only reads a static variable that is initialised before the module's
    // init runs.
    unsafe { shim::kgsl_shim_parameter_strict() }
}
