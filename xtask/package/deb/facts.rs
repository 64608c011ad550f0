// SPDX-License-Identifier: GPL-2.0

//! What the templates of the packages see.

use anyhow::{Context, Result};
use serde::Serialize;
use xshell::{cmd, Shell};

use crate::kernel::Tree;
use crate::manifest::Manifest;

/// What a template can name.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Facts {
    /// Name of the source package.
    pub(super) package: String,
    /// Name of the module.
    pub(super) name: String,
    /// Version of all packages.
    pub(super) version: String,
    /// One line that says what the module is.
    pub(super) description: String,
    /// Whose it is.
    pub(super) authors: Vec<String>,
    /// Name and address of who makes the packages.
    pub(super) maintainer: String,
    /// Debian's name of the architecture; `all` where there is no kernel.
    pub(super) architecture: &'static str,
    /// The kernel's release; empty where there is none.
    pub(super) release: String,
    /// The same as a part of a package's name.
    pub(super) release_name: String,
    /// When the packages are made, as a changelog has it.
    pub(super) date: String,
    /// The year of it.
    pub(super) year: String,
    /// Size of what a package installs, in KiB.
    pub(super) installed_size: u64,
}

impl Facts {
    /// What follows from the manifest, the kernel that the package is for, and the environment.
    pub(super) fn new(sh: &Shell, tree: Option<&Tree>) -> Result<Facts> {
        let Manifest {
            package,
            version,
            module,
        } = Manifest::load()?;
        let date = date(sh)?;
        let release = tree.map(|tree| tree.release.clone()).unwrap_or_default();
        Ok(Facts {
            package,
            name: module.name,
            version,
            description: module.description,
            maintainer: maintainer(sh, &module.authors),
            authors: module.authors,
            architecture: tree.map_or("all", |tree| tree.arch.debian()),
            release_name: package_name(&release),
            release,
            year: date.split(' ').nth(3).unwrap_or_default().to_owned(),
            date,
            installed_size: 0,
        })
    }
}

/// `DEBFULLNAME` and `DEBEMAIL` of the environment, as for Debian's own tools.
fn maintainer(sh: &Shell, authors: &[String]) -> String {
    let author = authors.first().map_or("Nobody", String::as_str);
    let name = sh.var("DEBFULLNAME").unwrap_or_else(|_| author.to_owned());
    let address = sh
        .var("DEBEMAIL")
        .unwrap_or_else(|_| "root@localhost".to_owned());
    format!("{name} <{address}>")
}

/// `SOURCE_DATE_EPOCH` of the environment, or now.
fn date(sh: &Shell) -> Result<String> {
    let date = match sh.var("SOURCE_DATE_EPOCH") {
        Ok(seconds) => format!("@{seconds}"),
        Err(_) => "now".to_owned(),
    };
    cmd!(sh, "date --utc --rfc-email --date={date}")
        .env("LC_ALL", "C")
        .quiet()
        .read()
        .context("reading the date")
}

/// A kernel's release with nothing in it that the name of a package cannot have.
fn package_name(release: &str) -> String {
    let allowed = |character: char| match character.to_ascii_lowercase() {
        character @ ('a'..='z' | '0'..='9' | '+' | '.' | '-') => character,
        _ => '-',
    };
    release.chars().map(allowed).collect()
}

#[cfg(test)]
mod tests {
    use super::package_name;

    #[test]
    fn a_release_becomes_a_name() {
        assert_eq!(package_name("6.18.15"), "6.18.15");
        assert_eq!(package_name("6.18.0-rc1_QCOM+"), "6.18.0-rc1-qcom+");
    }
}
