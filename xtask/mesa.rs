// SPDX-License-Identifier: GPL-2.0

//! A real KGSL client: turnip, the Vulkan driver of Mesa, built for the virtual machine with its asserts on, and what
//! a Vulkan program needs around it.

mod build;
mod closure;
mod fetch;
mod guest;
mod lock;
mod options;
mod python;
mod userland;

pub use guest::{entries, MEMORY, PROGRAMS};
