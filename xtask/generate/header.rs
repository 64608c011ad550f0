// SPDX-License-Identifier: GPL-2.0

//! The header for C users: from the Rust sources of the ABI to `include/uapi/kgsl_shim.h`.

mod bindings;
mod macros;
mod model;
mod names;
mod prepared;
mod read;
#[cfg(test)]
mod tests;

use anyhow::Context;

use crate::generate::render::File;
use crate::project;

/// Where the header is, from the repository's root.
const PATH: &str = "include/uapi/kgsl_shim.h";

/// Renders the header.
pub fn render() -> anyhow::Result<File> {
    let abi = read::read(&project::root().join("kmod/abi")).context("reading kmod/abi")?;
    Ok(File {
        path: PATH.to_owned(),
        text: bindings::header(&abi).context("generating the header for C")?,
    })
}
