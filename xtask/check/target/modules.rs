// SPDX-License-Identifier: GPL-2.0

//! A directory of modules, as a target: a kernel that loads them tells by their tables what it exports.

use std::path::Path;

use anyhow::{bail, Result};

use super::{packed, Installed, Target};
use crate::check::elf::{Elf, Layout};
use crate::check::exports::{Line, KERNEL};
use crate::check::machine::Machine;
use crate::check::modinfo::{normalize, Modinfo};
use crate::check::module_exports;
use crate::check::vermagic;
use crate::check::versions::Table;

/// Reads a directory of modules.
pub fn read(directory: &Path) -> Result<Target> {
    let files = packed::modules_under(directory);
    if files.is_empty() {
        bail!("{} holds no module", directory.display());
    }
    let mut target = Target {
        kind: "directory of modules",
        ..Target::default()
    };
    let named = files
        .iter()
        .map(|path| (normalize(&path.to_string_lossy()), path.clone()));
    let installed = Installed {
        files: named.collect(),
        ..Installed::default()
    };
    learn(&installed, &mut target);
    target.installed = Some(installed);
    target.gaps.push(String::from(
        "exports: only those that the modules use are known",
    ));
    Ok(target)
}

/// Adds to a target what its modules tell: their exports, and the checksums by which they were built.
pub fn learn(installed: &Installed, target: &mut Target) {
    for exports in [true, false] {
        for (name, path) in &installed.files {
            let Ok(bytes) = packed::read(path) else {
                continue;
            };
            let Some(elf) = Elf::parse(&bytes) else {
                continue;
            };
            if exports {
                identify(&bytes, &elf, target);
                for export in module_exports::read(&elf) {
                    target.exports.insert(export.line(name));
                }
            } else {
                imports(&elf, target);
            }
        }
    }
}

/// Release, magic and machine, from the first module that has them.
fn identify(bytes: &[u8], elf: &Elf<'_>, target: &mut Target) {
    target.machine = target.machine.or_else(|| Machine::of_elf(bytes));
    let modinfo = elf
        .section_named(b".modinfo")
        .map(Modinfo::parse)
        .unwrap_or_default();
    if let (None, Some(magic)) = (&target.vermagic, modinfo.text("vermagic")) {
        let release = target
            .release
            .get_or_insert_with(|| String::from(vermagic::release(&magic)));
        // A module from elsewhere that loads by its checksums has another release in its magic.
        target.vermagic = (release == vermagic::release(&magic)).then_some(magic);
    }
    let this_module = elf
        .sections
        .iter()
        .find(|section| elf.is_named(section, b".gnu.linkonce.this_module"));
    target.module_size = target
        .module_size
        .or(this_module.map(|section| section.size));
}

/// The symbols that a module uses; those that no module exports are the kernel's.
fn imports(elf: &Elf<'_>, target: &mut Target) {
    let Some(machine) = target.machine else {
        return;
    };
    let basic = elf
        .section_named(b"__versions")
        .map(|section| Table::basic(section, machine));
    let crcs = elf
        .section_named(b"__version_ext_crcs")
        .zip(elf.section_named(b"__version_ext_names"));
    let extended = crcs.map(|(crcs, names)| Table::extended(crcs, names, Layout::of(machine)));
    for (name, crc) in extended.iter().chain(&basic).flat_map(Table::iter) {
        let crc = u32::try_from(crc).ok();
        // Whether such a symbol is GPL-only or in a namespace is not known, so neither is held against a module.
        target.exports.insert(Line {
            name,
            crc,
            owner: KERNEL,
            gpl_only: false,
            namespace: "",
        });
    }
}
