// SPDX-License-Identifier: GPL-2.0

//! What the kernel says of the memory that a process has pinned.

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
