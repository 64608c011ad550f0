// SPDX-License-Identifier: GPL-2.0

//! The command line of `build`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use xshell::Shell;

use crate::build::cause::Cause;
use crate::build::{module, preflight};
use crate::kernel::{self, Tree};
use crate::manifest::Manifest;
use crate::target::Target;

/// Examine the kernel tree, then build the module for it, and print the module's path.
#[derive(Args)]
#[command(after_help = "Examples:\n  cargo xtask build --arch x86_64\n  \
                        cargo xtask build --kernel-src /lib/modules/$(uname -r)/build")]
pub struct Build {
    #[command(flatten)]
    kernel: KernelOptions,
    /// Only examine the kernel tree, and say what it is.
    #[arg(long, requires = "kernel_src")]
    preflight: bool,
}

/// Which kernel: one that the user has, or one of ours.
#[derive(Args, Clone, Debug)]
pub struct KernelOptions {
    /// Source or build directory of a configured and built kernel; its .config says everything else.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["arch", "series", "profile"])]
    kernel_src: Option<PathBuf>,
    /// Build directory of that kernel (its O=), when the source does not hold it.
    #[arg(long, value_name = "DIR", requires = "kernel_src")]
    kernel_build: Option<PathBuf>,
    #[command(flatten)]
    target: Target,
}

impl KernelOptions {
    /// The kernel: the user's after its examination, or ours, built if need be and examined as well.
    pub fn tree(&self, sh: &Shell) -> anyhow::Result<Tree> {
        let Manifest { module, .. } = Manifest::load()?;
        let (kernel, build) = match &self.kernel_src {
            Some(kernel) => (kernel.clone(), self.kernel_build.as_deref()),
            None => {
                let Target {
                    arch,
                    series,
                    profile,
                } = &self.target;
                return kernel::ensure(sh, *arch, series, *profile);
            }
        };
        preflight::examine(sh, &module, &kernel, build)
            .map_err(Cause::into_error)
            .with_context(|| format!("examining the kernel in {}", kernel.display()))
    }
}

impl Build {
    /// Builds the module, or only examines the kernel.
    pub fn run(self, sh: &Shell) -> anyhow::Result<ExitCode> {
        let tree = self.kernel.tree(sh)?;
        if self.preflight {
            let Tree { arch, release, .. } = tree;
            println!("{arch} {release}: the module can be built for it");
            return Ok(ExitCode::SUCCESS);
        }
        println!("{}", module(sh, &tree)?.display());
        Ok(ExitCode::SUCCESS)
    }
}
