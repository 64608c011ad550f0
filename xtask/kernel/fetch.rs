// SPDX-License-Identifier: GPL-2.0

//! Fetching the file that carries a kernel's source into the cache.

use std::path::{Path, PathBuf};

use anyhow::{ensure, Context};
use xshell::Shell;

use crate::kernel::apt::{upstream, Apt};
use crate::kernel::digest;
use crate::kernel::lock::Pin;
use crate::kernel::series::{self, Series};
use crate::progress;
use crate::project;

/// Where fetched files are kept.
fn directory() -> anyhow::Result<PathBuf> {
    Ok(project::cache()?.join("downloads"))
}

/// Where the private apt configuration lives.
fn apt(sh: &Shell) -> anyhow::Result<Apt<'_>> {
    Apt::open(sh, &project::cache()?.join("apt"))
}

/// The pinned file, verified, or the newest of its series when the mirror has the pinned one no more. The pin that is
/// returned says what it is.
pub fn pinned(sh: &Shell, pin: &Pin) -> anyhow::Result<(Pin, PathBuf)> {
    let path = directory()?.join(&pin.file);
    if path.is_file() {
        verify(sh, pin, &path)?;
        return Ok((pin.clone(), path));
    }
    let series = series::find(&pin.series)?;
    let apt = apt(sh)?;
    match fetch(sh, &apt, series, &pin.package_version) {
        Ok((fetched, path)) => {
            verify(sh, pin, &path)?;
            Ok((fetched, path))
        }
        Err(error) => {
            let reason = reason(&error);
            progress::note(format!(
                "the pinned kernel {} cannot be had: {reason}",
                pin.version
            ));
            newest_of(sh, &apt, series)
        }
    }
}

/// The newest kernel of the series that can be had.
pub fn newest(sh: &Shell, series: Series) -> anyhow::Result<(Pin, PathBuf)> {
    newest_of(sh, &apt(sh)?, series)
}

fn newest_of(sh: &Shell, apt: &Apt<'_>, series: Series) -> anyhow::Result<(Pin, PathBuf)> {
    // What a mirror lists it may not have: files come and go.
    for version in apt.versions(series.carrier, series.name)? {
        match fetch(sh, apt, series, &version) {
            Ok((pin, path)) => {
                progress::note(format!(
                    "using kernel {} for the series {}",
                    pin.version, pin.series
                ));
                return Ok((pin, path));
            }
            Err(error) => progress::note(format!("{version} cannot be had: {}", reason(&error))),
        }
    }
    anyhow::bail!("the mirror has no kernel of the series {}", series.name)
}

/// What apt said last.
fn reason(error: &anyhow::Error) -> String {
    let cause = error.root_cause().to_string();
    cause.lines().last().unwrap_or_default().to_owned()
}

/// Fetches one version; the file appears under its final name only when it is complete.
fn fetch(
    sh: &Shell,
    apt: &Apt<'_>,
    series: Series,
    version: &str,
) -> anyhow::Result<(Pin, PathBuf)> {
    let directory = directory()?;
    let partial = directory.join("partial");
    sh.remove_path(&partial)?;
    sh.create_dir(&partial)?;
    let fetched = apt.download(series.carrier, version, &partial)?;
    let name = fetched
        .file_name()
        .and_then(|name| name.to_str())
        .context("the fetched file has no name")?;
    let path = directory.join(name);
    std::fs::rename(&fetched, &path).with_context(|| format!("moving {name} into the cache"))?;
    sh.remove_path(&partial)?;
    let pin = Pin {
        series: series.name.to_owned(),
        version: upstream(version).to_owned(),
        package: series.carrier.package().to_owned(),
        package_version: version.to_owned(),
        file: name.to_owned(),
        sha256: digest::of_file(sh, &path)?,
    };
    Ok((pin, path))
}

/// A file that is not the pinned one is removed, so that the next attempt fetches it again.
fn verify(sh: &Shell, pin: &Pin, path: &Path) -> anyhow::Result<()> {
    let actual = digest::of_file(sh, path)?;
    if actual != pin.sha256 {
        sh.remove_path(path)?;
    }
    ensure!(
        actual == pin.sha256,
        "{} has the SHA-256 {actual}, kernels.lock says {}; the file was removed",
        path.display(),
        pin.sha256
    );
    Ok(())
}
