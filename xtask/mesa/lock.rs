// SPDX-License-Identifier: GPL-2.0

//! `mesa.lock`: the version of Mesa, the checksum of its source, and the versions of the programs that build it.

use std::collections::BTreeMap;

use anyhow::Context;
use serde::Deserialize;

use crate::project;

/// The whole file.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(super) struct Lock {
    /// Mesa's own source.
    pub(super) source: Source,
    /// The packages of PyPI that build it, with their versions.
    pub(super) python: BTreeMap<String, String>,
}

/// A source package.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(super) struct Source {
    /// Debian's name of the package.
    pub(super) package: String,
    /// The upstream version.
    pub(super) version: String,
    /// The upstream tarball, which every Debian revision of the version has in common.
    pub(super) file: String,
    /// The tarball's SHA-256, in hexadecimal.
    pub(super) sha256: String,
}

impl Lock {
    /// Reads the file.
    pub(super) fn load() -> anyhow::Result<Lock> {
        let path = project::root().join("mesa.lock");
        let text = std::fs::read_to_string(&path);
        let text = text.with_context(|| format!("reading {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("reading {}", path.display()))
    }

    /// The Python packages, as pip asks for them.
    pub(super) fn requirements(&self) -> Vec<String> {
        let requirement = |(name, version): (&String, &String)| format!("{name}=={version}");
        self.python.iter().map(requirement).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repository_pins_mesa_and_meson() {
        let lock = Lock::load().unwrap();
        assert!(lock.source.file.contains(&lock.source.version));
        assert_eq!(lock.source.sha256.len(), 64);
        let meson = lock.requirements();
        assert!(
            meson.iter().any(|name| name.starts_with("meson==")),
            "{meson:?}"
        );
    }
}
