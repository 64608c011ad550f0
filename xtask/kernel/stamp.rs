// SPDX-License-Identifier: GPL-2.0

//! The mark of a complete build, written last: a build directory without it is not used.

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::kernel::key::Key;

/// What is known about a complete build.
#[derive(Debug, Deserialize, Serialize)]
pub struct Stamp {
    /// The inputs that it was built from.
    pub key: String,
    /// The kernel's release.
    pub release: String,
    /// How many lines its make printed, by which the next build's bar is scaled.
    pub lines: u64,
}

/// Where the stamp of a build directory is.
fn path(build: &Path) -> PathBuf {
    build.join("xtask-stamp.json")
}

impl Stamp {
    /// The stamp of the build directory, if it has one.
    pub fn read(build: &Path) -> Option<Stamp> {
        serde_json::from_str(&std::fs::read_to_string(path(build)).ok()?).ok()
    }

    /// The stamp of the build directory, if that was completely built from these inputs.
    pub fn matching(build: &Path, key: &Key) -> Option<Stamp> {
        Stamp::read(build).filter(|stamp| stamp.key == key.text)
    }

    /// Writes the stamp; it appears at once or not at all.
    pub fn write(&self, build: &Path) -> anyhow::Result<()> {
        let (path, partial) = (path(build), path(build).with_extension("partial"));
        let text = serde_json::to_string_pretty(self).context("writing a build's stamp")?;
        std::fs::write(&partial, text).with_context(|| format!("writing {}", partial.display()))?;
        std::fs::rename(&partial, &path).with_context(|| format!("writing {}", path.display()))
    }

    /// Removes the stamp: the directory is about to change.
    pub fn remove(build: &Path) -> anyhow::Result<()> {
        match std::fs::remove_file(path(build)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(error).context("removing a build's stamp")
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Key {
        Key {
            text: text.to_owned(),
            directory: "name".to_owned(),
            fragment: String::new(),
        }
    }

    fn stamp(key: &str) -> Stamp {
        Stamp {
            key: key.to_owned(),
            release: "6.18.15".to_owned(),
            lines: 3,
        }
    }

    #[test]
    fn only_a_complete_build_of_the_same_inputs_matches() {
        let directory = tempfile::tempdir().unwrap();
        let build = directory.path();
        assert!(Stamp::matching(build, &key("a")).is_none());
        stamp("a").write(build).unwrap();
        let found = Stamp::matching(build, &key("a")).unwrap();
        assert_eq!((found.release.as_str(), found.lines), ("6.18.15", 3));
        assert!(Stamp::matching(build, &key("b")).is_none());
        Stamp::remove(build).unwrap();
        Stamp::remove(build).unwrap();
        assert!(Stamp::matching(build, &key("a")).is_none());
    }

    #[test]
    fn a_torn_stamp_does_not_match() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(path(directory.path()), "{\"key\": \"a").unwrap();
        assert!(Stamp::matching(directory.path(), &key("a")).is_none());
    }
}
