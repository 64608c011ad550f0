// SPDX-License-Identifier: GPL-2.0

//! What is installed already.

use std::collections::HashMap;
use std::fmt;

use anyhow::Context;
use xshell::{cmd, Shell};

use crate::arch::Arch;
use crate::host::packages::Package;

/// How a package stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// Installed, in this version.
    Installed(String),
    /// Not installed.
    Missing,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Status::Installed(version) => write!(f, "{version}"),
            Status::Missing => write!(f, "missing"),
        }
    }
}

/// Asks dpkg, once, how the packages stand.
pub fn query(sh: &Shell, packages: &[Package]) -> anyhow::Result<Vec<(Package, Status)>> {
    let names: Vec<String> = packages.iter().map(Package::qualified).collect();
    let format = "${Package}:${Architecture} ${Version} ${db:Status-Status}\n";
    // Names that dpkg has never heard of make it exit with 1: they are missing, which is no failure of ours.
    let output = cmd!(sh, "dpkg-query --show --showformat {format} {names...}")
        .quiet()
        .ignore_status()
        .ignore_stderr()
        .read()
        .context("asking dpkg which packages are installed")?;
    let installed = installed(&output);
    Ok(packages
        .iter()
        .map(|package| (package.clone(), status(&installed, package)))
        .collect())
}

/// The versions of the packages that are installed, by `name:architecture`.
fn installed(output: &str) -> HashMap<&str, &str> {
    let fields = output
        .lines()
        .map(|line| line.split(' ').collect::<Vec<_>>());
    fields
        .filter_map(|fields| match fields.as_slice() {
            [name, version, "installed"] => Some((*name, *version)),
            _ => None,
        })
        .collect()
}

fn status(installed: &HashMap<&str, &str>, package: &Package) -> Status {
    let own = Arch::host().map(Arch::debian).unwrap_or("all");
    let arch = package.foreign.map(Arch::debian).unwrap_or(own);
    let versions = [arch, "all"].map(|arch| {
        installed
            .get(format!("{}:{arch}", package.name).as_str())
            .copied()
    });
    match versions.into_iter().flatten().next() {
        None => Status::Missing,
        Some(version) => Status::Installed(version.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_installed_or_missing() {
        let own = Arch::host().unwrap().debian();
        let text = format!("a:{own} 1 installed\nb:all 2 installed\nc:{own} 3 config-files\n");
        let installed = installed(&text);
        let of = |name: &str| {
            let name = name.to_owned();
            let foreign = None;
            status(&installed, &Package { name, foreign })
        };
        assert_eq!(of("a"), Status::Installed("1".to_owned()));
        assert_eq!(of("b"), Status::Installed("2".to_owned()));
        assert_eq!(of("c"), Status::Missing);
        assert_eq!(of("d"), Status::Missing);
    }
}
