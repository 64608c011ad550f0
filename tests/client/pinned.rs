// SPDX-License-Identifier: GPL-2.0

//! What the kernel says of memory that is pinned.

use std::fs;

/// The pages that the process has pinned, in KiB.
pub fn pinned() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("it is read");
    let line = status.lines().find_map(|line| line.strip_prefix("VmPin:"));
    let words = line.expect("the kernel tells").split_whitespace();
    words
        .take(1)
        .map(|word| word.parse::<u64>().expect("it is a number"))
        .sum()
}

/// How many pins of pages the whole machine has: what drivers say of a process is one thing, what they have taken another.
pub fn page_pins() -> u64 {
    // Processors count for themselves until somebody asks.
    fs::read("/proc/sys/vm/stat_refresh").expect("root may have the counts brought together");
    let counts = fs::read_to_string("/proc/vmstat").expect("it is read");
    let count = |name: &str| -> u64 {
        let mut lines = counts.lines();
        let line = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.and_then(|count| count.parse().ok())
            .expect("the kernel counts")
    };
    count("nr_foll_pin_acquired") - count("nr_foll_pin_released")
}
