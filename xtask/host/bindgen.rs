// SPDX-License-Identifier: GPL-2.0

//! bindgen: the distribution's where that is new enough, otherwise one that cargo builds into the cache.

use std::path::PathBuf;

use anyhow::Context;
use xshell::{cmd, Shell};

use crate::advice::Advise;
use crate::host::distribution::Distribution;
use crate::host::need::Need;
use crate::process;
use crate::progress::Step;
use crate::project;

/// The version that cargo builds where the distribution has none that serves.
const VERSION: &str = "0.72.1";

/// Whether the needs take one that cargo builds, and it is not there.
pub fn is_lacking(distribution: &Distribution, needs: &[Need]) -> anyhow::Result<bool> {
    let is_built = *distribution == Distribution::Debian12 && needs.contains(&Need::Kernel);
    Ok(is_built && !is_present()?)
}

/// The directory that cargo installs bindgen into.
fn directory() -> anyhow::Result<PathBuf> {
    Ok(project::cache()?
        .join("tools")
        .join(format!("bindgen-{VERSION}")))
}

/// The bindgen to use: `BINDGEN` of the environment, that of the cache, or that of `PATH`.
pub fn find() -> anyhow::Result<PathBuf> {
    let named = std::env::var_os("BINDGEN")
        .filter(|value| !value.is_empty())
        .map(PathBuf::from);
    let built = Some(directory()?.join("bin/bindgen")).filter(|path| process::is_executable(path));
    named
        .or(built)
        .or_else(|| process::find_program("bindgen"))
        .context("bindgen is missing")
        .advise("cargo xtask setup")
}

/// Whether cargo has built it, or the environment names another.
fn is_present() -> anyhow::Result<bool> {
    let named = std::env::var_os("BINDGEN").is_some_and(|value| !value.is_empty());
    Ok(named || process::is_executable(&directory()?.join("bin/bindgen")))
}

/// Builds it into the cache.
pub fn install(sh: &Shell) -> anyhow::Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let root = directory()?;
    let step = Step::start(format!("building bindgen {VERSION}"));
    let cmd = cmd!(
        sh,
        "{cargo} install bindgen-cli --locked --version {VERSION} --root {root}"
    );
    process::run_logged(&step, cmd.env_remove("CARGO_TARGET_DIR"), "bindgen")
        .context("building bindgen")?;
    step.done();
    Ok(())
}
