// SPDX-License-Identifier: GPL-2.0

//! The module by which the kernel's own memset and memcpy are measured; built for each kernel.

use anyhow::Context;
use xshell::Shell;

use crate::process;
use crate::progress::Step;
use crate::project;
use crate::vm::{Entry, Workshop};

/// The module's name.
const NAME: &str = "memory_peer";

/// Builds it; its file in the virtual machine.
pub(super) fn entry(sh: &Shell, workshop: &Workshop) -> anyhow::Result<Entry> {
    let tree = workshop.tree();
    let output = project::target()
        .join("peer")
        .join(format!("{}-{}", tree.release, workshop.target.profile))
        .join(tree.arch.name());
    sh.create_dir(&output)?;
    let step = Step::start(format!("building {NAME}.ko for {}", tree.arch));
    let make = tree
        .make(sh)
        .arg(format!(
            "M={}",
            project::root().join("tests/peer").display()
        ))
        .arg(format!("MO={}", output.display()))
        .arg("modules");
    process::run_logged(&step, make, "peer").context("building the module to compare with")?;
    step.done();
    let file = format!("{NAME}.ko");
    let path = output.join(&file);
    Ok(Entry::file(format!("/lib/modules/{file}"), path))
}
