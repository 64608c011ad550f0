// SPDX-License-Identifier: GPL-2.0

//! depmod and modprobe of this machine, with the configuration of the root directory instead of this machine's.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use xshell::{Cmd, Shell};

use crate::advice::Advise;
use crate::install::Root;
use crate::process;

/// Where kmod reads its configuration from, what counts more first.
const PLACES: [&str; 5] = ["etc", "run", "usr/local/lib", "usr/lib", "lib"];

/// A program of kmod; it may be in a directory that only root has in `PATH`. `DEPMOD` or `MODPROBE` in the environment
/// names another.
fn program(sh: &Shell, name: &str) -> Result<PathBuf> {
    let named = sh
        .var_os(name.to_uppercase())
        .filter(|value| !value.is_empty());
    if let Some(named) = named {
        return Ok(PathBuf::from(named));
    }
    let elsewhere = ["/usr/sbin", "/sbin"].map(|directory| Path::new(directory).join(name));
    process::find_program(name)
        .or_else(|| {
            elsewhere
                .into_iter()
                .find(|path| process::is_executable(path))
        })
        .with_context(|| format!("{name} is missing"))
        .advise("cargo xtask setup, or install the package kmod")
}

/// A command of kmod that reads the configuration of the root, and no other. `kind` is `modprobe.d` or `depmod.d`.
pub fn command<'s>(sh: &'s Shell, name: &str, root: &Root, kind: &str) -> Result<Cmd<'s>> {
    let present = PLACES
        .iter()
        .map(|place| format!("{place}/{kind}"))
        .filter(|place| root.has(place));
    let mut directories = present
        .map(|place| root.directory_place(&place))
        .collect::<Result<Vec<_>>>()?;
    let mut seen = Vec::new();
    directories.retain(|directory| {
        let is_new = !seen.contains(directory);
        seen.push(directory.clone());
        is_new
    });
    // Without any, kmod would fall back on this machine's.
    if directories.is_empty() {
        directories.push(PathBuf::from("/dev/null"));
    }
    let mut cmd = sh.cmd(program(sh, name)?);
    for directory in directories {
        cmd = cmd.arg("--config").arg(directory);
    }
    Ok(cmd
        .env("LC_ALL", "C")
        .env_remove("MODPROBE_OPTIONS")
        .quiet())
}
