// SPDX-License-Identifier: GPL-2.0

//! PID 1 of the virtual machine, and the process of each test.

use std::process::ExitCode;

fn main() -> ExitCode {
    guest::init::run(std::env::args().skip(1))
}
