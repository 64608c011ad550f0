// SPDX-License-Identifier: GPL-2.0

//! The device tree of a machine, with nodes that QEMU's own does not have.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

use super::directory::Directory;
use super::qemu;
use super::run::Run;
use crate::kernel::Tree;

/// Nodes to add to the machine's device tree.
#[derive(Clone, Debug)]
pub struct Overlay {
    /// Their source.
    pub source: PathBuf,
    /// The directory of `dtc` and `fdtoverlay`.
    tools: PathBuf,
}

impl Overlay {
    /// An overlay that the tools of that kernel compile and apply: every kernel with device trees builds them for itself.
    pub fn new(source: impl Into<PathBuf>, kernel: &Tree) -> Self {
        Self {
            source: source.into(),
            tools: kernel.build.join("scripts/dtc"),
        }
    }

    /// Writes the machine's device tree with these nodes into the run's directory.
    pub(super) fn apply(&self, run: &Run, directory: &Directory) -> anyhow::Result<()> {
        let own = directory.path().join("machine.dtb");
        let compiled = directory.path().join("overlay.dtbo");
        succeed(qemu::dump_device_tree(run, &own)).context("asking QEMU for its device tree")?;
        succeed(self.compile(&compiled))
            .with_context(|| format!("compiling {}", self.source.display()))?;
        succeed(self.merge(&own, &compiled, &directory.device_tree()))
            .with_context(|| format!("adding the nodes of {}", self.source.display()))
    }

    fn compile(&self, output: &Path) -> Command {
        let mut command = Command::new(self.tools.join("dtc"));
        command.args(["-I", "dts", "-O", "dtb", "-o"]);
        command.arg(output).arg(&self.source);
        command
    }

    fn merge(&self, base: &Path, overlay: &Path, output: &Path) -> Command {
        let mut command = Command::new(self.tools.join("fdtoverlay"));
        command.arg("-i").arg(base).arg("-o").arg(output);
        command.arg(overlay);
        command
    }
}

/// Runs a command that says nothing that matters unless it fails.
fn succeed(mut command: Command) -> anyhow::Result<()> {
    let shown = format!("{command:?}");
    let output = command
        .output()
        .with_context(|| format!("starting {shown}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(
        output.status.success(),
        "{shown} failed ({}): {}",
        output.status,
        said.trim_end()
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_fails_is_told_with_what_it_said() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo no such node >&2; exit 3"]);
        let error = succeed(command).unwrap_err().to_string();
        assert!(
            error.contains("exit status: 3") && error.ends_with("no such node"),
            "{error}"
        );
    }
}
