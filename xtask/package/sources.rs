// SPDX-License-Identifier: GPL-2.0

//! What of this repository a build of the module needs, and nothing that only its tests need.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::project;

/// What is beside the module's directory, from the root.
const BESIDE: [&str; 3] = ["Makefile", "Kbuild", "packaging/dkms/build.sh"];
/// Directories that the module is not built from.
const OTHERS: [&str; 4] = ["benches", "fuzz", "target", "tests"];
/// What the kernel's build reads.
const SUFFIXES: [&str; 3] = ["rs", "c", "h"];

/// The files, from the repository's root, sorted.
pub fn list(root: &Path) -> Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = BESIDE.iter().map(PathBuf::from).collect();
    let mut directories = vec![PathBuf::from(project::MODULE_DIR)];
    while let Some(directory) = directories.pop() {
        let reading = || format!("reading {}", directory.display());
        for entry in fs::read_dir(root.join(&directory)).with_context(reading)? {
            let name = entry.with_context(reading)?.file_name();
            let path = directory.join(&name);
            let is_other = OTHERS.iter().any(|other| *other == name);
            if root.join(&path).is_dir() && !is_other {
                directories.push(path);
            } else if is_source(&path) && !is_other {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

fn is_source(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let suffix = path.extension().unwrap_or_default();
    // Kbuild leaves C files of its own: kgsl_shim.mod.c.
    SUFFIXES.iter().any(|known| *known == suffix) && !name.ends_with(".mod.c")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Manifest;

    #[test]
    fn all_objects_and_nothing_of_the_tests_are_listed() {
        let files = list(&project::root()).unwrap();
        for object in Manifest::load().unwrap().module.objects {
            let path = Path::new(project::MODULE_DIR).join(object);
            assert!(files.contains(&path), "{path:?}");
        }
        let benches = Path::new(project::MODULE_DIR).join("benches");
        assert!(files.iter().all(|path| !path.starts_with(&benches)));
    }
}
