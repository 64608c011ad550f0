// SPDX-License-Identifier: GPL-2.0

//! A shell for the virtual machine: the static busybox of Debian's package, which is unpacked, not installed.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use xshell::{cmd, Shell};

use crate::advice::Advise;
use crate::arch::Arch;
use crate::project;

/// Debian's package.
const PACKAGE: &str = "busybox-static";

/// The shell's program for the architecture; fetched when the cache does not have it.
pub fn ensure(sh: &Shell, arch: Arch) -> anyhow::Result<PathBuf> {
    let directory = project::cache()?.join(PACKAGE).join(arch.name());
    if let Some(program) = program(&directory) {
        return Ok(program);
    }
    fs::create_dir_all(&directory).with_context(|| format!("creating {}", directory.display()))?;
    fetch(sh, arch, &directory)
        .context("fetching a shell for the virtual machine")
        .advise("apt-get update")?;
    program(&directory).with_context(|| format!("{PACKAGE} has no busybox"))
}

/// The program, where it is: Debian moved it from `/bin` to `/usr/bin`.
fn program(directory: &Path) -> Option<PathBuf> {
    let places = ["bin/busybox", "usr/bin/busybox"].map(|place| directory.join(place));
    places.into_iter().find(|place| place.is_file())
}

fn fetch(sh: &Shell, arch: Arch, directory: &Path) -> anyhow::Result<()> {
    let _directory = sh.push_dir(directory);
    let package = format!("{PACKAGE}:{}", arch.debian());
    cmd!(sh, "apt-get --quiet --quiet download {package}")
        .quiet()
        .ignore_stdout()
        .run()?;
    for archive in sh
        .read_dir(".")?
        .iter()
        .filter(|path| path.extension().is_some_and(|end| end == "deb"))
    {
        cmd!(sh, "dpkg-deb --extract {archive} .").quiet().run()?;
        sh.remove_path(archive)?;
    }
    Ok(())
}
