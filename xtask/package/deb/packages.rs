// SPDX-License-Identifier: GPL-2.0

//! What is in which package.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use xshell::Shell;

use super::archive::Archive;
use super::facts::Facts;
use crate::advice::advised;
use crate::check::{self, Target};
use crate::generate::outputs::{MODPROBE, MODULES_LOAD, OPTIONS, UDEV};
use crate::generate::render;
use crate::install::{modules_install, Signer};
use crate::kernel::Tree;
use crate::manifest::Manifest;

/// What is to be packaged.
pub struct Request<'a> {
    /// The kernel that the module was built for.
    pub tree: &'a Tree,
    /// The built module, in the directory where Kbuild left it.
    pub module: &'a Path,
    /// The key to sign with; that of the kernel's build by default.
    pub signer: Option<Signer>,
    /// Whether the module goes into the initramfs.
    pub initramfs: bool,
}

/// Makes the packages in the directory; their paths.
pub fn package(sh: &Shell, request: &Request<'_>, directory: &Path) -> Result<Vec<PathBuf>> {
    let facts = Facts::new(sh, Some(request.tree))?;
    Ok(vec![
        modules(sh, request, &facts, directory)?,
        common(sh, request.initramfs, &facts, directory)?,
    ])
}

/// The package with the module.
fn modules(sh: &Shell, request: &Request<'_>, facts: &Facts, directory: &Path) -> Result<PathBuf> {
    let staging = sh.create_temp_dir().context("creating a directory")?;
    let Request {
        tree,
        module,
        signer,
        ..
    } = request;
    let installed = modules_install::run(sh, tree, module, signer.as_ref(), true, staging.path())?;
    expect_to_load(tree, &installed)?;
    let name = format!("{}-modules-{}", facts.package, facts.release_name);
    let archive = Archive::new(sh, &name, facts)?;
    let file = installed.file_name().unwrap_or_default().to_string_lossy();
    let place = format!("usr/lib/modules/{}/updates/{file}", facts.release);
    archive.write(&place, fs::read(&installed)?, 0o644)?;
    archive.control(
        "postinst",
        include_str!("templates/modules.postinst.jinja"),
        facts,
    )?;
    archive.control(
        "postrm",
        include_str!("templates/modules.postrm.jinja"),
        facts,
    )?;
    let control = include_str!("templates/modules.control.jinja");
    archive.pack(control, facts, facts.architecture, directory)
}

/// Fails with the loader's verdict when the kernel will not take the module.
fn expect_to_load(tree: &Tree, module: &Path) -> Result<()> {
    let report = check::verdict(module, &Target::from_tree(&tree.build)?)?;
    if report.loads() {
        return Ok(());
    }
    let error = anyhow::anyhow!("the kernel would refuse the module\n{report}");
    Err(advised(error, "docs/check.md explains the verdict"))
}

/// The package with everything else.
pub(super) fn common(
    sh: &Shell,
    initramfs: bool,
    facts: &Facts,
    directory: &Path,
) -> Result<PathBuf> {
    let name = format!("{}-common", facts.package);
    let archive = Archive::new(sh, &name, facts)?;
    let manifest = Manifest::load()?;
    let places = [
        (&MODPROBE, "usr/lib/modprobe.d"),
        (&MODULES_LOAD, "usr/lib/modules-load.d"),
        (&UDEV, "usr/lib/udev/rules.d"),
        (&OPTIONS, "etc/modprobe.d"),
    ];
    let mut conffiles = String::new();
    for (output, parent) in places {
        let file = render::file(&manifest, output)?;
        let name = file.path.rsplit('/').next().unwrap_or(&file.path);
        let place = format!("{parent}/{name}");
        if file.text.is_empty() {
            continue;
        }
        if place.starts_with("etc/") {
            conffiles.push_str(&format!("/{place}\n"));
        }
        archive.write(&place, file.text, 0o644)?;
    }
    archive.write("DEBIAN/conffiles", conffiles, 0o644)?;
    let overrides = render::text(
        include_str!("templates/common.lintian-overrides.jinja"),
        facts,
    )?;
    archive.write(
        &format!("usr/share/lintian/overrides/{name}"),
        overrides,
        0o644,
    )?;
    archive.control("triggers", include_str!("templates/triggers.jinja"), facts)?;
    if initramfs {
        let hook = render::text(include_str!("templates/initramfs-hook.jinja"), facts)?;
        let place = format!("usr/share/initramfs-tools/hooks/{}", facts.name);
        archive.write(&place, hook, 0o755)?;
    }
    archive.pack(
        include_str!("templates/common.control.jinja"),
        facts,
        "all",
        directory,
    )
}
