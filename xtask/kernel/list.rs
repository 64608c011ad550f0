// SPDX-License-Identifier: GPL-2.0

//! `kernel list`: what is pinned and what is built.

use std::path::PathBuf;
use std::process::ExitCode;

use xshell::Shell;

use crate::kernel::build::size;
use crate::kernel::lock::Lock;
use crate::kernel::stamp::Stamp;
use crate::kernel::{ensure, series};

/// Prints the table.
pub fn run(sh: &Shell) -> anyhow::Result<ExitCode> {
    let lock = Lock::load()?;
    println!(
        "{:<8} {:<10} {:<18} checksum",
        "series", "version", "package"
    );
    for series in series::ALL {
        let pin = lock.pin(series.name)?;
        let checksum = pin.sha256.get(..16).unwrap_or(&pin.sha256);
        println!(
            "{:<8} {:<10} {:<18} {checksum}",
            pin.series, pin.version, pin.package
        );
    }
    println!("\n{:<36} {:>6}  directory", "built", "size");
    for directory in built()? {
        let name = directory
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        println!(
            "{name:<36} {:>6}  {}",
            size(sh, &directory)?,
            directory.display()
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// The build directories of complete kernels.
fn built() -> anyhow::Result<Vec<PathBuf>> {
    let mut built = directories()?;
    built.retain(|directory| Stamp::read(directory).is_some());
    Ok(built)
}

/// All build directories, complete or not.
pub fn directories() -> anyhow::Result<Vec<PathBuf>> {
    let Ok(entries) = ensure::directory()?.read_dir() else {
        return Ok(Vec::new());
    };
    let mut directories: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_dir())
        .collect();
    directories.sort();
    Ok(directories)
}
