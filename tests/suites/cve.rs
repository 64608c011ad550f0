// SPDX-License-Identifier: GPL-2.0

//! The holes that KGSL drivers have had, by their CVE: each test drives the path that was open there. `docs/cve.md`
//! lists which test belongs to which.

mod lists;
mod memory;
mod numbers;
mod privilege;
mod race;

use rustix::io::Errno;

use crate::client::{Bench, Context, Device, Object};
use crate::pm4::Commands;
use crate::suite::Suite;

/// The suite.
pub(super) const SUITE: Suite = Suite {
    name: "cve",
    groups: &[
        lists::TESTS,
        numbers::TESTS,
        privilege::TESTS,
        memory::TESTS,
        race::TESTS,
    ],
};

/// The size of a page, in bytes.
const PAGE: u64 = 0x1000;

/// More than any wait takes, in milliseconds.
const LONG: u32 = 25_000;

fn open() -> Device {
    Device::open().expect("the node opens")
}

/// Fails unless the device still runs commands, and the process gets the lowest ids.
fn works(device: &Device) {
    let bench = Bench::new(device);
    bench.run(Commands::default().mem_write(bench.dword(0), &[42]));
    assert_eq!(bench.memory.read(0, 1), [42]);
    for object in [&bench.commands, &bench.data] {
        object.free(device).expect("it is freed");
    }
    bench.context.destroy().expect("it is destroyed");
}

/// Fails unless the process has no object: the next one gets the first id.
fn has_nothing(device: &Device) {
    let object = Object::gpumem(device, PAGE, 0).expect("memory is allocated");
    assert_eq!(object.id, 1, "something was left behind");
    object.free(device).expect("it is freed");
}

/// Has a context of its own run the commands, which must end it.
fn faults(device: &Device, commands: &Commands) {
    let bench = Bench::new(device);
    let timestamp = bench.submit_at(0, commands).expect("it is submitted");
    let waited = bench.context.wait(timestamp, LONG);
    assert_eq!(waited, Err(Errno::DEADLK), "{commands:x?}");
    bench.context.destroy().expect("it is destroyed");
    for object in [&bench.commands, &bench.data] {
        object.free(device).expect("it is freed");
    }
}

/// A context, of which nothing but the id is of interest.
fn context(device: &Device) -> Context<'_> {
    Context::new(device).expect("a context is created")
}
