// SPDX-License-Identifier: GPL-2.0

//! Fences: sync_files of timestamps, what submissions wait for, and sources that the program signals itself.

mod interrupt;
mod source;
mod syncpoint;
mod timestamp;

use crate::client::Device;
use crate::suite::Suite;

/// The suite.
pub(super) const SUITE: Suite = Suite {
    name: "sync",
    groups: &[
        timestamp::TESTS,
        syncpoint::TESTS,
        source::TESTS,
        interrupt::TESTS,
    ],
};

/// More than any wait takes, in milliseconds.
const LONG: u32 = 25_000;

/// ECANCELED, as the status of a fence.
const CANCELED: i32 = -125;

fn open() -> Device {
    Device::open().expect("the node opens")
}
