// SPDX-License-Identifier: GPL-2.0

//! What is to be installed, complete, on this machine: a file of the root directory is here under the same path.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use xshell::{Shell, TempDir};

use crate::install::Root;

/// A staging directory; it goes when it is dropped.
pub struct Staging {
    directory: TempDir,
    files: Vec<(PathBuf, PathBuf)>,
}

impl Staging {
    /// An empty one.
    pub fn new(sh: &Shell) -> Result<Staging> {
        let directory = sh
            .create_temp_dir()
            .context("creating a staging directory")?;
        Ok(Staging {
            directory,
            files: Vec::new(),
        })
    }

    /// A directory beside what is staged, for the tools that make it.
    pub fn workshop(&self, name: &str) -> Result<PathBuf> {
        let path = self.directory.path().join(name);
        fs::create_dir_all(&path).with_context(|| format!("creating {}", path.display()))?;
        Ok(path)
    }

    /// Stages a copy of the file for a place in the root; the path of the copy.
    pub fn file(&mut self, root: &Root, from: &Path, to: &Path) -> Result<PathBuf> {
        let staged = self.place(root, to)?;
        fs::copy(from, &staged).with_context(|| format!("copying {}", from.display()))?;
        self.adopt(staged, to)
    }

    /// Stages a text for a place in the root.
    pub fn text(&mut self, root: &Root, text: &str, to: &Path) -> Result<PathBuf> {
        let staged = self.place(root, to)?;
        fs::write(&staged, text).with_context(|| format!("writing {}", staged.display()))?;
        self.adopt(staged, to)
    }

    /// Everything that is staged: the copy, and its place in the root.
    pub fn files(&self) -> &[(PathBuf, PathBuf)] {
        &self.files
    }

    fn place(&self, root: &Root, to: &Path) -> Result<PathBuf> {
        let staged = self.directory.path().join("root").join(root.relative(to)?);
        let parent = staged.parent().context("a staged file has no directory")?;
        fs::create_dir_all(parent).with_context(|| format!("creating {}", parent.display()))?;
        Ok(staged)
    }

    fn adopt(&mut self, staged: PathBuf, to: &Path) -> Result<PathBuf> {
        // Whatever umask this process has: the target's other users read these files.
        fs::set_permissions(&staged, fs::Permissions::from_mode(0o644))
            .with_context(|| format!("setting the mode of {}", staged.display()))?;
        self.files.push((staged.clone(), to.to_owned()));
        Ok(staged)
    }
}
