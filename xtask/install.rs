// SPDX-License-Identifier: GPL-2.0

//! The `install` subcommand, and the library behind it: the module, its index and its configuration go into a root
//! directory all together or not at all, and modprobe's own resolution is asked afterwards what it finds there.

pub mod clashes;
pub mod command;
pub mod configuration;
pub mod examination;
pub mod groups;
pub mod index;
pub mod installation;
pub mod journal;
pub mod kmod;
pub mod layout;
pub mod modules_install;
pub mod receipt;
pub mod root;
pub mod staging;
#[cfg(test)]
mod tests;
pub mod transaction;
pub mod verification;

pub use command::Install;
pub use installation::{install, Installed, Options, Request};
pub use layout::Layout;
pub use modules_install::Signer;
pub use root::Root;
