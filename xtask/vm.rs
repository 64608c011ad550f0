// SPDX-License-Identifier: GPL-2.0

//! Virtual machines: a kernel, an initramfs with one program as PID 1, and a verdict on what came of it.

pub mod accelerator;
mod cargo;
mod client32;
mod clock;
pub mod device_tree;
mod directory;
mod extra_module;
pub mod initramfs;
pub mod kernel_log;
pub mod ktap;
mod last_words;
mod machine;
pub mod programs;
mod qemu;
mod report;
mod run;
pub mod shell;
pub mod status;
pub mod taint;
mod verdict;
mod workshop;

pub use accelerator::Accelerator;
pub use initramfs::Entry;
pub use machine::Machine;
pub use report::Report;
pub use run::{Job, Run};
pub use verdict::Problem;
pub use workshop::Workshop;
