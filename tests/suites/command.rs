// SPDX-License-Identifier: GPL-2.0

//! Every way to submit work, what it leaves behind, and what becomes of a context whose work cannot be done.

mod copy;
mod fault;
mod older;
mod queue;

use crate::client::Device;
use crate::suite::Suite;

/// The suite.
pub(super) const SUITE: Suite = Suite {
    name: "command",
    groups: &[queue::TESTS, older::TESTS, copy::TESTS, fault::TESTS],
};

/// The size of a page, in bytes.
const PAGE: u64 = 0x1000;

/// More than any wait takes, in milliseconds.
const LONG: u32 = 25_000;

/// Addresses at which there is nothing that a program could lend.
const NOWHERE: [u64; 3] = [0, 8, 0xffff_8000_0000_0000];

fn open() -> Device {
    Device::open().expect("the node opens")
}
