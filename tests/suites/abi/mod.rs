// SPDX-License-Identifier: GPL-2.0

//! What each ioctl does, and what becomes of those who misuse it.

mod command;
mod context;
mod device;
mod dispatch;
mod fault;
mod memory;
mod sweep;

use crate::client::Device;
use crate::suite::Suite;

/// The suite.
pub(super) const SUITE: Suite = Suite {
    name: "abi",
    groups: &[
        dispatch::TESTS,
        device::TESTS,
        memory::TESTS,
        context::TESTS,
        command::TESTS,
        fault::TESTS,
        sweep::TESTS,
    ],
};

/// The size of a page, in bytes.
const PAGE: u64 = 0x1000;

/// More than any wait takes, in milliseconds.
const LONG: u32 = 20_000;

fn open() -> Device {
    Device::open().expect("the node opens")
}
