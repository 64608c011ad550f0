// SPDX-License-Identifier: GPL-2.0

//! The command line of `package`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use xshell::Shell;

use crate::package::dkms;
use crate::project;

/// Make packages of the module.
#[derive(Args)]
#[command(after_help = "Examples:\n  cargo xtask package dkms")]
pub struct Package {
    /// Directory for the packages; target/package by default.
    #[arg(long, value_name = "DIR", global = true)]
    output: Option<PathBuf>,
    #[command(subcommand)]
    kind: Kind,
}

/// Which kind of package.
#[derive(Subcommand)]
enum Kind {
    /// A source tree for dkms, which builds the module again for each kernel of the machine.
    #[command(
        after_help = "Example:\n  cargo xtask package dkms && dkms add target/package/kgsl-shim-0.1.0"
    )]
    Dkms,
}

impl Package {
    /// Makes the package, and prints where it is.
    pub fn run(self, _sh: &Shell) -> anyhow::Result<ExitCode> {
        let output = self
            .output
            .unwrap_or_else(|| project::target().join("package"));
        match self.kind {
            Kind::Dkms => println!("{}", dkms::package(&output)?.display()),
        }
        Ok(ExitCode::SUCCESS)
    }
}
