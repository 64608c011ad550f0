// SPDX-License-Identifier: GPL-2.0

//! The demo client.

use std::process::ExitCode;

use guest::demo::{run, Options};

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(message) => {
            eprint!("{message}");
            return ExitCode::from(2);
        }
    };
    match run(&options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("demo: {error}");
            ExitCode::FAILURE
        }
    }
}
