// SPDX-License-Identifier: GPL-2.0

//! A kernel's build tree, or the headers tree of a distribution.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::{installed, packed, Installed, Target};
use crate::advice::Advise;
use crate::check::config::Config;
use crate::check::elf::Elf;
use crate::check::exports::Exports;
use crate::check::machine::{self, Machine};
use crate::check::modinfo::normalize;

/// Whether a directory is such a tree.
pub fn is_tree(directory: &Path) -> bool {
    directory.join("Makefile").exists()
        && ["include/config/auto.conf", ".config", "Module.symvers"]
            .iter()
            .any(|name| directory.join(name).exists())
}

/// Reads a tree.
pub fn read(directory: &Path) -> Result<Target> {
    let mut target = Target {
        kind: "kernel tree",
        ..Target::default()
    };
    let config = [".config", "include/config/auto.conf"]
        .iter()
        .find_map(|name| fs::read_to_string(directory.join(name)).ok());
    match config {
        Some(text) => target.config = Some(Config::parse(&text)),
        None => target.gaps.push(String::from(".config: the tree has none")),
    }
    target.release = release(directory);
    target.machine = target.config.as_ref().and_then(machine_of);
    target.exports = symvers(&directory.join("Module.symvers"), &mut target.gaps)?;
    target.installed = modules(directory);
    target.module_size = target.installed.as_ref().and_then(module_size);
    target.certificates = certificates(directory, target.config.as_ref());
    target.kernel = Some(directory.join("vmlinux")).filter(|path| path.exists());
    Ok(target)
}

fn release(directory: &Path) -> Option<String> {
    let release = fs::read_to_string(directory.join("include/config/kernel.release"));
    if let Ok(release) = release {
        return Some(String::from(release.trim()));
    }
    let header = fs::read_to_string(directory.join("include/generated/utsrelease.h")).ok()?;
    header
        .split_once("UTS_RELEASE \"")?
        .1
        .split_once('"')
        .map(|(release, _)| String::from(release))
}

/// The machine that a configuration is for.
pub fn machine_of(config: &Config) -> Option<&'static Machine> {
    let fits = |machine: &&&Machine| {
        config.is_set(machine.option)
            && (!matches!(machine.name, "riscv64" | "mips64el") || config.is_set("64BIT"))
    };
    machine::ALL.iter().find(fits).copied()
}

/// Reads a `Module.symvers`; a gap where there is none.
pub fn symvers(path: &Path, gaps: &mut Vec<String>) -> Result<Exports> {
    if !path.exists() {
        gaps.push(String::from(
            "Module.symvers: the tree has none; what the kernel exports is not known",
        ));
        return Ok(Exports::default());
    }
    let text = packed::read(path)?;
    let text =
        String::from_utf8(text).with_context(|| format!("{} is not text", path.display()))?;
    Exports::parse(&text)
        .map_err(|line| anyhow::anyhow!("{}:{line}: no line of a Module.symvers", path.display()))
        .advise("build the kernel's `modules` target again, which writes it")
}

/// The modules that a tree has built, and those that are built in.
fn modules(directory: &Path) -> Option<Installed> {
    let order = fs::read_to_string(directory.join("modules.order")).ok()?;
    let file = |line: &str| {
        let path = directory.join(line).with_extension("ko");
        (normalize(line.strip_suffix(".o").unwrap_or(line)), path)
    };
    let files: BTreeMap<String, PathBuf> = order
        .lines()
        .map(file)
        .filter(|(_, path)| path.exists())
        .collect();
    let mut installed = Installed {
        files,
        ..Installed::default()
    };
    installed::read_builtin(directory, &mut installed);
    Some(installed)
}

/// The size of `struct module`, from any module that was built with the kernel.
pub fn module_size(installed: &Installed) -> Option<u64> {
    installed.files.values().take(8).find_map(|path| {
        let bytes = packed::read(path).ok()?;
        let elf = Elf::parse(&bytes)?;
        let section = elf
            .sections
            .iter()
            .find(|section| elf.is_named(section, b".gnu.linkonce.this_module"))?;
        Some(section.size)
    })
}

/// The certificates that the kernel was built with: that of its own signing key, and those it was told to trust.
fn certificates(directory: &Path, config: Option<&Config>) -> Option<Vec<Vec<u8>>> {
    let trusted = config?.string("SYSTEM_TRUSTED_KEYS").unwrap_or_default();
    let own = fs::read(directory.join("certs/signing_key.x509")).ok();
    if !trusted.is_empty() {
        // The list that the build assembles holds every trusted certificate.
        let list = fs::read(directory.join("certs/x509_certificate_list")).ok()?;
        let mut all = crate::check::signature::certificates(&list);
        all.extend(own);
        return Some(all);
    }
    own.map(|own| vec![own])
}
