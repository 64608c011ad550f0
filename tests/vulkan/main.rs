// SPDX-License-Identifier: GPL-2.0

//! A Vulkan program that has the GPU move bytes, and checks each of them.

mod checks;
mod format;
mod gpu;
mod pattern;

use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["hang"] => checks::hang(),
        ["other-process", memory, sync_file] => {
            checks::other_process(descriptor(memory), descriptor(sync_file))
        }
        [name] if checks::run(name) => {}
        _ => {
            eprintln!("Usage: vulkan-client CHECK\n\nCHECK is one of {}", checks::names());
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

/// A file descriptor that another process has left open for this one.
fn descriptor(word: &str) -> i32 {
    word.parse().expect("it is a descriptor")
}
