// SPDX-License-Identifier: GPL-2.0

//! Builds, checks, installs and tests an out-of-tree Rust kernel module. Nothing here knows KGSL: the manifest in
//! `kmod/Cargo.toml` says what the module is.
