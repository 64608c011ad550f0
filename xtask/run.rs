// SPDX-License-Identifier: GPL-2.0

//! The `run` subcommand.

use std::process::ExitCode;

use xshell::Shell;

/// Boot a kernel with the module and run the demo client.
#[derive(clap::Args)]
pub struct Run {}

impl Run {
    /// Runs the subcommand.
    pub fn run(self, _sh: &Shell) -> anyhow::Result<ExitCode> {
        anyhow::bail!("run is not here yet")
    }
}
