// SPDX-License-Identifier: GPL-2.0

//! What need not be done again, because everything that it was made from, and everything that it made, is as it was: a
//! build in which nothing has changed, the version of a compiler, the packages of the host.

mod answer;
mod identity;
mod sources;
#[cfg(test)]
mod tests;

pub use answer::{command_line, Files, Fingerprint};
pub use sources::{named_files, of_program, PACKAGES};
