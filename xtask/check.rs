// SPDX-License-Identifier: GPL-2.0

//! The `check` subcommand.

use std::process::ExitCode;

use xshell::Shell;

/// Say whether a kernel will accept a module.
#[derive(clap::Args)]
pub struct Check {}

impl Check {
    /// Runs the subcommand.
    pub fn run(self, _sh: &Shell) -> anyhow::Result<ExitCode> {
        anyhow::bail!("check is not here yet")
    }
}
