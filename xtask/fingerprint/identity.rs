// SPDX-License-Identifier: GPL-2.0

//! What tells a file from another, and from itself before a change, without reading it. Make goes by the time alone.

use std::fmt;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How coarse the times of files are, at the most: a tick of the slowest kernel.
const TICK: Duration = Duration::from_millis(10);

/// The identity of a file; that it is not there is one, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Identity {
    /// There is no such file.
    Absent,
    /// There is one.
    Present {
        /// The device of its file system.
        device: u64,
        /// Its number there.
        inode: u64,
        /// Its size, in bytes.
        size: u64,
        /// When its contents were written, in seconds and nanoseconds since 1970.
        modified: (i64, i64),
    },
}

impl Identity {
    /// That of the file, or of what a symbolic link leads to.
    pub(super) fn of(path: &Path) -> Self {
        match fs::metadata(path) {
            Err(_) => Identity::Absent,
            Ok(data) => Identity::Present {
                device: data.dev(),
                inode: data.ino(),
                size: data.size(),
                modified: (data.mtime(), data.mtime_nsec()),
            },
        }
    }

    /// Whether the file has come, or changed, since the moment or little before. Its path is asked once more: a file that is
    /// moved into its place keeps the time of its contents.
    pub(super) fn is_younger_than(self, path: &Path, moment: SystemTime) -> bool {
        let Ok(data) = fs::metadata(path) else {
            return self != Identity::Absent;
        };
        let moment = moment.checked_sub(TICK).unwrap_or(UNIX_EPOCH);
        self != Identity::of(path) || youngest(&data) >= moment
    }

    /// Identity and path, from a line that has both.
    pub(super) fn split(line: &str) -> Option<(&str, &str)> {
        line.split_once(' ')
    }
}

/// When the file was changed at last, in its contents or otherwise.
fn youngest(data: &Metadata) -> SystemTime {
    let times = [
        (data.mtime(), data.mtime_nsec()),
        (data.ctime(), data.ctime_nsec()),
    ];
    let since_1970 = times.map(|(seconds, nanoseconds)| {
        let seconds = Duration::from_secs(seconds.try_into().unwrap_or_default());
        seconds + Duration::from_nanos(nanoseconds.try_into().unwrap_or_default())
    });
    UNIX_EPOCH + since_1970.into_iter().max().unwrap_or_default()
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Identity::Absent => f.write_str("absent"),
            Identity::Present {
                device,
                inode,
                size,
                modified: (seconds, nanoseconds),
            } => write!(f, "{device}:{inode}:{size}:{seconds}.{nanoseconds:09}"),
        }
    }
}
