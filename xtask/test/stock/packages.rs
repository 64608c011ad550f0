// SPDX-License-Identifier: GPL-2.0

//! Debian's stock kernels, unpacked: the modules of one ABI, and the headers of that and of the next. Which versions
//! these are is what the archive has now; nothing of the host's own package configuration is touched.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use xshell::Shell;

use crate::advice::Advise;
use crate::arch::Arch;
use crate::debian::{Apt, Source};
use crate::project;

/// Debian 13 with its security updates.
const SOURCES: [Source; 2] = [
    Source {
        archive: "",
        suites: "trixie trixie-updates",
        sources: false,
    },
    Source {
        archive: "-security",
        suites: "trixie-security",
        sources: false,
    },
];

/// The kernels of one architecture, unpacked.
#[derive(Debug)]
pub(super) struct Stock {
    /// The root directory of the older kernel, with its modules and headers.
    pub(super) root: PathBuf,
    /// Its release.
    pub(super) release: String,
    /// The headers tree of the next ABI.
    pub(super) next: PathBuf,
}

/// Fetches and unpacks what is not there yet.
pub(super) fn ensure(sh: &Shell, arch: Arch) -> Result<Stock> {
    let directory = project::cache()?.join("stock").join(arch.name());
    let chosen = directory.join("releases");
    if !chosen.exists() {
        let apt = Apt::open(
            sh,
            &directory.join("apt"),
            "Debian's kernels",
            &SOURCES,
            &Arch::ALL,
        )?;
        let [older, newer] = releases(&apt, arch)?;
        let packages = packages(&["linux-image", "linux-headers"], &older, arch);
        apt.unpack(&packages, &directory.join(&older))?;
        let packages = self::packages(&["linux-headers"], &newer, arch);
        apt.unpack(&packages, &directory.join(&newer))?;
        fs::write(&chosen, format!("{older} {newer}"))?;
    }
    let releases = fs::read_to_string(&chosen)?;
    let (older, newer) = releases
        .split_once(' ')
        .context("the list of releases is damaged")?;
    let next = directory
        .join(newer)
        .join(format!("usr/src/linux-headers-{newer}"));
    Ok(Stock {
        root: directory.join(older),
        release: String::from(older),
        next,
    })
}

/// The last two releases whose headers are in the archive, the older first.
fn releases(apt: &Apt<'_>, arch: Arch) -> Result<[String; 2]> {
    let suffix = format!("+deb13-{}", arch.debian());
    let list = apt
        .command("apt-cache")
        .args(["pkgnames", "linux-headers-6"])
        .read()?;
    let release = |name: &str| {
        let release = name.strip_prefix("linux-headers-")?;
        release
            .strip_suffix(&suffix)
            .map(|version| (numbers(version), String::from(release)))
    };
    let mut releases: Vec<_> = list.lines().filter_map(release).collect();
    releases.sort();
    releases.dedup();
    match releases.as_slice() {
        [.., (_, older), (_, newer)] => Ok([older.clone(), newer.clone()]),
        _ => Err(anyhow::anyhow!(
            "the archive has fewer than two kernels for {}",
            arch.debian()
        ))
        .advise("try again later"),
    }
}

/// The packages of those kinds of one release, as apt-get names them.
fn packages(kinds: &[&str], release: &str, arch: Arch) -> Vec<String> {
    let debian = arch.debian();
    kinds
        .iter()
        .map(|kind| format!("{kind}-{release}:{debian}"))
        .collect()
}

/// The numbers in a version, for sorting.
fn numbers(version: &str) -> Vec<u32> {
    version
        .split('.')
        .filter_map(|number| number.parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::numbers;

    #[test]
    fn versions_sort_by_number() {
        assert!(numbers("6.12.94") < numbers("6.12.107"));
    }
}
