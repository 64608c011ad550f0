// SPDX-License-Identifier: GPL-2.0

//! The file systems that programs expect to find.

use std::fs;
use std::io;

use rustix::io::Errno;
use rustix::mount::{mount, MountFlags};

/// Type and mount point, parents first.
const FILE_SYSTEMS: [(&str, &str); 7] = [
    ("proc", "/proc"),
    ("sysfs", "/sys"),
    ("devtmpfs", "/dev"),
    ("devpts", "/dev/pts"),
    ("tmpfs", "/tmp"),
    ("debugfs", "/sys/kernel/debug"),
    ("tracefs", "/sys/kernel/tracing"),
];

/// Mounts them all. One that the kernel lacks is left out: the programs that need it say so.
pub fn mount_all() -> io::Result<()> {
    for (kind, target) in FILE_SYSTEMS {
        // On a virtual file system the directory is there already or cannot be made.
        let _ = fs::create_dir_all(target);
        match mount(kind, target, kind, MountFlags::empty(), None) {
            // EBUSY: the kernel has mounted devtmpfs itself.
            Ok(()) | Err(Errno::NODEV | Errno::NOENT | Errno::BUSY) => {}
            Err(error) => {
                return Err(io::Error::new(
                    io::Error::from(error).kind(),
                    format!("mounting {target}: {error}"),
                ))
            }
        }
    }
    Ok(())
}
