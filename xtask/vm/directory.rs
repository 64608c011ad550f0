// SPDX-License-Identifier: GPL-2.0

//! The directory of a run: what the machine was given and what it said. It stays for whoever wants to look.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::Context;
use fd_lock::RwLock;

use crate::project;

/// A directory that belongs to one run.
#[derive(Debug)]
pub(super) struct Directory {
    path: PathBuf,
    /// Held as long as the machine runs.
    _lock: RwLock<File>,
}

impl Directory {
    /// An empty directory of that name, with a number behind it while other machines run under the name. What an
    /// earlier run left in it is gone.
    pub(super) fn create(name: &str) -> anyhow::Result<Self> {
        Self::create_in(&project::target().join("vm"), name)
    }

    fn create_in(parent: &Path, name: &str) -> anyhow::Result<Self> {
        fs::create_dir_all(parent).with_context(|| format!("creating {}", parent.display()))?;
        let mut number = 1;
        loop {
            let name = if number == 1 {
                name.to_owned()
            } else {
                format!("{name}-{number}")
            };
            if let Some(lock) = lock(&parent.join(format!(".{name}.lock")))? {
                let path = parent.join(name);
                empty(&path)?;
                return Ok(Self { path, _lock: lock });
            }
            number += 1;
        }
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The root file system of the machine.
    pub(super) fn initramfs(&self) -> PathBuf {
        self.path.join("initramfs.cpio")
    }

    /// The device tree of a machine that does not have QEMU's own.
    pub(super) fn device_tree(&self) -> PathBuf {
        self.path.join("device-tree.dtb")
    }

    /// Everything that the kernel wrote to its console.
    pub(super) fn console(&self) -> PathBuf {
        self.path.join("console.log")
    }

    /// What PID 1 wrote to the status port.
    pub(super) fn status(&self) -> PathBuf {
        self.path.join("status")
    }

    /// What QEMU wrote to its stderr.
    pub(super) fn errors(&self) -> PathBuf {
        self.path.join("qemu.log")
    }

    /// Keeps the results of the tests beside the log, as `results.ktap`.
    pub(super) fn keep(&self, protocol: &str) -> anyhow::Result<()> {
        let path = self.path.join("results.ktap");
        fs::write(&path, protocol).with_context(|| format!("writing {}", path.display()))
    }

    /// Creates the file for QEMU's stderr.
    pub(super) fn create_errors(&self) -> anyhow::Result<File> {
        let path = self.errors();
        File::create(&path).with_context(|| format!("creating {}", path.display()))
    }
}

/// Locks the file; `None` when another machine has it. The lock ends with the returned value, or with the process.
fn lock(path: &Path) -> anyhow::Result<Option<RwLock<File>>> {
    let file = File::create(path).with_context(|| format!("creating {}", path.display()))?;
    let mut lock = RwLock::new(file);
    let taken = match lock.try_write() {
        Ok(guard) => {
            // Without its guard the lock stays until the file is closed.
            std::mem::forget(guard);
            true
        }
        Err(error) if error.kind() == ErrorKind::WouldBlock => false,
        Err(error) => return Err(error).with_context(|| format!("locking {}", path.display())),
    };
    Ok(taken.then_some(lock))
}

fn empty(path: &Path) -> anyhow::Result<()> {
    if path.exists() {
        fs::remove_dir_all(path).with_context(|| format!("emptying {}", path.display()))?;
    }
    fs::create_dir_all(path).with_context(|| format!("creating {}", path.display()))
}

/// The text of a file that may not be there, whatever bytes it has.
pub(super) fn text(path: &Path) -> String {
    let bytes = fs::read(path).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_earlier_run_leaves_nothing_behind() {
        let parent = tempfile::tempdir().unwrap();
        let first = Directory::create_in(parent.path(), "run").unwrap();
        fs::write(first.status(), "done").unwrap();
        let path = first.path().to_path_buf();
        drop(first);
        let second = Directory::create_in(parent.path(), "run").unwrap();
        assert_eq!(
            (second.path(), text(&second.status())),
            (path.as_path(), String::new())
        );
    }

    #[test]
    fn machines_that_run_at_once_do_not_share() {
        let parent = tempfile::tempdir().unwrap();
        let first = Directory::create_in(parent.path(), "run").unwrap();
        let second = Directory::create_in(parent.path(), "run").unwrap();
        assert_eq!(first.path().file_name().unwrap(), "run");
        assert_eq!(second.path().file_name().unwrap(), "run-2");
    }
}
