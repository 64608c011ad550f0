// SPDX-License-Identifier: GPL-2.0

//! The command line of `package`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use xshell::Shell;

use crate::package::dkms;
use crate::package::yocto::Yocto;
use crate::project;

/// Make packages of the module.
#[derive(Args)]
#[command(after_help = "Example:\n  cargo xtask package dkms")]
pub struct Package {
    #[command(subcommand)]
    kind: Kind,
}

/// Which kind of package.
#[derive(Subcommand)]
enum Kind {
    /// Write a source tree for dkms, which builds the module again for each kernel of the machine.
    #[command(after_help = "Example:\n  dkms add $(cargo xtask package dkms)")]
    Dkms(Output),
    Yocto(Yocto),
}

/// Where the packages go.
#[derive(Args)]
struct Output {
    /// Directory for the packages; target/package by default.
    #[arg(long = "output", value_name = "DIR")]
    directory: Option<PathBuf>,
}

impl Output {
    fn directory(&self) -> PathBuf {
        let default = || project::target().join("package");
        self.directory.clone().unwrap_or_else(default)
    }
}

impl Package {
    /// Makes the package, and prints where it is.
    pub fn run(self, sh: &Shell) -> anyhow::Result<ExitCode> {
        match self.kind {
            Kind::Dkms(output) => println!("{}", dkms::package(&output.directory())?.display()),
            Kind::Yocto(yocto) => return yocto.run(sh),
        }
        Ok(ExitCode::SUCCESS)
    }
}
