// SPDX-License-Identifier: GPL-2.0

//! What the loader checks while it lays a module out: the architecture's own sections, permissions of sections, the
//! tables of exported symbols, and the namespaces that a module imports.

use super::super::elf::{SHF_EXECINSTR, SHF_WRITE, SHT_RELA};
use super::super::finding::{Finding, Stage, EINVAL, ENOEXEC, EPERM};
use super::super::machine::{Machine, ARM64};
use super::{Judge, Parts};

impl Judge<'_> {
    /// `layout_and_allocate()`; false where going on would tell nonsense.
    pub(super) fn layout(&mut self, parts: &Parts<'_>) -> bool {
        self.frob_sections(parts) && self.writable_code(parts)
    }

    fn is_arm64(parts: &Parts<'_>) -> bool {
        Machine::by_number(parts.elf.header.machine) == Some(&ARM64)
    }

    /// `module_frob_arch_sections()` of arm64.
    fn frob_sections(&mut self, parts: &Parts<'_>) -> bool {
        if !Self::is_arm64(parts) {
            return true;
        }
        let any = |name: &[u8]| {
            parts
                .elf
                .sections
                .iter()
                .skip(1)
                .any(|section| parts.elf.is_named(section, name))
        };
        if !any(b".plt") || !any(b".init.plt") {
            let line = format!("{}: module PLT section(s) missing", parts.name);
            let cause = "the module has no .plt and .init.plt sections: it was not linked with the kernel's module.lds";
            self.push(
                Finding::refused(Stage::Layout, "plt", ENOEXEC, cause)
                    .log(line)
                    .mend("link it through Kbuild"),
            );
            return false;
        }
        let count = u32::from(parts.elf.header.section_count);
        let stray = parts
            .elf
            .sections
            .iter()
            .any(|section| section.kind == SHT_RELA && section.info >= count);
        if stray {
            let cause = "a relocation section names a section that does not exist; the loader does not check this on \
                         arm64 and would read outside the file";
            self.push(
                Finding::unchecked(Stage::Layout, "relocation-section", cause)
                    .mend("build the module again"),
            );
        }
        !stray
    }

    /// `module_enforce_rwx_sections()`.
    fn writable_code(&mut self, parts: &Parts<'_>) -> bool {
        const BOTH: u64 = SHF_WRITE | SHF_EXECINSTR;
        if self.target.option("STRICT_MODULE_RWX") == Some(false) {
            return true;
        }
        let mut sections = parts.elf.sections.iter().enumerate();
        let Some((index, section)) = sections.find(|(_, section)| section.flags & BOTH == BOTH)
        else {
            return true;
        };
        let section = String::from_utf8_lossy(parts.elf.name(section));
        let line = format!(
            "{}: section {section} (index {index}) has invalid WRITE|EXEC flags",
            parts.name
        );
        let cause = format!(
            "section {section} is writable and executable, which CONFIG_STRICT_MODULE_RWX forbids"
        );
        self.push(Finding::refused(Stage::Layout, "writable-code", ENOEXEC, cause).log(line));
        true
    }

    /// `find_module_sections()` and the check of the tables of exported symbols.
    pub(super) fn sections(&mut self, parts: &Parts<'_>) {
        self.constructors(parts);
        let has = |name: &[u8]| parts.elf.find_allocated(name).is_some();
        let (plain, gpl) = (
            exported(parts, b"__ksymtab"),
            exported(parts, b"__ksymtab_gpl"),
        );
        if self.series.has_flag_table {
            for name in ["__ksymtab_gpl", "__kcrctab_gpl"]
                .into_iter()
                .filter(|name| has(name.as_bytes()))
            {
                let line = format!("{}: ignoring obsolete section {name}", parts.name);
                let cause = format!(
                    "the kernel ignores {name}: what the module exports there is not exported"
                );
                let finding =
                    Finding::warning(Stage::Sections, "obsolete-section", cause).log(line);
                self.push(finding.mend("build the module for the target's series"));
            }
            if plain > 0 && !has(b"__kflagstab") {
                let line = format!("{}: no flags for exported symbols", parts.name);
                let cause = "the module exports symbols without a __kflagstab: it was built for an older series";
                let finding =
                    Finding::refused(Stage::Sections, "export-flags", ENOEXEC, cause).log(line);
                return self.push(finding.mend("build the module for the target's series"));
            }
        }
        let without_crcs = plain > 0 && !has(b"__kcrctab");
        let gpl_without_crcs = !self.series.has_flag_table && gpl > 0 && !has(b"__kcrctab_gpl");
        if self.target.modversions() == Some(true) && (without_crcs || gpl_without_crcs) {
            const REASON: &str = "no versions for exported symbols";
            let cause = "the module exports symbols without checksums, and the target wants them (CONFIG_MODVERSIONS)";
            self.force_load(
                Stage::Sections,
                "export-versions",
                &parts.name,
                REASON,
                cause,
            );
        }
    }

    fn constructors(&mut self, parts: &Parts<'_>) {
        let has = |name: &[u8]| parts.elf.find_allocated(name).is_some();
        if self.target.option("CONSTRUCTORS") == Some(true) && has(b".ctors") && has(b".init_array")
        {
            let line = format!("{}: has both .ctors and .init_array.", parts.name);
            let cause =
                "the module has constructors in two sections: two compilers built its parts";
            self.push(Finding::refused(Stage::Sections, "constructors", EINVAL, cause).log(line));
        }
    }

    /// `setup_modinfo()`.
    pub(super) fn import_namespaces(&mut self, parts: &Parts<'_>) {
        let first = parts
            .modinfo
            .texts("import_ns")
            .find(|namespace| namespace.starts_with("module:"));
        if let Some(namespace) = first.filter(|_| self.series.has_module_namespaces) {
            let line = format!(
                "{}: module tries to import module namespace: {namespace}",
                parts.name
            );
            let cause = "the module imports a module: namespace, which only the kernel may grant";
            self.push(Finding::refused(Stage::Modinfo, "module-namespace", EPERM, cause).log(line));
        }
    }

    /// `module_finalize()` of arm64.
    pub(super) fn finalize(&mut self, parts: &Parts<'_>) {
        if !Self::is_arm64(parts) || self.target.option("DYNAMIC_FTRACE") != Some(true) {
            return;
        }
        for name in [".text.ftrace_trampoline", ".init.text.ftrace_trampoline"] {
            let named = parts
                .elf
                .sections
                .iter()
                .any(|section| parts.elf.is_named(section, name.as_bytes()));
            if !named {
                let cause = format!("the module has no {name}, which CONFIG_DYNAMIC_FTRACE needs; the kernel logs nothing");
                self.push(Finding::refused(
                    Stage::Finalize,
                    "ftrace-trampoline",
                    ENOEXEC,
                    cause,
                ));
                return;
            }
        }
    }
}

/// How many symbols a table of exported symbols holds.
fn exported(parts: &Parts<'_>, name: &[u8]) -> u64 {
    let size = Machine::by_number(parts.elf.header.machine)
        .map_or(12, |machine| machine.kernel_symbol_size);
    let section = parts
        .elf
        .find_allocated(name)
        .and_then(|index| parts.elf.sections.get(index));
    section.map_or(0, |section| section.size / size)
}
