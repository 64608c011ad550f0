// SPDX-License-Identifier: GPL-2.0

//! Where things are: the repository, the module's directory and the cache.

use std::path::PathBuf;

use anyhow::Context;
use xshell::Shell;

use crate::manifest::Manifest;

/// The directory of the kernel module, from the repository's root.
pub const MODULE_DIR: &str = "kmod";

/// The repository's root directory.
pub fn root() -> PathBuf {
    // Cargo says at run time where the package is; a binary that is started by hand knows where it was compiled.
    let package = std::env::var_os("CARGO_MANIFEST_DIR")
        .map(PathBuf::from)
        .filter(|directory| directory.ends_with("xtask"))
        .unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));
    package.parent().map(PathBuf::from).unwrap_or(package)
}

/// A shell that stands in the repository's root.
pub fn shell() -> anyhow::Result<Shell> {
    let sh = Shell::new().context("starting a shell")?;
    sh.change_dir(root());
    Ok(sh)
}

/// The directory for everything that can be fetched or built again: `$XDG_CACHE_HOME` (or `~/.cache`) and the name of
/// the module's package.
pub fn cache() -> anyhow::Result<PathBuf> {
    let base = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute());
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
    let base = base
        .or_else(home)
        .context("finding the cache directory: neither XDG_CACHE_HOME nor HOME is set")?;
    Ok(base.join(&Manifest::load()?.package))
}

/// Cargo's directory for what is built of this tree: `$CARGO_TARGET_DIR`, or `target` below the root.
pub fn target() -> PathBuf {
    let named = std::env::var_os("CARGO_TARGET_DIR").filter(|value| !value.is_empty());
    root().join(named.unwrap_or_else(|| "target".into()))
}

/// The directory where long commands leave their output.
pub fn logs() -> anyhow::Result<PathBuf> {
    Ok(cache()?.join("logs"))
}
