// SPDX-License-Identifier: GPL-2.0

//! A program instead of tests: the demo client or what the user names, and a shell afterwards.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::status;

/// The terminal that the user sits at.
const TERMINAL: &str = "/dev/hvc0";

/// The virtio-serial port that takes the program's output where there is no terminal.
const OUTPUT: &str = "output";

/// What the user should know of the shell.
const HINT: &str =
    "\nA shell in the machine: `exit` ends both, Ctrl-A X ends the machine at once.\n";

/// Where programs are looked for.
const PATH: &str = "/bin";

/// The exit status of a program that could not be started, as a shell has it.
const NOT_FOUND: i32 = 127;

/// Runs the program; its exit status.
pub(super) fn run(words: &[String]) -> io::Result<i32> {
    let (program, arguments) = words.split_first().ok_or(ErrorKind::InvalidInput)?;
    let output = output()?;
    let mut command = Command::new(program);
    command
        .env("PATH", PATH)
        // vulkaninfo and other programs of a desktop ask for it.
        .env("XDG_RUNTIME_DIR", "/tmp")
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output.try_clone()?);
    match command.status() {
        Ok(status) => Ok(status.code().unwrap_or(128)),
        Err(error) => {
            (&output).write_all(format!("{program}: {error}\n").as_bytes())?;
            Ok(NOT_FOUND)
        }
    }
}

/// Leaves a shell on the terminal until the user has done.
pub(super) fn shell() -> io::Result<()> {
    let mut terminal = OpenOptions::new().read(true).write(true).open(TERMINAL)?;
    terminal.write_all(HINT.as_bytes())?;
    // setsid -c makes the terminal the session's own, so that Ctrl-C reaches the program that runs.
    Command::new("/bin/busybox")
        .args(["setsid", "-c", "/bin/busybox", "sh", "-l"])
        .env("PATH", PATH)
        .stdin(terminal.try_clone()?)
        .stdout(terminal.try_clone()?)
        .stderr(terminal)
        .status()?;
    Ok(())
}

/// Puts the shell's commands in place, where the machine has the shell.
pub(super) fn install_shell() -> io::Result<()> {
    if Path::new("/bin/busybox").exists() {
        Command::new("/bin/busybox")
            .args(["--install", "-s", "/bin"])
            .status()?;
    }
    Ok(())
}

fn output() -> io::Result<File> {
    let path = match status::port(OUTPUT) {
        Ok(port) => port,
        Err(_) => TERMINAL.into(),
    };
    OpenOptions::new().write(true).open(path)
}
