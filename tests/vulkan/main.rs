// SPDX-License-Identifier: GPL-2.0

//! A Vulkan program that has the GPU move bytes, and checks each of them.

mod checks;
mod format;
mod gpu;
mod pattern;
mod picture;

use std::error::Error;
use std::fs::File;
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["hang"] => checks::hang(),
        ["other-process", memory, sync_file] => {
            checks::other_process(descriptor(memory), descriptor(sync_file))
        }
        ["draw", port] => {
            if let Err(error) = draw(port) {
                eprintln!("vulkan-client: {error}");
                return ExitCode::FAILURE;
            }
        }
        [name] if checks::run(name) => {}
        _ => {
            eprintln!("Usage: vulkan-client CHECK | draw PORT\n");
            eprintln!("CHECK is one of {}", checks::names());
            eprintln!("PORT is the virtio-serial port that takes a PNG");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

/// Draws the picture and sends it to the host.
fn draw(port: &str) -> Result<(), Box<dyn Error>> {
    let port = guest::status::port(port)?;
    let port = File::options().write(true).open(port)?;
    Ok(picture::write(&picture::draw(), port)?)
}

/// A file descriptor that another process has left open for this one.
fn descriptor(word: &str) -> i32 {
    word.parse().expect("it is a descriptor")
}
