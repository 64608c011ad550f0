// SPDX-License-Identifier: GPL-2.0

//! A private apt configuration for Debian 13 and its backports, whatever the host itself runs. Nothing of the host's
//! configuration is touched; the mirror is the one that the host uses; apt verifies what it fetches.

use std::cmp::Ordering;
use std::path::{Path, PathBuf};

use anyhow::Context;
use xshell::{cmd, Cmd, Shell};

use crate::advice::Advise;
use crate::kernel::series::Carrier;
use crate::process;
use crate::progress::Step;

/// The suites that carry kernel sources.
const SUITES: &str = "trixie trixie-backports";

/// The keyring that signs them; every Debian has it.
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// The private configuration in its directory.
pub struct Apt<'a> {
    sh: &'a Shell,
    directory: PathBuf,
}

impl<'a> Apt<'a> {
    /// Writes the configuration into the directory and updates its package lists.
    pub fn open(sh: &'a Shell, directory: &Path) -> anyhow::Result<Apt<'a>> {
        let apt = Apt {
            sh,
            directory: directory.to_owned(),
        };
        for name in ["sources", "lists/partial", "cache/archives/partial"] {
            sh.create_dir(directory.join(name))?;
        }
        sh.write_file(
            directory.join("sources/debian.sources"),
            sources(&mirror(sh)?),
        )?;
        let step = Step::start("updating the lists of kernel sources");
        let update = apt.command("apt-get").arg("update");
        process::run_logged(&step, update, "kernel-apt-update")
            .context("updating the lists of kernel sources")?;
        step.done();
        Ok(apt)
    }

    /// An apt program that sees the private configuration only.
    fn command(&self, program: &str) -> Cmd<'a> {
        let directory = self.directory.display();
        let option = |name: &str, value: String| ["--option".to_owned(), format!("{name}={value}")];
        self.sh
            .cmd(program)
            .args(option("Dir::Etc::SourceList", "/dev/null".to_owned()))
            .args(option(
                "Dir::Etc::SourceParts",
                format!("{directory}/sources"),
            ))
            .args(option("Dir::Etc::Preferences", "/dev/null".to_owned()))
            .args(option("Dir::Etc::PreferencesParts", "/dev/null".to_owned()))
            .args(option("Dir::State::Lists", format!("{directory}/lists")))
            .args(option("Dir::Cache", format!("{directory}/cache")))
            .args(option("APT::Sandbox::User", String::new()))
            .quiet()
    }

    /// The versions of the carrier's package whose kernel belongs to the series, newest first.
    pub fn versions(&self, carrier: Carrier, series: &str) -> anyhow::Result<Vec<String>> {
        let package = carrier.package();
        let output = self
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
                self.command("apt-get")
                    .args(["source", "--download-only", "--tar-only"])
            }
            Carrier::BinaryPackage(_) => self.command("apt-get").arg("download"),
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

/// The private list of sources.
fn sources(mirror: &str) -> String {
    let arch = crate::arch::Arch::host()
        .map(crate::arch::Arch::debian)
        .unwrap_or("amd64");
    format!(
        "Types: deb deb-src\nURIs: {mirror}\nSuites: {SUITES}\nComponents: main\nArchitectures: {arch}\n\
         Signed-By: {KEYRING}\n"
    )
}

/// The mirror that the host itself uses for Debian.
pub fn mirror(sh: &Shell) -> anyhow::Result<String> {
    let format = "$(REPO_URI) $(LABEL)";
    let output = cmd!(sh, "apt-get indextargets --format {format}")
        .quiet()
        .read();
    let output = output.context("asking apt for the host's mirror")?;
    choose_mirror(&output)
        .context("the host's apt configuration names no Debian mirror to fetch kernel sources from")
        .advise("name a configured kernel tree with --kernel-src DIR, or add a Debian mirror to /etc/apt")
}

/// The archive labelled Debian; before the first update nothing has a label, so then one that looks like it.
fn choose_mirror(indextargets: &str) -> Option<String> {
    let targets = || indextargets.lines().filter_map(|line| line.split_once(' '));
    let labelled = targets().find(|(_, label)| *label == "Debian");
    let looks = targets().find(|(uri, _)| uri.trim_end_matches('/').ends_with("/debian"));
    labelled.or(looks).map(|(uri, _)| uri.to_owned())
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

    #[test]
    fn the_mirror_is_the_host_s_own() {
        let security_first = "http://m/debian-security/ Debian-Security\nhttp://m/debian/ Debian\n";
        assert_eq!(
            choose_mirror(security_first).as_deref(),
            Some("http://m/debian/")
        );
        let unlabelled = "http://m/debian-security/ $(LABEL)\nhttp://m/debian/ $(LABEL)\n";
        assert_eq!(
            choose_mirror(unlabelled).as_deref(),
            Some("http://m/debian/")
        );
        assert_eq!(choose_mirror("http://m/ubuntu/ Ubuntu\n"), None);
    }
}
