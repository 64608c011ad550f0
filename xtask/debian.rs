// SPDX-License-Identifier: GPL-2.0

//! Packages of any Debian release and architecture, whatever the host itself runs: an apt with a configuration of its
//! own. Nothing of the host's configuration is touched; the mirror is the one that the host uses; apt verifies what it
//! fetches.

use std::path::{Path, PathBuf};

use anyhow::Context;
use xshell::{cmd, Cmd, Shell};

use crate::advice::Advise;
use crate::arch::Arch;
use crate::process;
use crate::progress::Step;

/// The keyring that signs every release; every Debian has it.
pub const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// Where packages come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// What follows the mirror's address: empty for the archive itself, `-security` for its security updates.
    pub archive: &'static str,
    /// The suites, with spaces between them.
    pub suites: &'static str,
    /// Whether source packages are wanted, too.
    pub sources: bool,
}

/// A private configuration in its directory.
pub struct Apt<'a> {
    sh: &'a Shell,
    directory: PathBuf,
    what: &'static str,
}

impl<'a> Apt<'a> {
    /// Writes the configuration into the directory and updates its package lists; `what` names, for people and for the
    /// log, what the packages are for.
    pub fn open(
        sh: &'a Shell,
        directory: &Path,
        what: &'static str,
        from: &[Source],
        architectures: &[Arch],
    ) -> anyhow::Result<Apt<'a>> {
        for name in ["sources", "lists/partial", "cache/archives/partial"] {
            sh.create_dir(directory.join(name))?;
        }
        sh.write_file(
            directory.join("sources/debian.sources"),
            sources(&mirror(sh)?, from, architectures),
        )?;
        let directory = directory.to_owned();
        let apt = Apt {
            sh,
            directory,
            what,
        };
        let step = Step::start(format!("updating the lists of {what}"));
        let update = apt.command("apt-get").arg("update");
        process::run_logged(&step, update, &apt.log("update"))
            .with_context(|| format!("updating the lists of {what}"))?;
        step.done();
        Ok(apt)
    }

    /// An apt program that sees the private configuration only.
    pub fn command(&self, program: &str) -> Cmd<'a> {
        let directory = self.directory.display();
        let options = [
            "Dir::Etc::SourceList=/dev/null".to_owned(),
            format!("Dir::Etc::SourceParts={directory}/sources"),
            "Dir::Etc::Preferences=/dev/null".to_owned(),
            "Dir::Etc::PreferencesParts=/dev/null".to_owned(),
            format!("Dir::State::Lists={directory}/lists"),
            format!("Dir::Cache={directory}/cache"),
            "APT::Sandbox::User=".to_owned(),
        ];
        let words = options
            .into_iter()
            .flat_map(|option| ["--option".to_owned(), option]);
        self.sh.cmd(program).args(words).quiet()
    }

    /// Fetches binary packages, as `apt-get download` names them (`NAME:ARCHITECTURE=VERSION`), and unpacks them into
    /// the directory.
    pub fn unpack(&self, packages: &[String], root: &Path) -> anyhow::Result<()> {
        let sh = self.sh;
        let archives = self.directory.join("archives");
        sh.remove_path(&archives)?;
        sh.create_dir(&archives)?;
        let step = Step::start(format!("fetching {}", self.what));
        {
            let _in = sh.push_dir(&archives);
            let download = self.command("apt-get").arg("download").args(packages);
            process::run_logged(&step, download, &self.log("fetch"))
                .with_context(|| format!("fetching {}", self.what))?;
        }
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

    /// The name of the log of an action.
    fn log(&self, action: &str) -> String {
        format!("apt-{action}-{}", self.what.replace([' ', '\''], "-"))
    }
}

/// The private list of sources.
fn sources(mirror: &str, from: &[Source], architectures: &[Arch]) -> String {
    let mirror = mirror.trim_end_matches('/');
    let architectures: Vec<&str> = architectures.iter().map(|arch| arch.debian()).collect();
    let architectures = architectures.join(" ");
    let entries = from.iter().map(|source| {
        let Source {
            archive, suites, ..
        } = source;
        let types = if source.sources { "deb deb-src" } else { "deb" };
        format!(
            "Types: {types}\nURIs: {mirror}{archive}/\nSuites: {suites}\nComponents: main\n\
             Architectures: {architectures}\nSigned-By: {KEYRING}\n"
        )
    });
    entries.collect::<Vec<_>>().join("\n")
}

/// The mirror that the host itself uses for Debian.
pub fn mirror(sh: &Shell) -> anyhow::Result<String> {
    let format = "$(REPO_URI) $(LABEL)";
    let output = cmd!(sh, "apt-get indextargets --format {format}")
        .quiet()
        .read();
    let output = output.context("asking apt for the host's mirror")?;
    choose_mirror(&output)
        .context("the host's apt configuration names no Debian mirror")
        .advise("add a Debian mirror to /etc/apt")
}

/// The archive labelled Debian; before the first update nothing has a label, so then one that looks like it.
fn choose_mirror(indextargets: &str) -> Option<String> {
    let targets = || indextargets.lines().filter_map(|line| line.split_once(' '));
    let labelled = targets().find(|(_, label)| *label == "Debian");
    let looks = targets().find(|(uri, _)| uri.trim_end_matches('/').ends_with("/debian"));
    labelled.or(looks).map(|(uri, _)| uri.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn each_source_is_an_entry() {
        let source = |archive, sources| Source {
            archive,
            suites: "trixie",
            sources,
        };
        let text = sources(
            "http://m/debian/",
            &[source("", true), source("-security", false)],
            &Arch::ALL,
        );
        let entries: Vec<&str> = text.split("\n\n").collect();
        assert!(
            entries[0].starts_with("Types: deb deb-src\nURIs: http://m/debian/\n"),
            "{text}"
        );
        assert!(
            entries[1].starts_with("Types: deb\nURIs: http://m/debian-security/\n"),
            "{text}"
        );
    }
}
