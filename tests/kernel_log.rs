// SPDX-License-Identifier: GPL-2.0

//! The kernel's log: writing lines that reach the console whole, and reading what the kernel said.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;

use rustix::fs::OFlags;

/// The kernel cuts records at about a thousand bytes.
const LONGEST_LINE: usize = 900;

/// The largest record that a read of `/dev/kmsg` returns.
const LARGEST_RECORD: usize = 8192;

/// Writes lines to the console by way of the kernel's log. Unlike lines that are written to the terminal, the kernel's
/// own messages cannot break into them.
#[derive(Debug)]
pub struct Writer {
    log: File,
}

impl Writer {
    /// Opens the log for writing.
    pub fn open() -> io::Result<Self> {
        let log = OpenOptions::new().write(true).open("/dev/kmsg")?;
        Ok(Self { log })
    }

    /// Writes one line, cut where the kernel would cut it.
    pub fn line(&mut self, line: &str) -> io::Result<()> {
        let mut end = line.len().min(LONGEST_LINE);
        while !line.is_char_boundary(end) {
            end -= 1;
        }
        self.log.write_all(&line.as_bytes()[..end])
    }
}

/// Reads what the kernel says from some moment on.
#[derive(Debug)]
pub struct Reader {
    log: File,
}

impl Reader {
    /// Starts at the end of the log: only later messages are read.
    pub fn from_now() -> io::Result<Self> {
        let mut log = OpenOptions::new()
            .read(true)
            .custom_flags(OFlags::NONBLOCK.bits() as i32)
            .open("/dev/kmsg")?;
        log.seek(SeekFrom::End(0))?;
        Ok(Self { log })
    }

    /// The messages since the last call, one a line, without level, number and time.
    pub fn read(&mut self) -> io::Result<String> {
        let mut messages = String::new();
        let mut record = vec![0; LARGEST_RECORD];
        loop {
            match self.log.read(&mut record) {
                Ok(length) => {
                    messages.push_str(message(&String::from_utf8_lossy(&record[..length])))
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(messages),
                // A record was overwritten before it was read: go on with the oldest that is left.
                Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
                Err(error) => return Err(error),
            }
            messages.push('\n');
        }
    }
}

/// The text of a record `level,number,time,flags;text`, which a line that starts with a space may follow.
fn message(record: &str) -> &str {
    let text = record.split_once(';').map_or(record, |(_, text)| text);
    text.lines().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_its_text() {
        assert_eq!(
            message("6,339,5140900,-;NET: registered\n SUBSYSTEM=net\n"),
            "NET: registered"
        );
        assert_eq!(message("4,1,2,-;a;b\n"), "a;b");
    }
}
