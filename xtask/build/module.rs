// SPDX-License-Identifier: GPL-2.0

//! Building the module with Kbuild, in a directory of its own for each kernel.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{ensure, Context};
use xshell::{Cmd, Shell};

use crate::advice::Advise;
use crate::build::inputs;
use crate::fingerprint::{self, Fingerprint};
use crate::kernel::ensure::lock;
use crate::kernel::Tree;
use crate::manifest::Manifest;
use crate::process;
use crate::progress::{self, Step};
use crate::project;
use crate::room::{self, Bytes};

/// What a build of the module takes, about.
const ROOM: Bytes = Bytes::mib(32);

/// Builds the module for the kernel; the path of the `.ko`. What has not changed is not built again.
pub fn module(sh: &Shell, tree: &Tree) -> anyhow::Result<PathBuf> {
    let Manifest { module, .. } = Manifest::load()?;
    let (name, output) = (module.name, directory(tree));
    ensure_clean(&project::root())?;
    let _lock = lock(&output, "build")?;
    ensure_built(sh, tree, &name, &output).with_context(|| {
        format!(
            "building {name}.ko for the {} kernel {}",
            tree.arch, tree.release
        )
    })?;
    let path = output.join(format!("{name}.ko"));
    ensure!(path.is_file(), "Kbuild left no {}", path.display());
    Ok(path)
}

/// Kbuild refuses to build elsewhere what `make` has built in the tree itself.
fn ensure_clean(root: &Path) -> anyhow::Result<()> {
    let is_clean = !root.join("modules.order").exists();
    is_clean
        .then_some(())
        .context("the module was built in this directory by make, and Kbuild then refuses to build it elsewhere")
        .advise("make clean")
}

/// Runs Kbuild, unless that would do nothing: it takes make a second to find out that no file has changed.
pub(super) fn ensure_built(
    sh: &Shell,
    tree: &Tree,
    name: &str,
    output: &Path,
) -> anyhow::Result<()> {
    let root = project::root();
    let make = || {
        tree.make(sh)
            .arg(format!("M={}", root.display()))
            .arg(format!("MO={}", output.display()))
            .arg("modules")
    };
    let question = fingerprint::command_line(&make().into());
    let fingerprint = Fingerprint::at(output.join(inputs::FINGERPRINT), &question);
    let work = || {
        room::expect(sh, output, ROOM, "building the module")?;
        compile(make(), tree, name)
    };
    fingerprint.ensure(work, || inputs::of_build(tree, &root, output))
}

/// Runs Kbuild, and says how many warnings it printed.
fn compile(cmd: Cmd<'_>, tree: &Tree, name: &str) -> anyhow::Result<()> {
    let Tree { arch, release, .. } = tree;
    let log = format!("module-{arch}-{release}");
    let mut warnings = 0;
    let step = Step::start(format!("building {name}.ko for {arch} {release}"));
    process::run_observed(&step, cmd, &log, |step, line| {
        warnings += u32::from(is_warning(line));
        step.advance(line);
    })?;
    step.done();
    if warnings > 0 {
        let log = process::log_path(&log)?;
        progress::note(format!("{warnings} warnings, in {}", log.display()));
    }
    Ok(())
}

/// Whether the line of a build's output is the head of a warning: rustc's, the C compiler's or modpost's.
fn is_warning(line: &str) -> bool {
    let counts = line.ends_with("warning emitted") || line.ends_with("warnings emitted");
    !counts
        && (line.starts_with("warning")
            || line.contains(": warning: ")
            || line.starts_with("WARNING: "))
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

#[cfg(test)]
mod tests {
    use super::is_warning;

    #[test]
    fn warnings_are_told_from_what_stands_around_them() {
        assert!(is_warning("warning: method `is` is never used"));
        assert!(is_warning(
            "kmod/ext/shim.c:7:5: warning: unused variable 'x'"
        ));
        assert!(is_warning("WARNING: modpost: missing MODULE_DESCRIPTION()"));
        assert!(!is_warning("warning: 2 warnings emitted"));
        assert!(!is_warning("  RUSTC [M] kmod/warning.o"));
    }
}
