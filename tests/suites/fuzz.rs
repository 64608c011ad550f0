// SPDX-License-Identifier: GPL-2.0

//! The fuzzer for some seconds from each of some seeds. What it finds, the kernel's log tells; `cargo xtask fuzz` with the
//! same seed finds which calls did it.

use std::process::Command;

use crate::suite::Suite;

/// For how long each test fuzzes, in seconds: together with the other kernels it is a minute.
const TIME: u32 = 7;

pub(super) const SUITE: Suite = Suite {
    name: "fuzz",
    groups: &[crate::tests![seed_1, seed_2]],
};

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
