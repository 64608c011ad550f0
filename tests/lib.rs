// SPDX-License-Identifier: GPL-2.0

//! Programs that run in the test virtual machine: PID 1 with the test suites, the demo client and the benchmark.

pub mod bench;
pub mod client;
pub mod demo;
pub mod fuzz;
pub mod init;
pub mod kernel_log;
pub mod module;
pub mod pm4;
pub mod status;
pub mod suite;
pub mod suites;
