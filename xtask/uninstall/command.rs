// SPDX-License-Identifier: GPL-2.0

//! The command line of `uninstall`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use xshell::Shell;

use crate::uninstall::removal::{uninstall, Removed};

/// Take away what `install` has put into a root directory.
#[derive(Args)]
#[command(after_help = "Example:\n  cargo xtask uninstall --root /mnt/board")]
pub struct Uninstall {
    /// Root directory of the target's file system.
    #[arg(long, value_name = "DIR")]
    root: PathBuf,
    /// Release of the kernel (uname -r), where the module is installed for several.
    #[arg(long)]
    release: Option<String>,
}

impl Uninstall {
    /// Removes the module.
    pub fn run(self, sh: &Shell) -> anyhow::Result<ExitCode> {
        let Removed { files, kept } = uninstall(sh, &self.root, self.release.as_deref())?;
        for file in &files {
            println!("removed {}", file.display());
        }
        for file in &kept {
            eprintln!(
                "note: {} was changed since it was installed, and stays",
                file.display()
            );
        }
        Ok(ExitCode::SUCCESS)
    }
}
