// SPDX-License-Identifier: GPL-2.0

//! rustfmt and clippy: those of the rustc that builds the kernels, so that every host hears the same.

use std::path::PathBuf;

use anyhow::Context;
use serde::Deserialize;
use xshell::{cmd, Shell};

use super::tool;
use crate::host::{self, Need};
use crate::manifest::Manifest;
use crate::process;
use crate::project;
use crate::test::case::Outcome;
use crate::toolchain::Toolchain;

/// The part of `cargo metadata` that says where each crate has its roots.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    src_path: PathBuf,
}

/// Every Rust file that a crate or the module consists of is formatted.
pub(in crate::test) fn rustfmt(sh: &Shell) -> anyhow::Result<Outcome> {
    host::ensure(sh, &[Need::Lints])?;
    let rustfmt = program("rustfmt")?;
    let mut roots = crate_roots(sh)?;
    roots.extend(module_root()?);
    Ok(tool::run(
        cmd!(
            sh,
            "{rustfmt} --check --files-with-diff --edition 2021 {roots...}"
        )
        .quiet(),
    )?
    .outcome("rustfmt"))
}

/// No lint fires in any target of any crate.
pub(in crate::test) fn clippy(sh: &Shell) -> anyhow::Result<Outcome> {
    host::ensure(sh, &[Need::Lints])?;
    let clippy = program("cargo-clippy")?;
    let rustc = Toolchain::find()?.rustc;
    // Another rustc than the user's would rebuild what theirs has built.
    let target = project::target().join("clippy");
    let command = cmd!(
        sh,
        "{clippy} clippy --quiet --workspace --all-targets --target-dir {target} -- --deny warnings"
    );
    Ok(tool::run(command.env("RUSTC", rustc).quiet())?.outcome("clippy"))
}

/// The program of that name that came with the rustc, or that of `PATH`.
fn program(name: &str) -> anyhow::Result<PathBuf> {
    let companion = Toolchain::find()?
        .companion(name)
        .filter(|path| process::is_executable(path));
    companion
        .or_else(|| process::find_program(name))
        .with_context(|| format!("there is no {name}"))
}

fn crate_roots(sh: &Shell) -> anyhow::Result<Vec<PathBuf>> {
    let text = cmd!(sh, "cargo metadata --no-deps --format-version 1")
        .quiet()
        .read()
        .context("asking cargo for the crates")?;
    let metadata: Metadata =
        serde_json::from_str(&text).context("reading what cargo says of the crates")?;
    let targets = metadata
        .packages
        .into_iter()
        .flat_map(|package| package.targets);
    Ok(targets.map(|target| target.src_path).collect())
}

/// The kernel's root of the module, which no crate has.
fn module_root() -> anyhow::Result<Option<PathBuf>> {
    let objects = Manifest::load()?.module.objects;
    Ok(objects
        .first()
        .map(|object| project::root().join(project::MODULE_DIR).join(object)))
}
