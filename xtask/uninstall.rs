// SPDX-License-Identifier: GPL-2.0

//! The `uninstall` subcommand: what `install` has put into a root directory goes, and nothing else.

pub mod command;
pub mod removal;

pub use command::Uninstall;
pub use removal::{uninstall, Removed};
