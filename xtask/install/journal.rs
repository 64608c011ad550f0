// SPDX-License-Identifier: GPL-2.0

//! What a change of a root directory is about to do, written down before it does it: whoever finds the journal of a
//! change that was interrupted undoes it. Renaming the journal is what makes a change final, and takes no disk space.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::install::Root;
use crate::progress;

const OPEN: &str = ".kmod-install.journal";
const FINAL: &str = ".kmod-install.committed";

/// The files and directories that a change touches, from the root.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Journal {
    /// Directories that it creates, outer ones first.
    pub directories: Vec<String>,
    /// Files that it writes or removes.
    pub files: Vec<Entry>,
}

/// A file that a change writes or removes.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Entry {
    /// Its path.
    pub path: String,
    /// Whether it was there before.
    pub existed: bool,
}

/// The name under which the new content of a file waits beside it.
pub fn new_name(path: &Path) -> PathBuf {
    beside(path, ".install-new")
}

/// The name under which the former content of a file waits beside it.
pub fn old_name(path: &Path) -> PathBuf {
    beside(path, ".install-old")
}

/// Neither depmod, modprobe, systemd nor udev takes such a name for one of theirs.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(suffix);
    path.with_file_name(name)
}

/// Removes a file; one that is not there, or whose directory is none, is no error.
pub fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if !is_absence(error.kind()) => {
            Err(error).with_context(|| format!("removing {}", path.display()))
        }
        _ => Ok(()),
    }
}

fn is_absence(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::NotFound | ErrorKind::NotADirectory)
}

fn rename(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to).with_context(|| format!("renaming {} to {}", from.display(), to.display()))
}

impl Journal {
    /// Undoes a change that was interrupted, or tidies up behind one that was not.
    pub fn recover(root: &Root) -> Result<()> {
        let (open, done) = (root.directory().join(OPEN), root.directory().join(FINAL));
        if let Some(journal) = Journal::read(&done)? {
            return journal.tidy(root);
        }
        let Some(journal) = Journal::read(&open)? else {
            // One that was not written to its end describes nothing that was done.
            return remove(&open);
        };
        progress::note(format!(
            "an earlier change of {} was interrupted: undoing it",
            root.directory().display()
        ));
        journal.roll_back(root)
    }

    fn read(path: &Path) -> Result<Option<Journal>> {
        match fs::read_to_string(path) {
            Ok(text) => Ok(serde_json::from_str(&text).ok()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("reading {}", path.display())),
        }
    }

    /// Writes it down, to the disk.
    pub fn open(&self, root: &Root) -> Result<()> {
        let path = root.directory().join(OPEN);
        let write = || -> Result<()> {
            let mut file = File::create(&path)?;
            file.write_all(serde_json::to_string_pretty(self)?.as_bytes())?;
            Ok(file.sync_all()?)
        };
        let written = write().with_context(|| format!("writing {}", path.display()));
        if written.is_err() {
            let _ = fs::remove_file(&path);
        }
        written
    }

    /// Makes the change final.
    pub fn conclude(&self, root: &Root) -> Result<()> {
        rename(&root.directory().join(OPEN), &root.directory().join(FINAL))
    }

    /// Removes what a final change leaves.
    pub fn tidy(&self, root: &Root) -> Result<()> {
        for entry in &self.files {
            remove(&old_name(&root.directory().join(&entry.path)))?;
        }
        remove(&root.directory().join(FINAL))
    }

    /// Puts everything back. What is back already stays, so that this can be interrupted too.
    pub fn roll_back(&self, root: &Root) -> Result<()> {
        for entry in self.files.iter().rev() {
            let path = root.directory().join(&entry.path);
            let (new, old) = (new_name(&path), old_name(&path));
            remove(&new)?;
            if old.symlink_metadata().is_ok() {
                rename(&old, &path)?;
                // Renaming one of two links to the same file leaves both.
                remove(&old)?;
            } else if !entry.existed {
                remove(&path)?;
            }
        }
        for directory in self.directories.iter().rev() {
            let _ = fs::remove_dir(root.directory().join(directory));
        }
        remove(&root.directory().join(OPEN))
    }
}
