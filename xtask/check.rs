// SPDX-License-Identifier: GPL-2.0

//! Predicts what a kernel's module loader will say of a module. The parsers and the rules are pure: bytes and facts in,
//! findings out. Only `target`, `library` and `batch` touch files, and only `command` prints.

pub mod batch;
pub mod btf;
pub mod bytes;
pub mod command;
pub mod config;
pub mod der;
pub mod elf;
pub mod exports;
pub mod finding;
#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod hostile_tests;
pub mod library;
pub mod loader;
pub mod machine;
pub mod modinfo;
pub mod modprobe;
pub mod module_exports;
pub mod report;
pub mod series;
pub mod signature;
pub mod stricter;
pub mod target;
pub mod verdict;
pub mod vermagic;
pub mod versions;

pub use batch::{verdict, verdicts};
pub use command::Check;
pub use target::Target;
pub use verdict::Report;
