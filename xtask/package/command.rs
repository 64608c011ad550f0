// SPDX-License-Identifier: GPL-2.0

//! The command line of `package`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use xshell::Shell;

use crate::build::{self, command::KernelOptions};
use crate::install::Signer;
use crate::package::yocto::Yocto;
use crate::package::{deb, dkms};
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
    /// Make Debian packages: the module for one kernel, and the configuration that all kernels share; or the source for
    /// dkms instead of the module.
    #[command(
        after_help = "Examples:\n  cargo xtask package deb\n  cargo xtask package deb --dkms\n  \
                            cargo xtask package deb --kernel-src ~/linux-qcom --sign key.pem cert.pem"
    )]
    Deb(Deb),
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

/// What of the Debian packages is not fixed.
#[derive(Args)]
struct Deb {
    #[command(flatten)]
    kernel: KernelOptions,
    /// Package the source, which dkms builds for each kernel of the machine, instead of the module for one kernel.
    #[arg(long, conflicts_with_all = ["kernel_src", "arch", "series", "profile", "sign"])]
    dkms: bool,
    #[command(flatten)]
    output: Output,
    /// Sign with this private key (PEM file or pkcs11: address) and certificate instead of the kernel build's.
    #[arg(long, num_args = 2, value_names = ["KEY", "CERT"])]
    sign: Vec<String>,
    /// Put the module into the initramfs, for a system that needs it before its root file system is there.
    #[arg(long)]
    initramfs: bool,
}

impl Deb {
    fn run(self, sh: &Shell) -> anyhow::Result<()> {
        for package in self.packages(sh)? {
            println!("{}", package.display());
        }
        Ok(())
    }

    fn packages(&self, sh: &Shell) -> anyhow::Result<Vec<PathBuf>> {
        let directory = self.output.directory();
        if self.dkms {
            return deb::package_dkms(sh, self.initramfs, &directory);
        }
        let tree = self.kernel.tree(sh)?;
        let module = build::module(sh, &tree)?;
        let request = deb::Request {
            tree: &tree,
            module: &module,
            signer: Signer::of_words(&self.sign),
            initramfs: self.initramfs,
        };
        deb::package(sh, &request, &directory)
    }
}

impl Package {
    /// Makes the package, and prints where it is.
    pub fn run(self, sh: &Shell) -> anyhow::Result<ExitCode> {
        match self.kind {
            Kind::Dkms(output) => println!("{}", dkms::package(&output.directory())?.display()),
            Kind::Deb(deb) => deb.run(sh)?,
            Kind::Yocto(yocto) => return yocto.run(sh),
        }
        Ok(ExitCode::SUCCESS)
    }
}
