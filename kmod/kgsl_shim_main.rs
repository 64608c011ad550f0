// SPDX-License-Identifier: GPL-2.0

//! Kernel root: the module and its rooms.

use kernel::prelude::*;

pub mod abi;
mod driver;
mod ext;
pub mod gpu;

module! {
    type: KgslShim,
    name: "kgsl_shim",
    authors: ["The kgsl-shim developers"],
    description: "KGSL render device with a software Adreno",
    license: "GPL",
}

use driver::KgslShim;
