// SPDX-License-Identifier: GPL-2.0

//! The fuzzer of the device.

use std::process::ExitCode;

fn main() -> ExitCode {
    guest::fuzz::main(std::env::args().skip(1))
}
