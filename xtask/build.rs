// SPDX-License-Identifier: GPL-2.0

//! The `build` subcommand.

use std::process::ExitCode;

use xshell::Shell;

/// Check the kernel tree, then build the module.
#[derive(clap::Args)]
pub struct Build {}

impl Build {
    /// Runs the subcommand.
    pub fn run(self, _sh: &Shell) -> anyhow::Result<ExitCode> {
        anyhow::bail!("build is not here yet")
    }
}
