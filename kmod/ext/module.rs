// SPDX-License-Identifier: GPL-2.0

//! This module, as the kernel knows it.

use kernel::bindings;

/// This module, which owns the tables of functions that it gives to the kernel.
#[cfg(not(kernel_at_least_7_3))]
pub(crate) const fn this_module() -> *mut bindings::module {
    crate::THIS_MODULE.as_ptr()
}

/// This module, which owns the tables of functions that it gives to the kernel.
#[cfg(kernel_at_least_7_3)]
pub(crate) const fn this_module() -> *mut bindings::module {
    kernel::module::this_module::<crate::LocalModule>().as_ptr()
}
