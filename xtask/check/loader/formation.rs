// SPDX-License-Identifier: GPL-2.0

//! The last steps before a module's own code runs: `complete_formation()`, the notifiers, and `mod_sysfs_setup()`.

use super::super::bytes;
use super::super::exports::KERNEL;
use super::super::finding::{Effect, Finding, Source, Stage, EINVAL, ENOEXEC};
use super::super::module_exports::{self, ModuleExport};
use super::{Judge, Parts};

impl Judge<'_> {
    /// `complete_formation()`: a symbol that is exported already.
    pub(super) fn formation(&mut self, parts: &Parts<'_>) {
        let exports = module_exports::read(&parts.elf);
        let counts = |export: &&ModuleExport<'_>| {
            !export.gpl_only || !self.series.has_flag_table || !is_obsolete(parts)
        };
        let duplicate = exports
            .iter()
            .filter(counts)
            .find_map(|export| Some((export, self.exported_by(parts, export)?)));
        if let Some((export, owner)) = duplicate {
            let symbol = bytes::text(export.name);
            let shown = if owner == KERNEL { "kernel" } else { owner };
            let line = format!(
                "{}: exports duplicate symbol {symbol} (owned by {shown})",
                parts.name
            );
            let cause = format!("the module exports {symbol}, which {shown} exports already");
            self.push(
                Finding::refused(Stage::Formation, "duplicate-export", ENOEXEC, cause).log(line),
            );
        }
        self.type_information(parts);
    }

    /// Who, other than the module itself, exports a symbol by the time the module is loaded.
    fn exported_by(&self, parts: &Parts<'_>, export: &ModuleExport<'_>) -> Option<&str> {
        let owner = self
            .target
            .exports
            .owner(self.target.exports.get(export.name)?);
        let is_loaded = || {
            self.target
                .running
                .as_ref()
                .is_some_and(|running| running.loaded.contains(owner))
        };
        (owner == KERNEL || owner != parts.name && is_loaded()).then_some(owner)
    }

    fn type_information(&mut self, parts: &Parts<'_>) {
        let has = |name: &[u8]| parts.elf.section_named(name).is_some();
        if !has(b".BTF")
            || has(b".BTF.base")
            || self.target.option("DEBUG_INFO_BTF_MODULES") != Some(true)
        {
            return;
        }
        let outcome = match self.target.option("MODULE_ALLOW_BTF_MISMATCH") {
            Some(true) => "is loaded without it where they do not fit",
            _ => "is refused where they do not fit",
        };
        let cause =
            format!("the module's BTF refers to the vmlinux that it was built with; it {outcome}");
        self.push(Finding::new(
            Source::Loader,
            Effect::Note,
            Stage::Formation,
            "btf",
            cause,
        ));
    }

    /// `mod_sysfs_setup()`: a name that is taken under `/sys/module`.
    pub(super) fn sysfs(&mut self, parts: &Parts<'_>) {
        let name = &parts.name;
        let running = self.target.running.as_ref();
        let now = running
            .map(|running| running.directories.contains(name) && !running.loaded.contains(name));
        let is_taken = now.or_else(|| self.is_builtin_directory(name));
        if is_taken == Some(true) {
            let line = format!("{name}: module is already loaded");
            let cause =
                format!("{name} is built into the target's kernel and has /sys/module/{name}");
            let finding = Finding::refused(Stage::Sysfs, "builtin-name", EINVAL, cause).log(line);
            return self.push(finding.mend(
                "rename the module, or configure the built-in one out of the target's kernel",
            ));
        }
        let is_builtin = self
            .target
            .installed
            .as_ref()
            .is_some_and(|installed| installed.builtin.contains(name));
        if now.is_none() && is_builtin {
            let cause = format!("{name} is built into the target's kernel; refused if a driver of it made /sys/module/{name}");
            self.push(Finding::unknown(Stage::Sysfs, "builtin-name", cause));
        }
    }
}

impl Judge<'_> {
    /// Whether a built-in module is known to have a directory under `/sys/module`, for its version or its parameters.
    /// The drivers of buses make such directories too, which only a running kernel tells.
    fn is_builtin_directory(&self, name: &str) -> Option<bool> {
        let installed = self.target.installed.as_ref()?;
        if installed.builtin_versions.contains(name) {
            return Some(true);
        }
        installed.builtin_parameters.get(name)?;
        self.surroundings.has_directory(name)
    }
}

/// Whether the module has the table of GPL-only symbols that newer kernels ignore.
fn is_obsolete(parts: &Parts<'_>) -> bool {
    parts.elf.find_allocated(b"__ksymtab_gpl").is_some()
}
