// SPDX-License-Identifier: GPL-2.0

//! What the device tells of itself to those who watch it.

mod attributes;
mod busy;
mod counters;
mod entries;
pub(super) mod fdinfo;
mod memory;
mod usage;

pub(super) use attributes::DIRECTORIES;
pub(super) use busy::Busy;
pub(super) use entries::{
    DeviceEntries,
    ProcessEntries,
    Tree, //
};
pub(super) use usage::Usage;
