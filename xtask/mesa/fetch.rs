// SPDX-License-Identifier: GPL-2.0

//! Mesa's source, fetched by apt into the cache and unpacked there.

use std::path::{Path, PathBuf};

use anyhow::{ensure, Context};
use xshell::{cmd, Shell};

use super::lock::Source;
use crate::kernel::apt::{self, Apt};
use crate::kernel::digest;
use crate::kernel::ensure::lock;
use crate::kernel::series::{self, Carrier};
use crate::process;
use crate::progress::Step;
use crate::project;

/// The name of Debian's package, which the lock file must agree with.
const PACKAGE: &str = "mesa";

/// The source tree; fetched, verified and unpacked when the cache does not have it.
pub(super) fn source(sh: &Shell, pin: &Source) -> anyhow::Result<PathBuf> {
    ensure!(
        pin.package == PACKAGE,
        "mesa.lock names the package {}, not {PACKAGE}",
        pin.package
    );
    let parent = project::cache()?.join("sources");
    let tree = parent.join(format!("{PACKAGE}-{}", pin.version));
    let _lock = lock(&parent, PACKAGE)?;
    if !tree.is_dir() {
        let archive = archive(sh, pin).context("fetching Mesa's source")?;
        unpack(sh, &archive, &tree).context("unpacking Mesa's source")?;
    }
    Ok(tree)
}

/// The tarball, verified.
fn archive(sh: &Shell, pin: &Source) -> anyhow::Result<PathBuf> {
    let directory = project::cache()?.join("downloads");
    let path = directory.join(&pin.file);
    if !path.is_file() {
        download(sh, pin, &directory)?;
    }
    let actual = digest::of_file(sh, &path)?;
    if actual != pin.sha256 {
        sh.remove_path(&path)?;
    }
    ensure!(
        actual == pin.sha256,
        "{} has the SHA-256 {actual}, mesa.lock says {}; the file was removed",
        path.display(),
        pin.sha256
    );
    Ok(path)
}

/// Fetches the tarball by way of the newest Debian revision of the pinned version: all have the same.
fn download(sh: &Shell, pin: &Source, directory: &Path) -> anyhow::Result<()> {
    let apt = Apt::open(sh, &project::cache()?.join("apt"))?;
    let carrier = Carrier::SourcePackage(PACKAGE);
    let versions = apt.versions(carrier, &series::of_release(&pin.version))?;
    let version = versions
        .iter()
        .find(|version| apt::upstream(version) == pin.version);
    let version = version.with_context(|| {
        format!(
            "Debian 13 has no source package {PACKAGE} {} any more",
            pin.version
        )
    })?;
    let partial = directory.join("partial-mesa");
    sh.remove_path(&partial)?;
    sh.create_dir(&partial)?;
    let fetched = apt.download(carrier, version, &partial)?;
    std::fs::rename(&fetched, directory.join(&pin.file))
        .context("moving the tarball into the cache")?;
    Ok(sh.remove_path(&partial)?)
}

/// Unpacks the tarball; the tree appears under its name when it is complete.
fn unpack(sh: &Shell, archive: &Path, tree: &Path) -> anyhow::Result<()> {
    let partial = tree.with_extension("partial");
    sh.remove_path(&partial)?;
    sh.create_dir(&partial)?;
    let step = Step::start("unpacking Mesa");
    let tar = cmd!(
        sh,
        "tar --extract --file {archive} --directory {partial} --strip-components 1"
    );
    process::run_logged(&step, tar, "mesa-unpack")?;
    std::fs::rename(&partial, tree).context("moving the source tree into the cache")?;
    step.done();
    Ok(())
}
