// SPDX-License-Identifier: GPL-2.0

//! 32-bit programs: each test is an errand of `tests/compat/client.c`, which is compiled for the 32-bit architecture that
//! the machine runs, too.

use std::process::Command;

use crate::suite::Suite;

/// The suite.
pub(super) const SUITE: Suite = Suite {
    name: "compat",
    groups: &[crate::tests![
        properties,
        memory,
        addresses_are_shared,
        shared_addresses_lie_behind_others,
        timestamps_are_mapped,
        submissions,
        imports,
        events,
        caches,
        counters,
        timelines,
        misuse,
    ]],
};

/// Runs an errand; what it says is what went wrong.
fn errand(name: &str) {
    let output = Command::new("/bin/client32").arg(name).output();
    let output = output.expect("the kernel runs 32-bit programs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}: {said}", output.status);
}

fn properties() {
    errand("properties");
}

fn memory() {
    errand("memory");
}

fn addresses_are_shared() {
    errand("addresses-are-shared");
}

fn shared_addresses_lie_behind_others() {
    errand("shared-addresses-lie-behind-others");
}

fn timestamps_are_mapped() {
    errand("timestamps-are-mapped");
}

fn submissions() {
    errand("submissions");
}

fn imports() {
    errand("imports");
}

fn events() {
    errand("events");
}

fn caches() {
    errand("caches");
}

fn counters() {
    errand("counters");
}

fn timelines() {
    errand("timelines");
}

fn misuse() {
    errand("misuse");
}
