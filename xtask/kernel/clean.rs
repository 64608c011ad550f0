// SPDX-License-Identifier: GPL-2.0

//! `kernel clean`: removes kernels from the cache.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use xshell::Shell;

use crate::arch::Arch;
use crate::kernel::build::size;
use crate::kernel::{ensure, list, series};
use crate::project;
use crate::target::{Profile, Target};
use crate::toolchain::Family;

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
        let doomed = if self.all {
            kernels
        } else {
            unused(sh, kernels)?
        };
        for directory in doomed {
            // Another process may be building there.
            let name = directory.file_name().unwrap_or_default().to_string_lossy();
            let _lock = ensure::lock(&ensure::directory()?, &name)?;
            remove(sh, &directory)?;
        }
        if self.all {
            sources()?
                .iter()
                .try_for_each(|directory| remove(sh, directory))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn remove(sh: &Shell, directory: &Path) -> anyhow::Result<()> {
    println!(
        "removing {} ({})",
        directory.display(),
        size(sh, directory)?
    );
    Ok(sh.remove_path(directory)?)
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

/// The directories that no series, architecture, profile and compiler leads to with today's inputs.
fn unused(sh: &Shell, mut directories: Vec<PathBuf>) -> anyhow::Result<Vec<PathBuf>> {
    for target in targets() {
        let by_gcc = ensure::key(sh, &target, Family::Gcc).ok().flatten();
        for key in ensure::key(sh, &target, Family::Llvm)?
            .into_iter()
            .chain(by_gcc)
        {
            directories.retain(|directory| !directory.ends_with(&key.directory));
        }
    }
    Ok(directories)
}

/// Every kernel that can be asked for.
fn targets() -> Vec<Target> {
    let mut targets = Vec::new();
    for series in series::ALL {
        for arch in Arch::ALL {
            targets.extend(Profile::ALL.map(|profile| Target {
                arch,
                series: series.name.to_owned(),
                profile,
            }));
        }
    }
    targets
}
