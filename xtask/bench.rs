// SPDX-License-Identifier: GPL-2.0

//! The `bench` subcommand: the module beside the kernel's own C code doing the same job, in one boot of a virtual machine.

mod command;
mod comparison;
mod guest;
mod history;
mod host;
mod machine;
mod peer;
mod plot;
mod records;
mod statistics;
mod table;
#[cfg(test)]
mod tests;
mod virtme;

pub use command::Bench;
