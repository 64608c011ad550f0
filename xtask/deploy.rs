// SPDX-License-Identifier: GPL-2.0

//! The `deploy` subcommand: the module goes to a running machine over ssh and is loaded there, or the machine stays as
//! it was.

mod apply;
mod command;
mod installation;
mod package;
mod probe;
mod review;

pub use command::Deploy;
