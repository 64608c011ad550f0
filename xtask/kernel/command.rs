// SPDX-License-Identifier: GPL-2.0

//! The command line of `kernel`.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use xshell::Shell;

use crate::kernel::{clean, ensure, list, update};
use crate::target::Target;
use crate::toolchain::Family;

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
    Build(Built),
    /// Print the build directory of a kernel; exit with 1 when it is not built.
    #[command(
        after_help = "Example:\n  make KERNEL_SRC=$(cargo xtask kernel path) ARCH=arm64 LLVM=-19"
    )]
    Path(Built),
    /// List the series, their pinned versions and the kernels that are built.
    #[command(after_help = "Example:\n  cargo xtask kernel list")]
    List,
    /// Move kernels.lock to the newest versions that can be had.
    #[command(after_help = "Example:\n  cargo xtask kernel update --series 7.2")]
    Update(update::Update),
    /// Remove the kernels, source trees and fetched files that nothing uses any more.
    #[command(after_help = "Example:\n  cargo xtask kernel clean --all")]
    Clean(clean::Clean),
}

/// A kernel, and what compiles it.
#[derive(Args)]
struct Built {
    #[command(flatten)]
    target: Target,
    /// C compiler of the kernel.
    #[arg(long, value_enum, default_value_t)]
    compiler: Family,
}

impl Kernel {
    /// Runs the subcommand.
    pub fn run(self, sh: &Shell) -> anyhow::Result<ExitCode> {
        match self.command {
            Command::Build(built) => build(sh, &built),
            Command::Path(built) => path(sh, &built),
            Command::List => list::run(sh),
            Command::Update(update) => update.run(sh),
            Command::Clean(clean) => clean.run(sh),
        }
    }
}

fn build(sh: &Shell, built: &Built) -> anyhow::Result<ExitCode> {
    let tree = ensure::ensure_by(sh, &built.target, built.compiler)?;
    println!("{}", tree.build.display());
    Ok(ExitCode::SUCCESS)
}

fn path(sh: &Shell, Built { target, compiler }: &Built) -> anyhow::Result<ExitCode> {
    match ensure::find_by(sh, target, *compiler)? {
        Some(directory) => {
            println!("{}", directory.display());
            Ok(ExitCode::SUCCESS)
        }
        None => {
            eprintln!(
                "error: the kernel {target} is not built by {}\n  next: cargo xtask kernel build {} --compiler {}",
                compiler.title(),
                target.options(),
                compiler.name()
            );
            Ok(ExitCode::from(1))
        }
    }
}
