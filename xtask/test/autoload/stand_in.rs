// SPDX-License-Identifier: GPL-2.0

//! The module that stands in for the C driver: built for the kernel, and installed as if it had come with it.

use std::fs;

use anyhow::{Context, Result};
use xshell::Shell;

use crate::process;
use crate::progress::Step;
use crate::project;
use crate::test::board::System;
use crate::vm::Workshop;

/// The module's name.
pub(super) const NAME: &str = "msm_kgsl";

/// Builds it and puts it beside the kernel's own modules; whoever installs another one next has depmod find it.
pub(super) fn install(sh: &Shell, workshop: &Workshop, system: &System<'_>) -> Result<()> {
    let tree = workshop.tree();
    let output = project::target()
        .join("stand-in")
        .join(format!("{}-{}", tree.release, tree.arch));
    sh.create_dir(&output)?;
    let step = Step::start(format!("building {NAME}.ko for {}", tree.arch));
    let make = tree
        .make(sh)
        .arg(format!(
            "M={}",
            project::root().join("tests/boot").display()
        ))
        .arg(format!("MO={}", output.display()))
        .arg("modules");
    process::run_logged(&step, make, "stand-in").context("building the stand-in")?;
    step.done();
    let place = format!("usr/lib/modules/{}/kernel/drivers/gpu", tree.release);
    let directory = system.root().join(place);
    sh.create_dir(&directory)?;
    let file = format!("{NAME}.ko");
    fs::copy(output.join(&file), directory.join(&file)).context("installing the stand-in")?;
    Ok(())
}
