// SPDX-License-Identifier: GPL-2.0

//! Room on a file system. What takes much of it is refused before it begins where there is far too little: a full disk
//! in the middle of a build is told by compilers in ways that nobody understands.

use std::fmt;
use std::path::Path;

use anyhow::{anyhow, Context, Result};
use xshell::{cmd, Shell};

use crate::advice::Advise;

/// An amount of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub u64);

impl Bytes {
    /// So many mebibytes.
    pub const fn mib(count: u64) -> Bytes {
        Bytes(count << 20)
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mib = self.0 >> 20;
        match mib {
            0..1024 => write!(f, "{mib} MiB"),
            _ => write!(f, "{}.{} GiB", mib / 1024, mib % 1024 * 10 / 1024),
        }
    }
}

/// How much room there is on the file system of the directory, which need not be there yet.
pub fn free(sh: &Shell, directory: &Path) -> Result<Bytes> {
    let there = directory.ancestors().find(|path| path.exists());
    let there = there.unwrap_or(Path::new("/"));
    let printed = cmd!(sh, "df --output=avail --block-size=1 {there}")
        .env("LC_ALL", "C")
        .quiet()
        .read()
        .with_context(|| format!("asking how much room there is in {}", there.display()))?;
    let number = printed
        .lines()
        .nth(1)
        .and_then(|line| line.trim().parse().ok());
    number
        .map(Bytes)
        .with_context(|| format!("df said of {}: {printed}", there.display()))
}

/// How much of the disk the directory takes; nothing when it is not there.
pub fn used(sh: &Shell, directory: &Path) -> Result<Bytes> {
    if !directory.exists() {
        return Ok(Bytes(0));
    }
    // What is being built there comes and goes under du's eyes, which is no failure.
    let printed = cmd!(sh, "du --summarize --block-size=1 {directory}")
        .quiet()
        .ignore_status()
        .ignore_stderr()
        .read()
        .context("measuring a directory")?;
    let number = printed.split_whitespace().next().unwrap_or_default();
    Ok(Bytes(number.parse().unwrap_or_default()))
}

/// Fails where the directory's file system has less room than what is about to happen takes.
pub fn expect(sh: &Shell, directory: &Path, needed: Bytes, purpose: &str) -> Result<()> {
    let free = free(sh, directory)?;
    if free >= needed {
        return Ok(());
    }
    let directory = directory.display();
    Err(anyhow!(
        "{purpose} takes about {needed}, and the file system of {directory} has {free} left"
    ))
    .advise(
        "make room there: cargo xtask kernel clean removes the kernels and sources that nothing uses any more; or name \
         another place for the cache with XDG_CACHE_HOME, and for what cargo builds with CARGO_TARGET_DIR",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advice::describe;

    #[test]
    fn amounts_are_for_people() {
        assert_eq!(Bytes::mib(17).to_string(), "17 MiB");
        assert_eq!(Bytes::mib(2560).to_string(), "2.5 GiB");
        assert_eq!(Bytes(0).to_string(), "0 MiB");
    }

    #[test]
    fn what_does_not_fit_is_refused_with_a_way_out() {
        let sh = Shell::new().unwrap();
        let scratch = tempfile::tempdir().unwrap();
        let place = scratch.path().join("not/there/yet");
        assert!(expect(&sh, &place, Bytes(1), "a test").is_ok());
        let error = expect(&sh, &place, Bytes(u64::MAX), "a test").unwrap_err();
        let text = describe(&error);
        assert!(text.contains("a test takes about 17179869183."), "{text}");
        assert!(text.contains("  next: make room there: cargo xtask kernel clean"));
    }

    #[test]
    fn the_size_of_a_directory_is_that_of_its_files() {
        let sh = Shell::new().unwrap();
        let scratch = tempfile::tempdir().unwrap();
        std::fs::write(scratch.path().join("file"), vec![1; 3 << 20]).unwrap();
        let used = used(&sh, scratch.path()).unwrap();
        assert!(used >= Bytes::mib(3) && used < Bytes::mib(4), "{used}");
        assert_eq!(
            super::used(&sh, &scratch.path().join("no")).unwrap(),
            Bytes(0)
        );
    }
}
