// SPDX-License-Identifier: GPL-2.0

//! The benchmark, and the processes that it measures in.

use std::process::ExitCode;

fn main() -> ExitCode {
    guest::bench::run(std::env::args().skip(1))
}
