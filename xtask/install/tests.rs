// SPDX-License-Identifier: GPL-2.0

//! Tests of the installation, on small root directories. What takes a kernel is the suite `install`.

mod clash;
mod group;
mod place;
mod resolution;
mod undo;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::Root;

/// A root directory for one test.
struct Fixture {
    _directory: tempfile::TempDir,
    path: PathBuf,
}

impl Fixture {
    fn new() -> Fixture {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("root");
        fs::create_dir_all(path.join("etc")).unwrap();
        Fixture {
            _directory: directory,
            path,
        }
    }

    fn root(&self) -> Root {
        Root::open(&self.path).unwrap()
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }
}

/// Everything below a directory: inode, mode and content, by path.
fn snapshot(directory: &Path) -> BTreeMap<PathBuf, (u64, u32, Vec<u8>)> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let metadata = path.symlink_metadata().unwrap();
        let content = match metadata.is_file() {
            true => fs::read(&path).unwrap(),
            false => Vec::new(),
        };
        if metadata.is_dir() {
            found.extend(snapshot(&path));
        }
        found.insert(path, (metadata.ino(), metadata.mode(), content));
    }
    found
}
