// SPDX-License-Identifier: GPL-2.0

//! What `check` says before anything is written: of the module against the kernel that it was built for, and against
//! the kernel that the root directory holds.

use std::path::Path;

use anyhow::{anyhow, Result};
use xshell::Shell;

use crate::advice::Advise;
use crate::check::target::open::Options;
use crate::check::{self, Report, Target};
use crate::install::Root;
use crate::kernel::Tree;

/// Fails when either kernel refuses the module. The verdict on the kernel that counts: the root's own, where it has it.
pub fn examine(
    sh: &Shell,
    tree: &Tree,
    root: &Root,
    has_release: bool,
    module: &Path,
) -> Result<Report> {
    let built_for = check::verdict(module, &Target::from_tree(&tree.build)?)?;
    accept(&built_for)?;
    if !has_release {
        return Ok(built_for);
    }
    let options = Options {
        release: Some(tree.release.clone()),
        ..Options::default()
    };
    let installed = Target::open(sh, &root.directory().display().to_string(), &options)?;
    let report = check::verdict(module, &installed)?;
    accept(&report)?;
    Ok(report)
}

fn accept(report: &Report) -> Result<()> {
    if report.loads() {
        return Ok(());
    }
    let text = report.to_string();
    Err(anyhow!(
        "the kernel would refuse the module\n{}",
        text.trim_end()
    ))
    .advise(
        "build it for the target's kernel with --kernel-src; docs/check.md explains the verdict",
    )
}
