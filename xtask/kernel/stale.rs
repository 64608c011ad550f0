// SPDX-License-Identifier: GPL-2.0

//! What of the cache nothing uses any more: kernels, source trees and fetched files of versions that `kernels.lock` has
//! moved away from.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Context;
use xshell::Shell;

use crate::arch::Arch;
use crate::kernel::lock::Lock;
use crate::kernel::{ensure, list, series, source};
use crate::project;
use crate::target::{Profile, Target};
use crate::toolchain::Family;

/// The build directories that no series, architecture, profile and compiler leads to with today's inputs.
pub fn kernels(sh: &Shell) -> anyhow::Result<Vec<PathBuf>> {
    let mut directories = list::directories()?;
    for target in targets() {
        let by_gcc = ensure::key(sh, &target, Family::Gcc).ok().flatten();
        for key in ensure::key(sh, &target, Family::Llvm)?
            .into_iter()
            .chain(by_gcc)
        {
            directories.retain(|directory| !directory.ends_with(&key.directory));
        }
    }
    Ok(directories)
}

/// Every kernel that can be asked for.
fn targets() -> Vec<Target> {
    let mut targets = Vec::new();
    for series in series::ALL {
        for arch in Arch::ALL {
            targets.extend(Profile::ALL.map(|profile| Target {
                arch,
                series: series.name.to_owned(),
                profile,
            }));
        }
    }
    targets
}

/// The source trees and the fetched files of kernels that no entry of `kernels.lock` stands for.
pub fn sources() -> anyhow::Result<Vec<PathBuf>> {
    let lock = Lock::load()?;
    let mut versions = BTreeSet::new();
    for pin in &lock.pins {
        versions.insert(pin.version.clone());
        versions.extend(source::substitute(pin)?);
    }
    let files = lock.pins.iter().map(|pin| pin.file.clone()).collect();
    let mut stale = beside(&source::directory()?, |name| {
        let tree = name.strip_prefix("linux-");
        let version = tree.or_else(|| name.strip_suffix(".substitute"));
        version.is_some_and(|version| !versions.contains(version))
    })?;
    stale.extend(beside(&project::cache()?.join("downloads"), |name| {
        is_stale_file(name, &files, &versions)
    })?);
    Ok(stale)
}

/// Whether a fetched file has the source of a kernel that is none of these.
fn is_stale_file(name: &str, files: &BTreeSet<String>, versions: &BTreeSet<String>) -> bool {
    // `linux_6.18.15.orig.tar.xz`, `linux-source-7.2_7.2.12-1~bpo13+1_all.deb`.
    let is_kernel = name.starts_with("linux_") || name.starts_with("linux-source-");
    let version = name.split('_').nth(1).unwrap_or_default();
    let is_of = |known: &String| {
        let rest = version.strip_prefix(known.as_str());
        rest.is_some_and(|rest| !rest.starts_with(|next: char| next.is_ascii_digit()))
    };
    is_kernel && !files.contains(name) && !versions.iter().any(is_of)
}

/// What is in the directory under such a name, sorted.
fn beside(directory: &Path, is_wanted: impl Fn(&str) -> bool) -> anyhow::Result<Vec<PathBuf>> {
    if !directory.exists() {
        return Ok(Vec::new());
    }
    let reading = || format!("reading {}", directory.display());
    let mut found = Vec::new();
    for entry in directory.read_dir().with_context(reading)? {
        let entry = entry.with_context(reading)?;
        if is_wanted(&entry.file_name().to_string_lossy()) {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(words: &[&str]) -> BTreeSet<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn files_of_other_versions_are_stale() {
        let files = set(&["linux_6.18.15.orig.tar.xz"]);
        let versions = set(&["6.18.15", "7.2.12"]);
        let is_stale = |name: &str| is_stale_file(name, &files, &versions);
        assert!(!is_stale("linux_6.18.15.orig.tar.xz"));
        // The substitute of a pinned one that the mirror had no more.
        assert!(!is_stale("linux-source-7.2_7.2.12-1~bpo13+1_all.deb"));
        assert!(is_stale("linux-source-7.2_7.2.1-1~bpo13+1_all.deb"));
        assert!(is_stale("linux_6.18.1.orig.tar.xz"));
        assert!(is_stale("linux_6.18.150.orig.tar.xz"));
        assert!(!is_stale("mesa_25.0.7.orig.tar.xz"));
    }

    #[test]
    fn only_wanted_names_are_found() {
        let directory = tempfile::tempdir().unwrap();
        for name in ["linux-6.18.1", "linux-6.18.15", ".sources.lock"] {
            std::fs::create_dir(directory.path().join(name)).unwrap();
        }
        let found = beside(directory.path(), |name| name == "linux-6.18.1").unwrap();
        assert_eq!(found, [directory.path().join("linux-6.18.1")]);
        assert!(beside(&directory.path().join("absent"), |_| true)
            .unwrap()
            .is_empty());
    }
}
