// SPDX-License-Identifier: GPL-2.0

//! `kernel clean`: removes kernels from the cache, and what they were made of.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use xshell::Shell;

use crate::kernel::build::size;
use crate::kernel::{ensure, list, source, stale};
use crate::project;

/// Remove the kernels, source trees and fetched files that nothing uses any more.
#[derive(Args)]
pub struct Clean {
    /// Also remove the kernels that are in use, the source trees and the fetched files.
    #[arg(long)]
    all: bool,
}

impl Clean {
    /// Removes, and says what.
    pub fn run(self, sh: &Shell) -> anyhow::Result<ExitCode> {
        let (kernels, sources) = match self.all {
            true => (list::directories()?, everything()?),
            false => (stale::kernels(sh)?, stale::sources()?),
        };
        let is_clean = kernels.is_empty() && sources.is_empty();
        for directory in kernels {
            // Another process may be building there.
            let name = directory.file_name().unwrap_or_default().to_string_lossy();
            let _lock = ensure::lock(&ensure::directory()?, &name)?;
            remove(sh, &directory)?;
        }
        for path in sources {
            let _lock = ensure::lock(&source::directory()?, "sources")?;
            remove(sh, &path)?;
        }
        if is_clean {
            eprintln!("nothing in the cache is stale; --all removes what is in use, too");
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
fn everything() -> anyhow::Result<Vec<PathBuf>> {
    let cache = project::cache()?;
    let directories = ["sources", "downloads", "apt", "prepared"].map(|name| cache.join(name));
    Ok(directories
        .into_iter()
        .filter(|directory| directory.exists())
        .collect())
}
