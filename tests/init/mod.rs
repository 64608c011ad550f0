// SPDX-License-Identifier: GPL-2.0

//! PID 1 of the virtual machine: it mounts what programs expect, does its job and restarts the machine, which ends it.

mod child;
mod command;
mod job;
mod kmemleak;
pub mod ktap;
mod mounts;
mod options;
mod steps;

pub use self::job::run;
pub use self::mounts::mount_all;
