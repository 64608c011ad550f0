// SPDX-License-Identifier: GPL-2.0

//! Which kernel sources Debian 13 and its backports have, and fetching them, whatever the host itself runs.

use std::cmp::Ordering;
use std::path::{Path, PathBuf};

use anyhow::Context;
use xshell::Shell;

use crate::advice::Advise;
use crate::arch::Arch;
use crate::debian::{self, Source};
use crate::kernel::series::Carrier;
use crate::process;
use crate::progress::Step;

/// The suites that carry kernel sources.
const SOURCE: Source = Source {
    archive: "",
    suites: "trixie trixie-backports",
    sources: true,
};

/// Debian's kernel sources.
pub struct Apt<'a> {
    sh: &'a Shell,
    debian: debian::Apt<'a>,
}

impl<'a> Apt<'a> {
    /// Writes the configuration into the directory and updates its package lists.
    pub fn open(sh: &'a Shell, directory: &Path) -> anyhow::Result<Apt<'a>> {
        let host = Arch::host().unwrap_or(Arch::X86_64);
        let debian = debian::Apt::open(sh, directory, "kernel sources", &[SOURCE], &[host])
            .advise("name a configured kernel tree with --kernel-src DIR")?;
        Ok(Apt { sh, debian })
    }

    /// The versions of the carrier's package whose kernel belongs to the series, newest first.
    pub fn versions(&self, carrier: Carrier, series: &str) -> anyhow::Result<Vec<String>> {
        let package = carrier.package();
        let output = self
            .debian
            .command("apt-cache")
            .args(["madison", package])
            .read()
            .context("listing kernel sources")?;
        let mut versions: Vec<String> = madison(&output, carrier);
        versions.retain(|version| super::series::of_release(version) == series);
        versions.sort_by(|a, b| compare(b, a));
        versions.dedup();
        Ok(versions)
    }

    /// Fetches the package's file into the directory, which must be empty; the file.
    pub fn download(
        &self,
        carrier: Carrier,
        version: &str,
        directory: &Path,
    ) -> anyhow::Result<PathBuf> {
        let package = carrier.package();
        let _in = self.sh.push_dir(directory);
        let cmd = match carrier {
            Carrier::SourcePackage(_) => {
                self.debian
                    .command("apt-get")
                    .args(["source", "--download-only", "--tar-only"])
            }
            Carrier::BinaryPackage(_) => self.debian.command("apt-get").arg("download"),
        };
        let cmd = cmd
            .args(["--option", "APT::Status-Fd=1"])
            .arg(format!("{package}={version}"));
        let step = Step::counted(format!("fetching {package} {version}"), 100);
        process::run_observed(&step, cmd, "kernel-fetch", show_percent)
            .with_context(|| format!("fetching {package} {version}"))?;
        step.done();
        let files = self.sh.read_dir(directory)?;
        files
            .into_iter()
            .next()
            .with_context(|| format!("apt-get left no file of {package} {version}"))
    }
}

/// Moves the step to what a status line of apt says: `dlstatus:1:20.6283:Retrieving file 1 of 1`.
fn show_percent(step: &Step, line: &str) {
    let percent = line
        .strip_prefix("dlstatus:")
        .and_then(|rest| rest.split(':').nth(1));
    let whole = percent
        .and_then(|percent| percent.split('.').next())
        .and_then(|whole| whole.parse().ok());
    if let Some(whole) = whole {
        step.set_position(whole);
    }
}

/// The versions in `apt-cache madison`: lines of ` linux | 6.18.15-1~bpo13+1 | MIRROR trixie-backports/main Sources`.
fn madison(output: &str, carrier: Carrier) -> Vec<String> {
    let is_source = matches!(carrier, Carrier::SourcePackage(_));
    let fields = output
        .lines()
        .map(|line| line.split('|').map(str::trim).collect::<Vec<_>>());
    fields
        .filter_map(|fields| match fields.as_slice() {
            [_, version, origin] if origin.ends_with("Sources") == is_source => {
                Some((*version).to_owned())
            }
            _ => None,
        })
        .collect()
}

/// The kernel's version in a Debian version: `6.18.15` of `6.18.15-1~bpo13+1`.
pub fn upstream(version: &str) -> &str {
    version.split(['-', '~', '+']).next().unwrap_or(version)
}

/// Orders Debian versions of kernels by their numbers.
fn compare(a: &str, b: &str) -> Ordering {
    let numbers = |text: &str| -> Vec<u64> {
        text.split(|c: char| !c.is_ascii_digit())
            .filter_map(|part| part.parse().ok())
            .collect()
    };
    numbers(a).cmp(&numbers(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn madison_lists_sources_and_binaries() {
        let output = " linux | 6.18.9-1~bpo13+1 | http://mirror/debian trixie-backports/main Sources\n \
                      linux | 6.18.15-1~bpo13+1 | http://mirror/debian trixie-backports/main Sources\n \
                      linux | 6.18.99-1 | http://mirror/debian trixie/main amd64 Packages\n";
        let mut versions = madison(output, Carrier::SourcePackage("linux"));
        versions.sort_by(|a, b| compare(b, a));
        assert_eq!(versions, ["6.18.15-1~bpo13+1", "6.18.9-1~bpo13+1"]);
        assert_eq!(
            madison(output, Carrier::BinaryPackage("linux")),
            ["6.18.99-1"]
        );
        assert_eq!(upstream(&versions[0]), "6.18.15");
    }
}
