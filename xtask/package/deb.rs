// SPDX-License-Identifier: GPL-2.0

//! Debian packages: one with the module for one kernel, named after its release as the kernel's own package is, and one
//! with the configuration, which packages for several kernels share; or, in the place of the former, one with the
//! source for dkms.

mod archive;
mod dkms;
mod facts;
mod packages;

pub use dkms::package_dkms;
pub use packages::{package, Request};
