// SPDX-License-Identifier: GPL-2.0

//! The `generate` subcommand, and the rendering behind it.

pub mod command;
pub mod facts;
pub mod header;
pub mod outputs;
pub mod render;
#[cfg(test)]
mod tests;
pub mod yocto;

pub use command::Generate;
