// SPDX-License-Identifier: GPL-2.0

//! Changes of a root directory that happen all together or not at all.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{anyhow, Context, Result};

use crate::advice::Advise;
use crate::install::journal::{new_name, old_name, Entry, Journal};
use crate::install::Root;

/// Changes that are still to be made.
pub struct Transaction<'r> {
    root: &'r Root,
    /// Pairs of new content and place.
    writes: Vec<(PathBuf, PathBuf)>,
    removals: Vec<PathBuf>,
}

impl<'r> Transaction<'r> {
    /// No changes.
    pub fn new(root: &'r Root) -> Transaction<'r> {
        Transaction {
            root,
            writes: Vec::new(),
            removals: Vec::new(),
        }
    }

    /// Writes the content of a file to a place, unless it is there already.
    pub fn write(&mut self, from: &Path, to: &Path) -> Result<()> {
        if !is_same(from, to)? {
            self.writes.push((from.to_owned(), to.to_owned()));
        }
        Ok(())
    }

    /// Removes a file, if it is there.
    pub fn remove(&mut self, path: &Path) {
        if path.symlink_metadata().is_ok() {
            self.removals.push(path.to_owned());
        }
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.writes.is_empty() && self.removals.is_empty()
    }

    /// The directories that will be created, from the root, outer ones first.
    pub fn new_directories(&self) -> Result<BTreeSet<String>> {
        let mut directories = BTreeSet::new();
        for (_, to) in &self.writes {
            let missing = to.ancestors().skip(1).take_while(|path| !path.exists());
            for directory in missing {
                directories.insert(self.root.relative(directory)?);
            }
        }
        Ok(directories)
    }

    /// Makes the changes, then asks whether they are good; when anything fails, everything is as it was.
    pub fn commit(self, verify: impl FnOnce() -> Result<()>) -> Result<()> {
        let journal = self.journal()?;
        self.expect_free_names()?;
        journal.open(self.root)?;
        let outcome = self
            .apply(&journal)
            .and_then(|()| verify())
            .and_then(|()| journal.conclude(self.root));
        match outcome {
            Ok(()) => journal.tidy(self.root),
            Err(error) => {
                journal
                    .roll_back(self.root)
                    .with_context(|| format!("undoing it after this failed: {error:#}"))?;
                Err(error)
            }
        }
    }

    fn journal(&self) -> Result<Journal> {
        let touched = self.writes.iter().map(|(_, to)| to).chain(&self.removals);
        let entry = |path: &PathBuf| {
            Ok(Entry {
                path: self.root.relative(path)?,
                existed: path.symlink_metadata().is_ok(),
            })
        };
        Ok(Journal {
            directories: self.new_directories()?.into_iter().collect(),
            files: touched.map(entry).collect::<Result<_>>()?,
        })
    }

    /// What is under the names that we use beside a file is not ours, and is not to be lost.
    fn expect_free_names(&self) -> Result<()> {
        let touched = self.writes.iter().map(|(_, to)| to).chain(&self.removals);
        let mut names = touched.flat_map(|path| [new_name(path), old_name(path)]);
        let taken = names.find(|name| name.symlink_metadata().is_ok());
        taken.map_or(Ok(()), |name| {
            Err(anyhow!("{} is in the way", name.display())).advise("remove it, or move it away")
        })
    }

    /// Everything that takes disk space first, then the renames.
    fn apply(&self, journal: &Journal) -> Result<()> {
        for directory in &journal.directories {
            create_directory(&self.root.directory().join(directory))?;
        }
        for (from, to) in &self.writes {
            let new = new_name(to);
            copy(from, &new).with_context(|| format!("writing {}", to.display()))?;
        }
        for (_, to) in &self.writes {
            replace(to).with_context(|| format!("replacing {}", to.display()))?;
        }
        for path in &self.removals {
            fs::rename(path, old_name(path))
                .with_context(|| format!("removing {}", path.display()))?;
        }
        Ok(())
    }
}

/// Whether a place has the content already, as a file that everybody may read.
fn is_same(from: &Path, to: &Path) -> Result<bool> {
    let Ok(metadata) = to.symlink_metadata() else {
        return Ok(false);
    };
    if !metadata.is_file() || metadata.permissions().mode() & 0o777 != 0o644 {
        return Ok(false);
    }
    let read = |path: &Path| fs::read(path).with_context(|| format!("reading {}", path.display()));
    Ok(read(from)? == read(to)?)
}

fn create_directory(path: &Path) -> Result<()> {
    fs::create_dir(path)
        .and_then(|()| fs::set_permissions(path, fs::Permissions::from_mode(0o755)))
        .with_context(|| format!("creating {}", path.display()))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let bytes = fs::read(from)?;
    let mut file = File::options()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o644)
        .open(to)?;
    file.write_all(&bytes)?;
    file.set_permissions(fs::Permissions::from_mode(0o644))?;
    Ok(file.sync_all()?)
}

/// Puts the new content in the place of the old, which stays beside it.
fn replace(path: &Path) -> Result<()> {
    let (new, old) = (new_name(path), old_name(path));
    if path.symlink_metadata().is_ok() {
        fs::hard_link(path, &old)?;
    }
    Ok(fs::rename(new, path)?)
}
