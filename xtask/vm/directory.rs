// SPDX-License-Identifier: GPL-2.0

//! The directory of a run: what the machine was given and what it said. It stays for whoever wants to look.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::project;

/// A directory that belongs to one run.
#[derive(Clone, Debug)]
pub(super) struct Directory(PathBuf);

impl Directory {
    /// An empty directory of that name; what an earlier run left in it is gone.
    pub(super) fn create(name: &str) -> anyhow::Result<Self> {
        let path = project::target().join("vm").join(name);
        Self::at(path)
    }

    fn at(path: PathBuf) -> anyhow::Result<Self> {
        if path.exists() {
            fs::remove_dir_all(&path).with_context(|| format!("emptying {}", path.display()))?;
        }
        fs::create_dir_all(&path).with_context(|| format!("creating {}", path.display()))?;
        Ok(Self(path))
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// The root file system of the machine.
    pub(super) fn initramfs(&self) -> PathBuf {
        self.0.join("initramfs.cpio")
    }

    /// Everything that the kernel wrote to its console.
    pub(super) fn console(&self) -> PathBuf {
        self.0.join("console.log")
    }

    /// What PID 1 wrote to the status port.
    pub(super) fn status(&self) -> PathBuf {
        self.0.join("status")
    }

    /// What QEMU wrote to its stderr.
    pub(super) fn errors(&self) -> PathBuf {
        self.0.join("qemu.log")
    }

    /// Creates the file for QEMU's stderr.
    pub(super) fn create_errors(&self) -> anyhow::Result<File> {
        let path = self.errors();
        File::create(&path).with_context(|| format!("creating {}", path.display()))
    }
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
        let path = parent.path().join("run");
        let directory = Directory::at(path.clone()).unwrap();
        fs::write(directory.status(), "done").unwrap();
        let again = Directory::at(path).unwrap();
        assert_eq!(text(&again.status()), "");
    }
}
