// SPDX-License-Identifier: GPL-2.0

//! The fuzzer for some seconds from each of some seeds. What it finds, the kernel's log tells; `cargo xtask fuzz` with the
//! same seed finds which calls did it.

use std::path::Path;
use std::process::{self, Command};
use std::thread;

use crate::client::{Bench, Device, Kcov};
use crate::suite::Suite;

/// For how long each test fuzzes, in seconds: together with the other kernels it is a minute.
const TIME: u32 = 7;

pub(super) const SUITE: Suite = Suite {
    name: "fuzz",
    groups: &[crate::tests![
        what_the_gpu_runs_is_traced,
        the_32_bit_part_makes_its_calls,
        seed_1,
        seed_2
    ]],
};

/// On a kernel with KCOV: what a thread has the GPU run is told to whoever has started the thread.
fn what_the_gpu_runs_is_traced() {
    let Some(works) = Kcov::start_works(process::id()) else {
        let node = Path::new("/sys/kernel/debug/kcov");
        assert!(!node.exists(), "the kernel could, and does not");
        return;
    };
    let traced = || {
        let mut count = 0u32;
        works.each(|_| count += 1);
        count
    };
    let submit = thread::spawn(submit);
    submit.join().expect("the thread submits");
    // The work is told of when it has ended, which is soon after what it has done can be seen.
    while traced() < 100 {
        thread::yield_now();
    }
}

/// Has the GPU wait for something, so that no call can run what it does.
fn submit() {
    let device = Device::open().expect("the node opens");
    let bench = Bench::new(&device);
    let timestamp = bench.block(0);
    bench.release(0);
    bench.wait(timestamp);
}

/// The part of the fuzzer that is a 32-bit program ends with how many calls it has made.
fn the_32_bit_part_makes_its_calls() {
    for seed in ["1", "5e83a1c0", "ffffffff"] {
        let status = Command::new("/bin/fuzz32").arg(seed).status();
        let status = status.expect("the kernel runs 32-bit programs");
        assert_eq!(status.code(), Some(96), "{seed}: {status}");
    }
}

/// Fuzzes from the seed; what the fuzzer says of its progress goes to the log.
fn fuzz(seed: u32) {
    let status = Command::new("/bin/fuzz")
        .args([format!("--seed={seed}"), format!("--time={TIME}")])
        .status()
        .expect("the fuzzer starts");
    assert!(status.success(), "{status}");
}

fn seed_1() {
    fuzz(1);
}

fn seed_2() {
    fuzz(2);
}
