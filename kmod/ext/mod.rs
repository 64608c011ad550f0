// SPDX-License-Identifier: GPL-2.0

//! Safe wrappers for what the `kernel` crate lacks, and every bridge between kernel versions.
//!
//! The driver's `unsafe` lives here, each with its proof; the driver itself uses what these modules
//! offer.

pub(crate) mod access;
pub(crate) mod cache_line;
pub(crate) mod chardev;
pub(crate) mod coverage;
pub(crate) mod debugfs;
mod device;
mod dma_buf;
pub(crate) mod errno;
pub(crate) mod fence;
pub(crate) mod ids;
pub(crate) mod later;
pub(crate) mod lock;
pub(crate) mod log;
mod module;
pub(crate) mod of;
pub(crate) mod pages;
pub(crate) mod parameter;
mod pinned;
pub(crate) mod place;
pub(crate) mod platform;
pub(crate) mod range_tree;
mod shim;
pub(crate) mod shrinker;
pub(crate) mod storage;
pub(crate) mod sysfs;
pub(crate) mod task;
pub(crate) mod time;
pub(crate) mod trace;
pub(crate) mod user;
mod vacancies;
pub(crate) mod vma;
pub(crate) mod workqueue;
