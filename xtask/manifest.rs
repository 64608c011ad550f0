// SPDX-License-Identifier: GPL-2.0

//! The module's manifest: `[package.metadata.kmod]` of `kmod/Cargo.toml`, the only place where a fact about the module
//! is written.

use std::path::Path;

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::project;

/// Everything that the project says about its module.
#[derive(Clone, Debug, Serialize)]
pub struct Manifest {
    /// Name of the cargo package, which is also the name of source and distribution packages.
    pub package: String,
    /// Version of the cargo package.
    pub version: String,
    /// The module's own facts.
    #[serde(flatten)]
    pub module: Module,
}

/// The table `[package.metadata.kmod]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Module {
    /// Name of the module: `NAME.ko`.
    pub name: String,
    /// One line that says what it is.
    pub description: String,
    /// Its authors.
    pub authors: Vec<String>,
    /// `MODULE_LICENSE`.
    pub license: String,
    /// Source files from the module's directory; the first one is the Rust root.
    pub objects: Vec<String>,
    /// Device tree `compatible` strings that the module can bind.
    #[serde(default)]
    pub compatible: Vec<String>,
    /// Modules that must not be loaded beside it.
    #[serde(default)]
    pub blacklist: Vec<String>,
    /// Modules that modprobe loads before it when they exist.
    #[serde(default)]
    pub softdeps: Vec<String>,
    /// Whether it is loaded at boot.
    #[serde(default)]
    pub autoload: bool,
    /// Symbol namespaces that it imports.
    #[serde(default, rename(deserialize = "import-namespaces"))]
    pub import_namespaces: Vec<String>,
    /// Kernel options, without `CONFIG_`, that must be built in or be modules.
    #[serde(default, rename(deserialize = "required-options"))]
    pub required_options: Vec<String>,
    /// Kernel series that it supports, such as `6.18`.
    pub series: Vec<String>,
    /// Module parameters.
    #[serde(default)]
    pub parameters: Vec<Parameter>,
    /// Device nodes and who may open them.
    #[serde(default)]
    pub udev: Vec<Udev>,
}

/// A module parameter.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its type, as `module_param` spells it.
    #[serde(rename(deserialize = "type"))]
    pub kind: String,
    /// The value that it has when nothing sets it.
    #[serde(default)]
    pub default: Option<String>,
    /// One line that says what it does.
    pub description: String,
}

/// A udev rule for a device node.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Udev {
    /// The kernel's name of the device.
    pub kernel: String,
    /// Group that owns the node.
    pub group: String,
    /// Permission bits, in octal.
    pub mode: String,
    /// Tags, such as `uaccess`.
    #[serde(default)]
    pub tags: Vec<String>,
}

/// The parts of a `Cargo.toml` that matter here.
#[derive(Deserialize)]
struct CargoToml {
    package: Package,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: Version,
    metadata: Metadata,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Version {
    Own(String),
    /// `version.workspace = true`.
    Inherited {
        #[serde(rename = "workspace")]
        _workspace: bool,
    },
}

#[derive(Deserialize)]
struct Metadata {
    kmod: Module,
}

impl Manifest {
    /// Reads the manifest of the repository.
    pub fn load() -> anyhow::Result<Manifest> {
        let root = project::root();
        let path = root.join(project::MODULE_DIR).join("Cargo.toml");
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("reading {}", path.display()))?;
        Manifest::parse(&text, || workspace_version(&root))
            .with_context(|| format!("reading the manifest in {}", path.display()))
    }

    /// Reads a manifest from the text of a `Cargo.toml`; `inherited` gives the workspace's version.
    fn parse(
        text: &str,
        inherited: impl FnOnce() -> anyhow::Result<String>,
    ) -> anyhow::Result<Manifest> {
        let CargoToml { package } = toml::from_str(text)?;
        let version = match package.version {
            Version::Own(version) => version,
            Version::Inherited { .. } => inherited()?,
        };
        let module = package.metadata.kmod;
        let root_is_rust = module
            .objects
            .first()
            .is_some_and(|object| object.ends_with(".rs"));
        anyhow::ensure!(
            root_is_rust,
            "the first of `objects` must be the Rust root, a .rs file"
        );
        Ok(Manifest {
            package: package.name,
            version,
            module,
        })
    }
}

/// `workspace.package.version` of the root `Cargo.toml`.
fn workspace_version(root: &Path) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(root.join("Cargo.toml"))
        .context("reading the workspace's Cargo.toml")?;
    let table: toml::Table = toml::from_str(&text).context("reading the workspace's Cargo.toml")?;
    let version = table
        .get("workspace")
        .and_then(|t| t.get("package"))
        .and_then(|t| t.get("version"));
    let version = version
        .and_then(toml::Value::as_str)
        .context("the workspace has no package.version")?;
    Ok(version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repository_has_a_manifest() {
        let manifest = Manifest::load().unwrap();
        assert!(!manifest.module.series.is_empty());
        assert!(!manifest.version.is_empty());
    }

    #[test]
    fn an_unknown_key_is_refused() {
        let text = "[package]\nname = 'a'\nversion = '1'\n[package.metadata.kmod]\nname = 'a'\ndescription = 'd'\n\
                    authors = []\nlicense = 'GPL'\nobjects = ['a.rs']\nseries = []\ncolour = 'red'\n";
        let error = Manifest::parse(text, || unreachable!()).unwrap_err();
        assert!(format!("{error:#}").contains("colour"), "{error:#}");
    }

    #[test]
    fn the_first_object_is_rust() {
        let text = "[package]\nname = 'a'\nversion = '1'\n[package.metadata.kmod]\nname = 'a'\ndescription = 'd'\n\
                    authors = []\nlicense = 'GPL'\nobjects = ['a.c']\nseries = []\n";
        assert!(Manifest::parse(text, || unreachable!()).is_err());
    }
}
