// SPDX-License-Identifier: GPL-2.0

//! The `fuzz` subcommand: the guest program `fuzz` in a virtual machine, until its time is over or the kernel goes wrong.
//!
//! What the program does is its own affair: here a sequence is some lines of text, which the program writes before it
//! runs them and takes back to run them again.

mod command;
mod finding;
mod laboratory;
mod minimize;
mod sequence;
mod watch;

pub use command::Fuzz;
