// SPDX-License-Identifier: GPL-2.0

//! The command line of `kernel`.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use xshell::Shell;

use crate::kernel::{clean, ensure, list, update};
use crate::target::Target;

/// Fetch, build and manage Rust-enabled kernels.
#[derive(Args)]
#[command(after_help = "Example:\n  cargo xtask kernel build --arch x86_64 --series 6.18")]
pub struct Kernel {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build a kernel unless the cache has it, and print its build directory.
    #[command(after_help = "Example:\n  cargo xtask kernel build --arch arm64 --profile sanitize")]
    Build(Target),
    /// Print the build directory of a kernel; exit with 1 when it is not built.
    #[command(
        after_help = "Example:\n  make KERNEL_SRC=$(cargo xtask kernel path) ARCH=arm64 LLVM=-19"
    )]
    Path(Target),
    /// List the series, their pinned versions and the kernels that are built.
    #[command(after_help = "Example:\n  cargo xtask kernel list")]
    List,
    /// Move kernels.lock to the newest versions that can be had.
    #[command(after_help = "Example:\n  cargo xtask kernel update --series 7.2")]
    Update(update::Update),
    /// Remove built kernels that nothing uses any more.
    #[command(after_help = "Example:\n  cargo xtask kernel clean --all")]
    Clean(clean::Clean),
}

impl Kernel {
    /// Runs the subcommand.
    pub fn run(self, sh: &Shell) -> anyhow::Result<ExitCode> {
        match self.command {
            Command::Build(target) => build(sh, &target),
            Command::Path(target) => path(sh, &target),
            Command::List => list::run(sh),
            Command::Update(update) => update.run(sh),
            Command::Clean(clean) => clean.run(sh),
        }
    }
}

fn build(sh: &Shell, target: &Target) -> anyhow::Result<ExitCode> {
    let tree = ensure(sh, target.arch, &target.series, target.profile)?;
    println!("{}", tree.build.display());
    Ok(ExitCode::SUCCESS)
}

fn path(sh: &Shell, target: &Target) -> anyhow::Result<ExitCode> {
    match ensure::find(sh, target)? {
        Some(directory) => {
            println!("{}", directory.display());
            Ok(ExitCode::SUCCESS)
        }
        None => {
            eprintln!(
                "the kernel {target} is not built\n  next: cargo xtask kernel build {}",
                target.options()
            );
            Ok(ExitCode::from(1))
        }
    }
}
