// SPDX-License-Identifier: GPL-2.0

//! The `run` subcommand: the module in a virtual machine, and a program that uses it.

mod command;
mod machine;
mod picture;

pub use command::Run;
