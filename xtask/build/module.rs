// SPDX-License-Identifier: GPL-2.0

//! Building the module with Kbuild, in a directory of its own for each kernel.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;

use anyhow::{ensure, Context};
use xshell::Shell;

use crate::kernel::ensure::lock;
use crate::kernel::Tree;
use crate::manifest::Manifest;
use crate::process;
use crate::progress::Step;
use crate::project;

/// Builds the module for the kernel; the path of the `.ko`. What has not changed is not built again.
pub fn module(sh: &Shell, tree: &Tree) -> anyhow::Result<PathBuf> {
    let Manifest { module, .. } = Manifest::load()?;
    let (name, output) = (module.name, directory(tree));
    let _lock = lock(&output, "build")?;
    let step = Step::start(format!(
        "building {name}.ko for {} {}",
        tree.arch, tree.release
    ));
    let cmd = tree
        .make(sh)
        .arg(format!("M={}", project::root().display()))
        .arg(format!("MO={}", output.display()))
        .arg("modules");
    process::run_logged(
        &step,
        cmd,
        &format!("module-{}-{}", tree.arch, tree.release),
    )
    .with_context(|| {
        format!(
            "building {name}.ko for the {} kernel {}",
            tree.arch, tree.release
        )
    })?;
    step.done();
    let path = output.join(format!("{name}.ko"));
    ensure!(path.is_file(), "Kbuild left no {}", path.display());
    Ok(path)
}

/// Where the module for the kernel is built. Kernels that differ in anything have different build directories.
fn directory(tree: &Tree) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    tree.build.hash(&mut hasher);
    let name = format!(
        "{}-{}-{:08x}",
        tree.release,
        tree.arch,
        hasher.finish() & 0xffff_ffff
    );
    project::target().join("kmod").join(name)
}
