// SPDX-License-Identifier: GPL-2.0

//! How the loader relocates a module: `apply_relocations()`. It knows a short list of relocation types, and it checks
//! neither the place that a relocation changes nor the index of its symbol; what it does not check is told as such.

use object::elf::{R_AARCH64_ABS16, R_AARCH64_ABS32, R_X86_64_32};

use super::super::elf::{
    Relocation, Section, Symbol, SHF_RELA_LIVEPATCH, SHN_ABS, SHN_UNDEF, SHT_REL, SHT_RELA,
};
use super::super::finding::{Finding, Stage, ENOEXEC};
use super::super::machine::{Machine, ARM64, X86_64};
use super::{relocation_types, Judge, Parts};

/// One relocation section, and the section that it changes.
struct Place<'a> {
    machine: &'static Machine,
    target: Section,
    /// The bytes of the changed section; none where it has none in the file.
    contents: Option<&'a [u8]>,
    name: String,
    symbols: &'a [Symbol],
}

impl Judge<'_> {
    /// `apply_relocations()`.
    pub(super) fn relocations(&mut self, parts: &Parts<'_>) {
        let Some(machine) = Machine::by_number(parts.elf.header.machine) else {
            return;
        };
        if !relocation_types::is_known(machine) {
            let cause = format!(
                "which relocations the loader of {} takes is not known here",
                machine.name
            );
            return self.push(Finding::unknown(Stage::Relocations, "relocations", cause));
        }
        let symbols: Vec<Symbol> = parts.elf.symbols(&parts.symbols).collect();
        for section in parts.elf.sections.iter().skip(1) {
            let index = usize::try_from(section.info).unwrap_or(usize::MAX);
            let Some(target) = parts.elf.sections.get(index) else {
                continue;
            };
            let is_per_cpu = index != 0 && index == parts.per_cpu;
            if !is_per_cpu && !parts.is_loaded(index, target)
                || section.flags & SHF_RELA_LIVEPATCH != 0
            {
                continue;
            }
            let name = String::from_utf8_lossy(parts.elf.name(target)).into_owned();
            let contents = parts.elf.contents(target);
            let place = Place {
                machine,
                target: *target,
                contents,
                name,
                symbols: &symbols,
            };
            if let Some(finding) = self.relocate_section(parts, section, &place) {
                return self.push(finding);
            }
        }
    }

    fn relocate_section(
        &self,
        parts: &Parts<'_>,
        section: &Section,
        place: &Place<'_>,
    ) -> Option<Finding> {
        match section.kind {
            SHT_REL => {
                let line = format!("module {}: REL relocation unsupported", parts.name);
                let cause = "the module has relocations without addends, which the architecture does not use";
                Some(
                    Finding::refused(Stage::Relocations, "relocation-kind", ENOEXEC, cause)
                        .log(line),
                )
            }
            SHT_RELA => {
                let mut relocations = parts.elf.relocations(section);
                relocations.find_map(|relocation| self.relocate(parts, &relocation, place))
            }
            _ => None,
        }
    }

    /// What the loader says of one relocation, or what it should have said.
    fn relocate(
        &self,
        parts: &Parts<'_>,
        relocation: &Relocation,
        place: &Place<'_>,
    ) -> Option<Finding> {
        let symbol = usize::try_from(relocation.symbol)
            .ok()
            .and_then(|index| place.symbols.get(index));
        let Some(symbol) = symbol else {
            let cause = format!(
                "a relocation of {} names symbol {}, which does not exist; the loader does not check this and would \
                 read outside the symbol table",
                place.name, relocation.symbol
            );
            return Some(unchecked("relocation-symbol", cause));
        };
        let Some(width) = relocation_types::width(place.machine, relocation.kind) else {
            let line = relocation_types::unsupported(place.machine, &parts.name, relocation.kind);
            let cause = format!(
                "{} has a relocation of type {}, which the loader does not know",
                place.name, relocation.kind
            );
            let mend = "build the module through Kbuild, with the kernel's own compiler flags";
            return Some(
                Finding::refused(Stage::Relocations, "relocation-type", ENOEXEC, cause)
                    .log(line)
                    .mend(mend),
            );
        };
        let end = relocation.offset.checked_add(width);
        if width > 0 && end.is_none_or(|end| end > place.target.size) {
            let cause = format!(
                "a relocation changes offset {:#x} of {}, which has {:#x} bytes; the loader does not check this and \
                 the kernel would oops or be corrupted",
                relocation.offset, place.name, place.target.size
            );
            return Some(unchecked("relocation-offset", cause));
        }
        self.overflow(parts, relocation, symbol, place)
            .or_else(|| self.not_zero(relocation, width, place))
    }

    /// A relocation with too little room for the address that it is given.
    fn overflow(
        &self,
        parts: &Parts<'_>,
        relocation: &Relocation,
        symbol: &Symbol,
        place: &Place<'_>,
    ) -> Option<Finding> {
        let kind = relocation.kind;
        let limit = match kind {
            R_X86_64_32 if *place.machine == X86_64 => u64::from(u32::MAX),
            R_AARCH64_ABS32 if *place.machine == ARM64 => u64::from(u32::MAX),
            R_AARCH64_ABS16 if *place.machine == ARM64 => u64::from(u16::MAX),
            _ => return None,
        };
        let is_address = symbol.section != SHN_ABS && symbol.section != SHN_UNDEF;
        if !is_address && symbol.value.wrapping_add(relocation.addend) <= limit {
            return None;
        }
        let line = match *place.machine == ARM64 {
            true => format!(
                "Modules: module {}: overflow in relocation type {kind} val …",
                parts.name
            ),
            false => format!("module: overflow in relocation type {kind} val …"),
        };
        let cause = format!(
            "a relocation of type {kind} in {} has no room for an address of the kernel",
            place.name
        );
        let mend = "build the module through Kbuild, with the kernel's code model";
        Some(
            Finding::refused(Stage::Relocations, "relocation-overflow", ENOEXEC, cause)
                .log(line)
                .mend(mend),
        )
    }

    /// The loader of x86_64 wants zeros where it relocates.
    fn not_zero(&self, relocation: &Relocation, width: u64, place: &Place<'_>) -> Option<Finding> {
        if *place.machine != X86_64 {
            return None;
        }
        let bytes = super::super::bytes::slice(place.contents?, relocation.offset, width)?;
        if bytes.iter().all(|&byte| byte == 0) {
            return None;
        }
        let kind = relocation.kind;
        let told = if self.series.tells_relocation_place {
            "sec"
        } else {
            "type"
        };
        let number = if self.series.tells_relocation_place {
            String::new()
        } else {
            format!(" {kind},")
        };
        let line = format!(
            "module: x86/modules: Invalid relocation target, existing value is nonzero for {told}{number} …"
        );
        let cause = format!(
            "a relocation of type {kind} in {} finds other bytes than zeros",
            place.name
        );
        let mend = "build the module again; a tool has changed it after linking";
        Some(
            Finding::refused(Stage::Relocations, "relocation-target", ENOEXEC, cause)
                .log(line)
                .mend(mend),
        )
    }
}

fn unchecked(rule: &'static str, cause: String) -> Finding {
    Finding::unchecked(Stage::Relocations, rule, cause)
        .mend("build the module again; a tool has damaged it after linking")
}
