// SPDX-License-Identifier: GPL-2.0

//! What the templates of the Yocto layer see besides the manifest.

use std::path::Path;

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::manifest::Module;
use crate::project;

/// The first line of every source file, `// SPDX-License-Identifier: GPL-2.0`, as bitbake digests it.
const LICENCE_MD5: &str = "50d2ba0afecd20f74c12a4bdbcfcfe61";

/// The facts of the layer.
#[derive(Serialize)]
pub struct Yocto {
    /// Where the files come from, for those who open them.
    pub origin: String,
    /// The same for the list of crates, which the lock file decides.
    pub origin_of_crates: String,
    /// The file whose first line is the licence.
    pub licence_file: String,
    /// The digest of that line.
    pub licence_md5: &'static str,
    /// What modprobe must know, as the value of `module_conf_NAME`; none when it must know nothing.
    pub probe_configuration: Option<String>,
    /// The crates that the xtask is built of.
    pub crates: Vec<Crate>,
    /// What a recipe fetches; none when it builds the checkout that it lies in.
    pub revision: Option<Revision>,
}

/// A crate of the lock file.
#[derive(Deserialize, Serialize)]
pub struct Crate {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of its package; none for the members of the workspace.
    #[serde(default)]
    pub checksum: Option<String>,
}

/// A commit, as recipes name it.
#[derive(Serialize)]
pub struct Revision {
    /// Where people look.
    pub homepage: String,
    /// The lines that fetch it.
    pub source: String,
}

#[derive(Deserialize)]
struct LockFile {
    package: Vec<Crate>,
}

impl Yocto {
    /// The facts of the layer in the repository.
    pub fn new(module: &Module) -> anyhow::Result<Yocto> {
        let root = module.objects.first().context("the module has no root")?;
        let generated =
            |of: &str| format!("Generated from {of} by `cargo xtask generate`; do not edit.");
        Ok(Yocto {
            origin: generated("kmod/Cargo.toml"),
            origin_of_crates: generated("Cargo.lock"),
            licence_file: format!("{}/{root}", project::MODULE_DIR),
            licence_md5: LICENCE_MD5,
            probe_configuration: probe_configuration(module),
            crates: crates(&project::root().join("Cargo.lock"))?,
            revision: None,
        })
    }
}

impl Yocto {
    /// From here on the recipes fetch a commit, and the files are not those of the repository.
    pub fn fetch(&mut self, revision: Revision) {
        let written = "Written by `cargo xtask package yocto`.";
        self.origin = written.to_owned();
        self.origin_of_crates = written.to_owned();
        self.revision = Some(revision);
    }
}

/// The lines for modprobe. A line break in a value takes an expression: bitbake has no escapes.
fn probe_configuration(module: &Module) -> Option<String> {
    let blacklist = module
        .blacklist
        .iter()
        .map(|other| format!("blacklist {other}"));
    let softdep = (!module.softdeps.is_empty())
        .then(|| format!("softdep {} pre: {}", module.name, module.softdeps.join(" ")));
    let lines: Vec<String> = blacklist.chain(softdep).collect();
    match lines.as_slice() {
        [] => None,
        [line] => Some(line.clone()),
        _ => Some(format!("${{@'\\n'.join({})}}", python_list(&lines))),
    }
}

/// A list of strings without quotes in them, in Python.
fn python_list(strings: &[String]) -> String {
    let quoted: Vec<String> = strings.iter().map(|text| format!("'{text}'")).collect();
    format!("[{}]", quoted.join(", "))
}

/// The crates that the lock file takes from a registry.
fn crates(path: &Path) -> anyhow::Result<Vec<Crate>> {
    let reading = || format!("reading {}", path.display());
    let text = std::fs::read_to_string(path).with_context(reading)?;
    let file: LockFile = toml::from_str(&text).with_context(reading)?;
    let mut crates = file.package;
    crates.retain(|package| package.checksum.is_some());
    Ok(crates)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Manifest;

    #[test]
    fn modprobe_is_told_as_many_lines_as_there_are() {
        let mut module = Manifest::load().unwrap().module;
        let told = |module: &Module| probe_configuration(module).unwrap_or_default();
        module.name = "new".to_owned();
        module.blacklist = vec!["old".to_owned()];
        assert_eq!(told(&module), "blacklist old");
        module.softdeps = vec!["a".to_owned(), "b".to_owned()];
        assert_eq!(
            told(&module),
            "${@'\\n'.join(['blacklist old', 'softdep new pre: a b'])}"
        );
        module.blacklist.clear();
        module.softdeps.clear();
        assert_eq!(probe_configuration(&module), None);
    }

    #[test]
    fn members_of_the_workspace_are_not_fetched() {
        let crates = crates(&project::root().join("Cargo.lock")).unwrap();
        assert!(crates.iter().any(|package| package.name == "clap"));
        assert!(crates.iter().all(|package| package.name != "xtask"));
    }
}
