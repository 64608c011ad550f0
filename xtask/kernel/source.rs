// SPDX-License-Identifier: GPL-2.0

//! The source tree of a series, unpacked in the cache.

use std::path::{Path, PathBuf};

use anyhow::{ensure, Context};
use xshell::{cmd, Shell};

use crate::kernel::fetch;
use crate::kernel::lock::{Lock, Pin};
use crate::kernel::series::{self, Carrier};
use crate::process;
use crate::progress::Step;
use crate::project;
use crate::room::{self, Bytes};

/// A kernel's source.
#[derive(Clone, Debug)]
pub struct Source {
    /// The version of the kernel.
    pub version: String,
    /// Its directory. Nothing is ever built in it.
    pub directory: PathBuf,
}

/// What a source tree takes, and what it is unpacked from.
pub const ROOM: Bytes = Bytes::mib(2200);

/// Where source trees are kept.
pub fn directory() -> anyhow::Result<PathBuf> {
    Ok(project::cache()?.join("sources"))
}

/// The source tree of the series, in the version of `kernels.lock`; fetched and unpacked when it is not there yet.
pub fn ensure_source(sh: &Shell, series: &str) -> anyhow::Result<Source> {
    if let Some(source) = find(series)? {
        return Ok(source);
    }
    let lock = Lock::load()?;
    obtain(sh, lock.pin(series)?)
        .with_context(|| format!("getting the source of a {series} kernel"))
}

/// The source tree of the series, if it is unpacked already.
pub fn find(series: &str) -> anyhow::Result<Option<Source>> {
    let lock = Lock::load()?;
    let pin = lock.pin(series)?;
    unpacked(substitute(pin)?.as_deref().unwrap_or(&pin.version))
}

/// The version that stands in for a pinned one, where one does.
pub fn substitute(pin: &Pin) -> anyhow::Result<Option<String>> {
    let text = std::fs::read_to_string(substitute_path(pin)?);
    Ok(text.ok().map(|text| text.trim().to_owned()))
}

/// The file that remembers which version stands in for a pinned one that the mirror had no more.
fn substitute_path(pin: &Pin) -> anyhow::Result<PathBuf> {
    Ok(directory()?.join(format!("{}.substitute", pin.version)))
}

/// The source tree of the version, if it is there: it appears under this name only when it is complete.
fn unpacked(version: &str) -> anyhow::Result<Option<Source>> {
    let directory = directory()?.join(format!("linux-{version}"));
    let source = Source {
        version: version.to_owned(),
        directory,
    };
    Ok(source.directory.is_dir().then_some(source))
}

fn obtain(sh: &Shell, pin: &Pin) -> anyhow::Result<Source> {
    let directory = directory()?;
    room::expect(sh, &directory, ROOM, "the source of a kernel")?;
    let _lock = crate::kernel::ensure::lock(&directory, "sources")?;
    let (fetched, archive) = fetch::pinned(sh, pin)?;
    let source = unpack(sh, &fetched, &archive)?;
    if fetched.version != pin.version {
        sh.write_file(substitute_path(pin)?, &fetched.version)?;
    }
    Ok(source)
}

/// Unpacks the fetched file, unless another process has done so meanwhile.
pub fn unpack(sh: &Shell, pin: &Pin, archive: &Path) -> anyhow::Result<Source> {
    if let Some(source) = unpacked(&pin.version)? {
        return Ok(source);
    }
    let version = &pin.version;
    let (directory, partial) = (directory()?, directory()?.join("partial"));
    sh.remove_path(&partial)?;
    sh.create_dir(&partial)?;
    let step = Step::start(format!("unpacking linux {version}"));
    let tarball = tarball(sh, pin, archive, &partial)?;
    let tree = sh.create_dir(partial.join("tree"))?;
    let tar = cmd!(
        sh,
        "tar --extract --file {tarball} --directory {tree} --strip-components 1"
    );
    process::run_logged(&step, tar, "kernel-unpack").context("unpacking the kernel source")?;
    check_version(&tree, version)?;
    let source = Source {
        version: version.clone(),
        directory: directory.join(format!("linux-{version}")),
    };
    std::fs::rename(&tree, &source.directory).context("moving the source tree into the cache")?;
    sh.remove_path(&partial)?;
    step.done();
    Ok(source)
}

/// The kernel's tarball: the archive itself, or what a binary package has inside.
fn tarball(sh: &Shell, pin: &Pin, archive: &Path, partial: &Path) -> anyhow::Result<PathBuf> {
    match series::find(&pin.series)?.carrier {
        Carrier::SourcePackage(_) => Ok(archive.to_owned()),
        Carrier::BinaryPackage(name) => {
            cmd!(sh, "dpkg-deb --extract {archive} {partial}")
                .quiet()
                .run()
                .context("unpacking the package")?;
            Ok(partial.join(format!("usr/src/{name}.tar.xz")))
        }
    }
}

/// What was unpacked must be the version that the package claims.
fn check_version(tree: &Path, version: &str) -> anyhow::Result<()> {
    let found = makefile_version(tree)?;
    ensure!(
        found == version,
        "the source says that it is linux {found}, the package that it is {version}"
    );
    Ok(())
}

/// `VERSION.PATCHLEVEL.SUBLEVEL` of a kernel's Makefile, without the last when it is 0.
pub fn makefile_version(tree: &Path) -> anyhow::Result<String> {
    let path = tree.join("Makefile");
    let text =
        std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    let field = |name: &str| {
        let value = text
            .lines()
            .find_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix('='));
        value.map(|value| value.trim().to_owned())
    };
    let (version, patchlevel) = field("VERSION").zip(field("PATCHLEVEL")).with_context(|| {
        format!(
            "{} is not a kernel's: it has no VERSION and PATCHLEVEL",
            path.display()
        )
    })?;
    match field("SUBLEVEL").filter(|sublevel| !sublevel.is_empty() && sublevel != "0") {
        Some(sublevel) => Ok(format!("{version}.{patchlevel}.{sublevel}")),
        None => Ok(format!("{version}.{patchlevel}")),
    }
}
