// SPDX-License-Identifier: GPL-2.0

//! The `build` subcommand, and the library behind it: a kernel tree is examined before Kbuild is run in it.

pub mod artefacts;
pub mod cause;
pub mod command;
pub mod compiler;
pub mod directories;
mod inputs;
pub mod module;
pub mod preflight;
#[cfg(test)]
mod rebuild_tests;
pub mod strip;
#[cfg(test)]
mod tests;

pub use command::Build;
pub use module::module;
