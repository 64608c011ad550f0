// SPDX-License-Identifier: GPL-2.0

//! Builds, checks, installs and tests an out-of-tree Rust kernel module. Nothing here knows KGSL: the manifest in
//! `kmod/Cargo.toml` says what the module is.

pub mod advice;
pub mod arch;
pub mod bench;
pub mod build;
pub mod check;
pub mod debian;
pub mod deploy;
pub mod doctor;
pub mod fingerprint;
pub mod fuzz;
pub mod generate;
pub mod host;
pub mod install;
pub mod kernel;
pub mod manifest;
pub mod mesa;
pub mod package;
pub mod parallel;
pub mod process;
pub mod progress;
pub mod project;
pub mod python;
pub mod room;
pub mod rootfs;
pub mod run;
pub mod rust_analyzer;
pub mod setup;
pub mod ssh;
pub mod target;
pub mod test;
pub mod toolchain;
pub mod uninstall;
pub mod vm;
