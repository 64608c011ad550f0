// SPDX-License-Identifier: GPL-2.0

//! The suites that run on the host.

pub(super) mod cargo;
pub(super) mod generated;
pub(super) mod lints;
pub(super) mod misuse;
mod tool;
