// SPDX-License-Identifier: GPL-2.0

//! Packages appear when they are complete: what is there under a package's name is never half of it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::advice::Advise;

/// A file or directory that is being made beside its place.
pub struct Partial {
    partial: PathBuf,
    place: PathBuf,
    is_done: bool,
}

impl Partial {
    /// Makes room for a package of the name in the directory.
    pub fn new(directory: &Path, name: &str) -> Result<Partial> {
        fs::create_dir_all(directory)
            .with_context(|| format!("creating {}", directory.display()))
            .advise("name a directory that can be written with --output")?;
        let directory = directory
            .canonicalize()
            .with_context(|| format!("opening {}", directory.display()))?;
        let partial = directory.join(format!(".{name}.partial"));
        remove(&partial)?;
        Ok(Partial {
            partial,
            place: directory.join(name),
            is_done: false,
        })
    }

    /// Where it is being made.
    pub fn path(&self) -> &Path {
        &self.partial
    }

    /// Puts it in its place, instead of what is there.
    pub fn finish(mut self) -> Result<PathBuf> {
        remove(&self.place)?;
        fs::rename(&self.partial, &self.place)
            .with_context(|| format!("writing {}", self.place.display()))?;
        self.is_done = true;
        Ok(self.place.clone())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.is_done {
            let _ = remove(&self.partial);
        }
    }
}

fn remove(path: &Path) -> Result<()> {
    let outcome = match path.is_dir() {
        true => fs::remove_dir_all(path),
        false if path.symlink_metadata().is_ok() => fs::remove_file(path),
        false => Ok(()),
    };
    outcome.with_context(|| format!("removing {}", path.display()))
}

/// Copies a file into a directory, under the same path from the root.
pub fn copy(root: &Path, file: &Path, directory: &Path) -> Result<()> {
    let to = directory.join(file);
    let parent = to.parent().context("a file has no directory")?;
    fs::create_dir_all(parent)
        .and_then(|()| fs::copy(root.join(file), &to).map(drop))
        .with_context(|| format!("copying {}", file.display()))
}
