// SPDX-License-Identifier: GPL-2.0

//! The command line of `install`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use xshell::Shell;

use crate::build::{self, command::KernelOptions};
use crate::install::installation::{install, Installed, Options, Request};
use crate::install::{Layout, Root, Signer};

/// Install the module into a root directory, so that it loads at boot.
///
/// Builds the module, asks `check` whether the root's kernel will take it, then puts module, index, autoload entry,
/// blacklist and udev rule there, all together or not at all, and asks modprobe what it would load. `uninstall` undoes
/// it. docs/install.md says what goes where.
#[derive(Args)]
#[command(after_help = "Examples:
  cargo xtask install --root /mnt/board
  cargo xtask install --root rootfs --kernel-src ~/linux-qcom --sign key.pem cert.pem
  sudo cargo xtask install --root / --kernel-src /lib/modules/$(uname -r)/build")]
pub struct Install {
    /// Root directory of the target's file system.
    #[arg(long, value_name = "DIR")]
    root: PathBuf,
    #[command(flatten)]
    kernel: KernelOptions,
    #[command(flatten)]
    how: How,
}

/// How the module is installed.
#[derive(Args, Clone, Debug)]
pub struct How {
    /// Where configuration goes: systemd is /usr/lib, etc is /etc; by default what the root has.
    #[arg(long, value_enum)]
    layout: Option<Layout>,
    /// Sign with this private key (PEM file or pkcs11: address) and certificate instead of the kernel build's.
    #[arg(long, num_args = 2, value_names = ["KEY", "CERT"])]
    sign: Vec<String>,
    /// Leave debugging information out.
    #[arg(long)]
    strip: bool,
    /// Add no entry to modules-load.d; the module then comes by alias or by hand.
    #[arg(long)]
    no_autoload: bool,
    /// Set a parameter of the module; may be repeated.
    #[arg(long = "parameter", visible_alias = "param", value_name = "NAME=VALUE")]
    parameters: Vec<String>,
}

impl How {
    /// The same for the library.
    pub fn options(&self) -> Options {
        Options {
            layout: self.layout,
            signer: Signer::of_words(&self.sign),
            strip: self.strip,
            no_autoload: self.no_autoload,
            parameters: self.parameters.clone(),
            is_staging: false,
        }
    }
}

impl Install {
    /// Installs the module.
    pub fn run(self, sh: &Shell) -> anyhow::Result<ExitCode> {
        // A wrong directory is told before the kernel is built.
        Root::open(&self.root)?;
        let tree = self.kernel.tree(sh)?;
        let module = build::module(sh, &tree)?;
        let request = Request {
            tree: &tree,
            module: &module,
            root: &self.root,
            options: self.how.options(),
        };
        let Installed { files, changed, .. } = install(sh, &request)?;
        for file in &files {
            println!("{}", file.display());
        }
        if !changed {
            eprintln!("all of it was installed already; nothing was changed");
        }
        Ok(ExitCode::SUCCESS)
    }
}
