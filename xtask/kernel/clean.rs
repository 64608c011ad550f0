// SPDX-License-Identifier: GPL-2.0

//! `kernel clean`: removes kernels from the cache.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use xshell::Shell;

use crate::arch::Arch;
use crate::kernel::build::size;
use crate::kernel::{ensure, list, series};
use crate::project;
use crate::target::{Profile, Target};

/// Remove built kernels that nothing uses any more.
#[derive(Args)]
pub struct Clean {
    /// Also remove the kernels that are in use, the source trees and the fetched files.
    #[arg(long)]
    all: bool,
}

impl Clean {
    /// Removes, and says what.
    pub fn run(self, sh: &Shell) -> anyhow::Result<ExitCode> {
        let kernels = list::directories()?;
        let doomed = match self.all {
            true => kernels.into_iter().chain(sources()?).collect(),
            false => unused(sh, kernels)?,
        };
        for directory in doomed {
            println!(
                "removing {} ({})",
                directory.display(),
                size(sh, &directory)?
            );
            sh.remove_path(&directory)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// What kernels are made of, as far as it is there.
fn sources() -> anyhow::Result<Vec<PathBuf>> {
    let cache = project::cache()?;
    let directories = ["sources", "downloads", "apt"].map(|name| cache.join(name));
    Ok(directories
        .into_iter()
        .filter(|directory| directory.exists())
        .collect())
}

/// The directories that no series, architecture and profile leads to with today's inputs.
fn unused(sh: &Shell, mut directories: Vec<PathBuf>) -> anyhow::Result<Vec<PathBuf>> {
    for series in series::ALL {
        for arch in Arch::value_variants() {
            for profile in Profile::ALL {
                let target = Target {
                    arch: *arch,
                    series: series.name.to_owned(),
                    profile,
                };
                let used = ensure::find(sh, &target)?;
                directories.retain(|directory| Some(directory) != used.as_ref());
            }
        }
    }
    Ok(directories)
}
