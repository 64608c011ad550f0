// SPDX-License-Identifier: GPL-2.0

//! The module that stands in for the C driver: built for the kernel, and installed as if it had come with it.

use std::fs;

use anyhow::{Context, Result};
use xshell::Shell;

use crate::test::board::System;
use crate::vm::Workshop;

/// The module's name.
pub(super) const NAME: &str = "msm_kgsl";

/// Builds it and puts it beside the kernel's own modules; whoever installs another one next has depmod find it.
pub(super) fn install(sh: &Shell, workshop: &Workshop, system: &System<'_>) -> Result<()> {
    let module = workshop.build_extra_module(sh, "boot", NAME)?;
    let place = format!(
        "usr/lib/modules/{}/kernel/drivers/gpu",
        workshop.tree().release
    );
    let directory = system.root().join(place);
    sh.create_dir(&directory)?;
    fs::copy(module, directory.join(format!("{NAME}.ko"))).context("installing the stand-in")?;
    Ok(())
}
