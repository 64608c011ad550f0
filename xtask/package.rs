// SPDX-License-Identifier: GPL-2.0

//! The `package` subcommand: the module as others install it.

pub mod command;
pub mod deb;
pub mod dkms;
pub mod output;
pub mod sources;
pub mod yocto;

pub use command::Package;
