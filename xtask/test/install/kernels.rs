// SPDX-License-Identifier: GPL-2.0

//! Kernels that differ in their configuration or release only, and several kernels in one root directory.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use anyhow::{ensure, Result};

use super::bench::{expect_error, Bench};
use crate::install::Options;
use crate::kernel::Tree;
use crate::manifest::Manifest;
use crate::uninstall;

/// The kernel of the bench with another release, and with more options in what its Makefiles read.
pub(super) fn variant(bench: &Bench<'_>, release: &str, options: &str) -> Result<Tree> {
    let build = bench.beside("build");
    let original = &bench.tree().build;
    link_all(original, &build, &["include"])?;
    link_all(
        &original.join("include"),
        &build.join("include"),
        &["config"],
    )?;
    let (from, to) = (
        original.join("include/config"),
        build.join("include/config"),
    );
    link_all(&from, &to, &["auto.conf", "kernel.release"])?;
    let config = fs::read_to_string(from.join("auto.conf"))?;
    fs::write(to.join("auto.conf"), format!("{config}{options}"))?;
    fs::write(to.join("kernel.release"), format!("{release}\n"))?;
    Ok(Tree {
        release: release.to_owned(),
        build,
        ..bench.tree().clone()
    })
}

/// Links everything in a directory into another, but for what will be different there.
fn link_all(from: &Path, to: &Path, without: &[&str]) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let name = entry?.file_name();
        if !without.iter().any(|other| *other == name) {
            symlink(from.join(&name), to.join(&name))?;
        }
    }
    Ok(())
}

/// Configuration is shared: it stays until the last kernel's module goes.
pub(super) fn two_kernels(bench: &Bench<'_>) -> Result<()> {
    let release = format!("{}-other", bench.tree().release);
    bench.install(Options::default())?;
    expect_error(
        bench.install_for(&variant(bench, &release, "")?, Options::default()),
        "has no modules of kernel",
    )?;
    bench.write(&format!("lib/modules/{release}/modules.builtin"), "")?;
    let other = Tree {
        release: release.clone(),
        build: bench.beside("build"),
        ..bench.tree().clone()
    };
    bench.install_for(&other, Options::default())?;
    expect_error(bench.uninstall(), "for several kernels")?;
    let configuration = format!("etc/modprobe.d/{}.conf", Manifest::load()?.module.name);
    let configuration = bench.root().join(configuration);
    uninstall::uninstall(bench.sh, &bench.root(), Some(&release))?;
    ensure!(configuration.exists(), "the other kernel still needs it");
    bench.uninstall()?;
    ensure!(!configuration.exists());
    Ok(())
}
