// SPDX-License-Identifier: GPL-2.0

//! The status word: one line on a virtio-serial port of its own, by which the host knows that PID 1 came to its end.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Error, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// The name of the port on the host's side.
const PORT: &str = "status";

/// What the run came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// Exit status: 0 when all went well.
    pub exit: i32,
    /// How many tests were run.
    pub tests: usize,
    /// `/proc/sys/kernel/tainted` at the end.
    pub tainted: u64,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Status {
            exit,
            tests,
            tainted,
        } = self;
        write!(f, "done exit={exit} tests={tests} tainted={tainted}")
    }
}

impl Status {
    /// Writes the word to the host; returns when the host has it.
    pub fn send(&self) -> io::Result<()> {
        let port = port(PORT)?;
        File::options()
            .write(true)
            .open(port)?
            .write_all(format!("{self}\n").as_bytes())
    }
}

/// How the kernel is tainted, as the bits of `/proc/sys/kernel/tainted`.
pub fn tainted() -> io::Result<u64> {
    let text = fs::read_to_string("/proc/sys/kernel/tainted")?;
    text.trim()
        .parse()
        .map_err(|error| Error::new(ErrorKind::InvalidData, error))
}

/// The device of the virtio-serial port of that name.
pub fn port(name: &str) -> io::Result<PathBuf> {
    for entry in fs::read_dir("/sys/class/virtio-ports")? {
        let entry = entry?;
        let found = fs::read_to_string(entry.path().join("name"))?;
        if found.trim_end() == name {
            return Ok(Path::new("/dev").join(entry.file_name()));
        }
    }
    Err(Error::new(
        ErrorKind::NotFound,
        format!("no virtio-serial port is named {name}"),
    ))
}
