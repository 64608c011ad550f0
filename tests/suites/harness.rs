// SPDX-License-Identifier: GPL-2.0

//! Tests of PID 1 itself. Most of them fail on purpose: the host's self test names them one by one and looks at what
//! becomes of each.

use std::thread;
use std::time::Duration;

use crate::suite::{skip, Suite};

/// The suite.
pub(super) const SUITE: Suite = Suite {
    name: "harness",
    groups: &[crate::tests![
        passes,
        fails,
        skips,
        crashes,
        sleeps_for_ever
    ]],
};

fn passes() {}

fn fails() {
    assert_eq!(1, 2, "this test fails on purpose");
}

fn skips() {
    skip("this test skips on purpose");
}

fn crashes() {
    std::process::abort();
}

fn sleeps_for_ever() {
    loop {
        thread::sleep(Duration::from_secs(3600));
    }
}
