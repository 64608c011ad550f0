// SPDX-License-Identifier: GPL-2.0

//! Another process with the device, which does what a test cannot do in its own.

use std::process::ExitCode;

fn main() -> ExitCode {
    guest::client::errand::run(std::env::args().skip(1))
}
