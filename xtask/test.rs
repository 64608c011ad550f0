// SPDX-License-Identifier: GPL-2.0

//! The `test` subcommand.

use std::process::ExitCode;

use xshell::Shell;

/// Run the tests.
#[derive(clap::Args)]
pub struct Test {}

impl Test {
    /// Runs the subcommand.
    pub fn run(self, _sh: &Shell) -> anyhow::Result<ExitCode> {
        anyhow::bail!("test is not here yet")
    }
}
