// SPDX-License-Identifier: GPL-2.0

//! What the device tells of itself: sysfs, debugfs, fdinfo and trace events.

mod attributes;
mod entries;
mod fdinfo;
mod record;
mod trace;

use std::fs;
use std::thread;

use kgsl_shim::abi::memory::{GpuobjImport, GPUOBJ_IMPORT};

use crate::client::{Bench, Device, Object, Over};
use crate::pm4::Commands;
use crate::suite::Suite;

/// The suite.
pub(super) const SUITE: Suite = Suite {
    name: "observe",
    groups: &[
        attributes::TESTS,
        entries::TESTS,
        fdinfo::TESTS,
        trace::TESTS,
        record::TESTS,
    ],
};

/// The size of a page, in bytes.
const PAGE: u64 = 0x1000;

fn open() -> Device {
    Device::open().expect("the node opens")
}

fn text(path: impl AsRef<std::path::Path>) -> String {
    let path = path.as_ref();
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Keeps the GPU busy until `enough` says so: nothing but copies, and always more of them queued.
fn load(enough: impl FnMut() -> bool) {
    let device = open();
    let bench = Bench::new(&device);
    let memory = Object::gpumem(&device, 0x10_0000, 0).expect("memory is allocated");
    let half = memory.size / 2;
    let copy = copy(memory.gpu_address + half, memory.gpu_address, half);
    let over = Over::default();
    thread::scope(|scope| {
        scope.spawn(|| {
            let (address, dwords) = bench.write_at(0, &copy);
            let submit = || {
                bench
                    .context
                    .submit(address, dwords)
                    .expect("it is submitted")
            };
            let mut last = submit();
            over.until(|| last = submit());
            bench.wait(last);
        });
        over.after(|| wait_until(enough));
    });
}

/// CP_MEMCPY.
fn copy(to: u64, from: u64, bytes: u64) -> Commands {
    let halves = |address: u64| {
        [0, 32].map(|shift| u32::try_from((address >> shift) & 0xffff_ffff).expect("it is masked"))
    };
    let ([low, high], [to_low, to_high]) = (halves(from), halves(to));
    let dwords = u32::try_from(bytes / 4).expect("it is short");
    Commands::default()
        .packet(0x75, &[dwords, low, high, to_low, to_high])
        .clone()
}

/// Looks again and again. What never comes ends at the deadline that every test has.
fn wait_until(mut condition: impl FnMut() -> bool) {
    while !condition() {
        thread::sleep(std::time::Duration::from_millis(5));
    }
}

/// Imports memory: what the structure at `private` describes.
fn import(device: &Device, kind: u32, private: u64, private_len: u64) -> u32 {
    let mut argument = GpuobjImport {
        private,
        private_len,
        kind,
        ..GpuobjImport::default()
    };
    device
        .ioctl(GPUOBJ_IMPORT, &mut argument)
        .expect("it is imported");
    argument.id
}
