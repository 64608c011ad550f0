// SPDX-License-Identifier: GPL-2.0

//! What the device tells of itself to those who watch it.

mod activity;
mod attributes;
mod counters;
mod entries;
pub(super) mod fdinfo;
mod memory;
mod usage;

pub(super) use activity::Activity;
pub(super) use attributes::DIRECTORIES;
pub(super) use entries::{
    DeviceEntries,
    ProcessEntries,
    Tree, //
};
pub(super) use usage::Usage;
