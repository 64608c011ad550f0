// SPDX-License-Identifier: GPL-2.0

//! The demo client: it has the GPU write to memory in four ways, and knows beforehand what must stand there.

mod commands;
mod expectation;
mod options;
mod run;
mod table;

pub use self::options::Options;
pub use self::run::run;
