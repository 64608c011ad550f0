// SPDX-License-Identifier: GPL-2.0

//! What this machine must have installed, what it lacks, and how it gets it.

pub mod bindgen;
pub mod distribution;
pub mod ensure;
pub mod install;
pub mod need;
pub mod packages;
pub mod rust;
pub mod status;

pub use ensure::{ensure, ensure_tools, wanted};
pub use need::Need;
