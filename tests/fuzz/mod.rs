// SPDX-License-Identifier: GPL-2.0

//! A fuzzer of the device: processes run sequences of calls that follow from a seed, and keep those that saw something
//! first. What is looked for is a kernel that goes wrong; the host watches its log.

mod actor;
mod arena;
mod calls;
mod code;
mod dice;
mod generate;
mod manager;
mod options;
mod partner;
mod report;
mod run;
mod shared;
mod step;
mod worker;
mod world;

pub use self::manager::main;
