// SPDX-License-Identifier: GPL-2.0

//! The benchmark: the module beside the kernel's own C code doing the same job, in one boot. What is measured, and what
//! it is to come to, stands here; the host makes numbers of it.

mod allocation;
mod blit;
mod call;
mod clock;
mod effort;
mod fence;
mod import;
mod kernel_memory;
mod many_contexts;
mod many_objects;
mod measure;
mod record;
mod run;
mod server;
mod submission;

pub use self::run::run;
