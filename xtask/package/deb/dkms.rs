// SPDX-License-Identifier: GPL-2.0

//! The package with the module's source, which dkms builds again for each kernel of the machine.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use xshell::Shell;

use super::archive::Archive;
use super::facts::Facts;
use super::packages::common;
use crate::manifest::Manifest;
use crate::package::dkms;

/// Makes the package of the source and that of the configuration in the directory; their paths. With `initramfs`, dkms'
/// module goes into the initramfs.
pub fn package_dkms(sh: &Shell, initramfs: bool, directory: &Path) -> Result<Vec<PathBuf>> {
    let facts = Facts::new(sh, None)?;
    Ok(vec![
        source(sh, &facts, directory)?,
        common(sh, initramfs, &facts, directory)?,
    ])
}

fn source(sh: &Shell, facts: &Facts, directory: &Path) -> Result<PathBuf> {
    let archive = Archive::new(sh, &format!("{}-dkms", facts.package), facts)?;
    let tree = format!("usr/src/{}-{}", facts.package, facts.version);
    dkms::fill(&Manifest::load()?, &archive.directory(&tree)?)
        .context("filling the source tree for dkms")?;
    archive.control(
        "postinst",
        include_str!("templates/dkms.postinst.jinja"),
        facts,
    )?;
    archive.control("prerm", include_str!("templates/dkms.prerm.jinja"), facts)?;
    let control = include_str!("templates/dkms.control.jinja");
    archive.pack(control, facts, "all", directory)
}
