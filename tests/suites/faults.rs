// SPDX-License-Identifier: GPL-2.0

//! Each call with each allocation, and each copy from and to user space, failing in turn: it says so by its errno, leaves
//! nothing behind and changes nothing, and the device goes on.
//!
//! One thing is as in the C driver: when all is done and just the answer cannot be delivered, the call fails, and what it
//! has made stays until its file or process goes.

mod command;
mod context;
mod device;
mod file;
mod memory;
mod sweep;
mod sync;
mod timeline;

use std::collections::BTreeSet;

use rustix::io::Errno;

use self::sweep::{sweep, sweep_copies};
use crate::client::{Argument, Bench, Device};
use crate::pm4::Commands;
use crate::suite::{Suite, Test};

/// The suite.
pub(super) const SUITE: Suite = Suite {
    name: "faults",
    groups: &[
        TESTS,
        file::TESTS,
        device::TESTS,
        context::TESTS,
        memory::TESTS,
        command::TESTS,
        sync::TESTS,
        timeline::TESTS,
    ],
};

const TESTS: &[Test] = crate::tests![every_call_that_is_served_is_swept];

/// The size of a page, in bytes.
const PAGE: u64 = 0x1000;

/// More than any wait takes, in milliseconds.
const LONG: u32 = 100_000;

fn open() -> Device {
    Device::open().expect("the node opens")
}

/// Fails unless the device does what it is asked.
fn works(device: &Device) {
    let bench = Bench::new(device);
    bench.run(Commands::default().mem_write(bench.dword(0), &[42]));
    assert_eq!(bench.memory.read(0, 1), [42]);
}

/// Every number that does not answer ENOTTY is in the list of one of the groups.
fn every_call_that_is_served_is_swept() {
    let device = open();
    let served = |nr: &u8| {
        let number = (3 << 30) | (0x09 << 8) | u32::from(*nr);
        device.raw(number, Argument::Bytes(&mut [])) != Err(Errno::NOTTY)
    };
    let served: BTreeSet<_> = (0..=u8::MAX).filter(served).collect();
    let groups = [
        device::NUMBERS,
        context::NUMBERS,
        memory::NUMBERS,
        command::NUMBERS,
        sync::NUMBERS,
        timeline::NUMBERS,
    ];
    let swept = groups.into_iter().flatten().copied().collect();
    assert_eq!(served, swept);
}
