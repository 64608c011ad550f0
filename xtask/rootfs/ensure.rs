// SPDX-License-Identifier: GPL-2.0

//! The operating system for whoever needs one: from the cache, or put together into it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{anyhow, Context};
use xshell::{cmd, Shell};

use super::{configure, key, unpack};
use crate::advice::Advise;
use crate::host::{self, install, Need};
use crate::kernel::ensure::lock;
use crate::project;
use crate::vm::Workshop;

/// The system of one architecture.
#[derive(Clone, Debug)]
pub struct Rootfs {
    /// Its files, with their owners and modes.
    archive: PathBuf,
}

impl Rootfs {
    /// Copies the system's files into the directory, which must be empty, so that more can be added to them.
    pub fn unpack(&self, sh: &Shell, directory: &Path) -> anyhow::Result<()> {
        let archive = &self.archive;
        cmd!(sh, "tar --extract --numeric-owner --preserve-permissions --file={archive} --directory={directory}")
            .quiet()
            .run()
            .context("unpacking the operating system")
    }
}

/// The system of the workshop's architecture; put together when the cache does not have it. The workshop's kernel runs
/// the packages' scripts.
pub fn ensure(sh: &Shell, workshop: &Workshop) -> anyhow::Result<Rootfs> {
    host::ensure(sh, &[Need::System])?;
    if !install::is_root(sh) {
        return Err(anyhow!(
            "only root can write a file system whose files belong to several users"
        ))
        .advise("run the command with sudo --preserve-env=HOME,PATH");
    }
    let arch = workshop.target.arch;
    let (directory, name) = (project::cache()?.join("rootfs"), key::name(sh, arch)?);
    let archive = directory.join(&name);
    if archive.exists() {
        return Ok(Rootfs { archive });
    }
    let _lock = lock(&directory, &name)?;
    if !archive.exists() {
        make(sh, workshop, &archive)
            .with_context(|| format!("putting together an operating system for {arch}"))?;
    }
    Ok(Rootfs { archive })
}

/// The archive appears at once or not at all.
fn make(sh: &Shell, workshop: &Workshop, archive: &Path) -> anyhow::Result<()> {
    let tree = sh
        .create_temp_dir()
        .context("creating a directory for the packages")?;
    let tree = tree.path().join("tree");
    unpack::unpack(sh, workshop.target.arch, &tree)?;
    let partial = archive.with_extension("partial");
    configure::configure(sh, workshop, &tree, &partial)?;
    fs::rename(&partial, archive).with_context(|| format!("writing {}", archive.display()))
}
