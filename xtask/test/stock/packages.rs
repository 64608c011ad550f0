// SPDX-License-Identifier: GPL-2.0

//! Debian's stock kernels, unpacked: the modules of one ABI, and the headers of that and of the next. Which versions
//! these are is what the archive has now; nothing of the host's own package configuration is touched.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use xshell::{cmd, Cmd, Shell};

use crate::advice::Advise;
use crate::arch::Arch;
use crate::kernel::apt;
use crate::process;
use crate::progress::Step;
use crate::project;

/// Debian 13 with its security updates, from the mirror that the host itself uses.
fn sources(mirror: &str) -> String {
    let mirror = mirror.trim_end_matches('/');
    let source = |uri: &str, suites: &str| {
        format!(
            "Types: deb\nURIs: {uri}/\nSuites: {suites}\nComponents: main\nArchitectures: amd64 arm64\n\
             Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n"
        )
    };
    let security = format!("{mirror}-security");
    [
        source(mirror, "trixie trixie-updates"),
        source(&security, "trixie-security"),
    ]
    .join("\n")
}

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
        let apt = Apt::open(sh, &directory.join("apt"))?;
        let [older, newer] = apt.releases(arch)?;
        apt.unpack(
            &["linux-image", "linux-headers"],
            &older,
            arch,
            &directory.join(&older),
        )?;
        apt.unpack(&["linux-headers"], &newer, arch, &directory.join(&newer))?;
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

/// apt with a configuration of its own.
struct Apt<'s> {
    sh: &'s Shell,
    directory: PathBuf,
}

impl<'s> Apt<'s> {
    fn open(sh: &'s Shell, directory: &Path) -> Result<Apt<'s>> {
        for name in ["sources", "lists/partial", "cache/archives/partial"] {
            sh.create_dir(directory.join(name))?;
        }
        let mirror = apt::mirror(sh)?;
        fs::write(directory.join("sources/debian.sources"), sources(&mirror))?;
        let apt = Apt {
            sh,
            directory: directory.to_path_buf(),
        };
        let step = Step::start("updating the lists of Debian's kernels");
        process::run_logged(
            &step,
            apt.command("apt-get").arg("update"),
            "stock-apt-update",
        )?;
        step.done();
        Ok(apt)
    }

    fn command(&self, program: &str) -> Cmd<'s> {
        let directory = self.directory.display();
        let options = [
            String::from("Dir::Etc::SourceList=/dev/null"),
            format!("Dir::Etc::SourceParts={directory}/sources"),
            String::from("Dir::Etc::Preferences=/dev/null"),
            String::from("Dir::Etc::PreferencesParts=/dev/null"),
            format!("Dir::State::Lists={directory}/lists"),
            format!("Dir::Cache={directory}/cache"),
            String::from("APT::Sandbox::User="),
        ];
        let words = options
            .into_iter()
            .flat_map(|option| [String::from("--option"), option]);
        self.sh.cmd(program).args(words).quiet()
    }

    /// The last two releases whose headers are in the archive, the older first.
    fn releases(&self, arch: Arch) -> Result<[String; 2]> {
        let suffix = format!("+deb13-{}", arch.debian());
        let list = self
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

    /// Fetches packages of a release, and unpacks them into a directory.
    fn unpack(&self, kinds: &[&str], release: &str, arch: Arch, root: &Path) -> Result<()> {
        let sh = self.sh;
        let archives = self.directory.join("archives").join(release);
        sh.remove_path(&archives)?;
        sh.create_dir(&archives)?;
        let debian = arch.debian();
        let step = Step::start(format!("fetching Debian's kernel {release}"));
        let names = kinds
            .iter()
            .map(|kind| format!("{kind}-{release}:{debian}"));
        let _in = sh.push_dir(&archives);
        process::run_logged(
            &step,
            self.command("apt-get").arg("download").args(names),
            "stock-fetch",
        )?;
        for package in sh.read_dir(&archives)? {
            cmd!(sh, "dpkg-deb --extract {package} {root}")
                .quiet()
                .run()
                .context("unpacking a package")?;
        }
        sh.remove_path(&archives)?;
        step.done();
        Ok(())
    }
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
