// SPDX-License-Identifier: GPL-2.0

//! The `generate` subcommand.

use std::process::ExitCode;

use xshell::Shell;

/// Render everything that the manifest decides.
#[derive(clap::Args)]
pub struct Generate {}

impl Generate {
    /// Runs the subcommand.
    pub fn run(self, _sh: &Shell) -> anyhow::Result<ExitCode> {
        anyhow::bail!("generate is not here yet")
    }
}
