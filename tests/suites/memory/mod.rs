// SPDX-License-Identifier: GPL-2.0

//! Memory objects: how they come, where the GPU and the process see them, what they share, and how they go.

mod account;
mod binding;
mod binding_misuse;
mod block;
mod cache;
mod churn;
mod free;
mod import;
mod import_later;
mod memstore;
mod object;
mod on_demand;
mod pool;
mod shared_address;

use std::thread;
use std::time::Duration;

use rustix::io::Errno;

use crate::client::{Bench, Device, Object};
use crate::pm4::Commands;
use crate::suite::Suite;

/// The suite.
pub(super) const SUITE: Suite = Suite {
    name: "memory",
    groups: &[
        object::TESTS,
        block::TESTS,
        on_demand::TESTS,
        free::TESTS,
        pool::TESTS,
        shared_address::TESTS,
        churn::TESTS,
        import::TESTS,
        import_later::TESTS,
        binding::TESTS,
        binding_misuse::TESTS,
        cache::TESTS,
        memstore::TESTS,
        account::TESTS,
    ],
};

/// The size of a page, in bytes.
const PAGE: u64 = 0x1000;

/// More than any wait takes, in milliseconds.
const LONG: u32 = 25_000;

/// Addresses at which there is nothing that a program could lend.
const NOWHERE: [u64; 4] = [0, 8, 0xffff_8000_0000_0000, u64::MAX - 7];

fn open() -> Device {
    Device::open().expect("the node opens")
}

/// Has the GPU write the value, and fails unless it does.
fn gpu_writes(device: &Device, address: u64, value: u32) {
    Bench::new(device).run(Commands::default().mem_write(address, &[value]));
}

/// What the GPU reads there.
fn gpu_reads(device: &Device, address: u64) -> u32 {
    let bench = Bench::new(device);
    bench.run(Commands::default().mem_to_mem(bench.dword(8), address, bench.dword(9)));
    bench.memory.read(32, 1)[0]
}

/// Fails unless a write of the GPU faults. The bench is older than what was freed, and so has not got its place.
fn gpu_cannot_write(bench: &Bench<'_>, address: u64) {
    let commands = Commands::default().mem_write(address, &[0xbad]).clone();
    let timestamp = bench.submit_at(0, &commands).expect("it is submitted");
    assert_eq!(bench.context.wait(timestamp, LONG), Err(Errno::DEADLK));
}

/// Waits until the object of that id is gone.
fn wait_until_gone(device: &Device, id: u32) {
    while Object::info(device, id).is_ok() {
        thread::sleep(Duration::from_millis(1));
    }
}
