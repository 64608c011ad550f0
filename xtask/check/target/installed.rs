// SPDX-License-Identifier: GPL-2.0

//! The module directory of a target, `/lib/modules/RELEASE`, and what modprobe is told beside it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::{packed, Installed};
use crate::check::modinfo::normalize;
use crate::check::modprobe::Configuration;

/// Reads a module directory, `lib/modules/RELEASE` of a target.
pub fn read(directory: &Path) -> Installed {
    let mut files: BTreeMap<String, PathBuf> = BTreeMap::new();
    for path in packed::modules_under(directory) {
        let name = normalize(&path.to_string_lossy());
        // depmod prefers what was installed over what came with the kernel.
        let is_update = path
            .strip_prefix(directory)
            .is_ok_and(|path| !path.starts_with("kernel"));
        if is_update || !files.contains_key(&name) {
            files.insert(name, path);
        }
    }
    let mut installed = Installed {
        files,
        aliases: read_aliases(directory),
        ..Installed::default()
    };
    read_builtin(directory, &mut installed);
    installed
}

/// Adds `modules.builtin` and `modules.builtin.modinfo`.
pub fn read_builtin(directory: &Path, installed: &mut Installed) {
    let list = fs::read_to_string(directory.join("modules.builtin")).unwrap_or_default();
    installed.builtin.extend(list.lines().map(normalize));
    let modinfo = fs::read(directory.join("modules.builtin.modinfo")).unwrap_or_default();
    for entry in modinfo.split(|&byte| byte == 0) {
        let entry = String::from_utf8_lossy(entry);
        let Some((name, tag, value)) = builtin_entry(&entry) else {
            continue;
        };
        match tag {
            "version" => {
                installed.builtin_versions.insert(normalize(name));
            }
            "parmtype" => {
                let parameter = value.split(':').next().unwrap_or_default();
                let parameters = installed
                    .builtin_parameters
                    .entry(normalize(name))
                    .or_default();
                parameters.push(String::from(parameter));
            }
            _ => {}
        }
    }
}

/// Module, tag and value of an entry such as `tcp_cubic.parmtype=beta:int`.
fn builtin_entry(entry: &str) -> Option<(&str, &str, &str)> {
    let (key, value) = entry.split_once('=')?;
    let (name, tag) = key.split_once('.')?;
    Some((name, tag, value))
}

fn read_aliases(directory: &Path) -> Vec<(String, String)> {
    let text = fs::read_to_string(directory.join("modules.alias")).unwrap_or_default();
    let alias = |line: &str| {
        let (alias, module) = line.strip_prefix("alias ")?.rsplit_once(' ')?;
        Some((String::from(alias), normalize(module)))
    };
    text.lines().filter_map(alias).collect()
}

/// Reads modprobe.d and modules-load.d under a root directory. A file in `/etc` hides one of its name elsewhere.
pub fn configuration(root: &Path) -> Configuration {
    let mut configuration = Configuration::default();
    for (name, path) in files(root, "modprobe.d") {
        configuration.add_modprobe(&fs::read_to_string(path).unwrap_or_default(), &name);
    }
    for (name, path) in files(root, "modules-load.d") {
        configuration.add_autoload(&fs::read_to_string(path).unwrap_or_default(), &name);
    }
    configuration
}

fn files(root: &Path, kind: &str) -> BTreeMap<String, PathBuf> {
    let mut files = BTreeMap::new();
    for parent in ["lib", "usr/lib", "usr/local/lib", "run", "etc"] {
        let entries = fs::read_dir(root.join(parent).join(kind))
            .into_iter()
            .flatten()
            .flatten();
        let paths = entries
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|suffix| suffix == "conf"));
        files
            .extend(paths.filter_map(|path| Some((path.file_name()?.to_str()?.to_string(), path))));
    }
    files
}
