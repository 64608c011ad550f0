// SPDX-License-Identifier: GPL-2.0

//! The `rust_analyzer` subcommand.

use std::process::ExitCode;

use xshell::Shell;

/// Write an IDE project for the module.
#[derive(clap::Args)]
pub struct RustAnalyzer {}

impl RustAnalyzer {
    /// Runs the subcommand.
    pub fn run(self, _sh: &Shell) -> anyhow::Result<ExitCode> {
        anyhow::bail!("rust_analyzer is not here yet")
    }
}
