// SPDX-License-Identifier: GPL-2.0

//! Whether a file has the structure of a module: `elf_validity_cache_copy()` and the functions that it calls, with
//! their messages.

use super::super::bytes;
use super::super::elf::{Elf, Section, SHF_ALLOC, SHT_NOBITS, SHT_NULL, SHT_STRTAB, SHT_SYMTAB};
use super::super::finding::{Finding, Stage, ENOEXEC};
use super::super::machine::Machine;
use super::super::modinfo::Modinfo;
use super::super::versions::{names_suffice, Table, Versions};
use super::headers::{check_header, check_sections, CastSigned};
use super::{Judge, Parts};

/// What the messages call a module whose name is not known.
const NAMELESS: &str = "(missing .modinfo section or name field)";

/// A structural rule that a file breaks: its name, the kernel's message, and the cause.
pub(super) type Broken = Box<(&'static str, String, String)>;

/// The rule is broken.
pub(super) fn broken<T>(
    rule: &'static str,
    message: impl Into<String>,
    cause: impl Into<String>,
) -> Result<T, Broken> {
    Err(Box::new((rule, message.into(), cause.into())))
}

impl Judge<'_> {
    /// The module's parts, if its structure is that of a module.
    pub(super) fn structure<'a>(&mut self, module: &'a [u8]) -> Option<Parts<'a>> {
        match self.parts(module) {
            Ok(parts) => Some(parts),
            Err(broken) => {
                let (rule, message, cause) = *broken;
                let mend = "build the module again for this target, and copy it whole";
                let finding = Finding::refused(Stage::Structure, rule, ENOEXEC, cause).mend(mend);
                self.push(if message.is_empty() {
                    finding
                } else {
                    finding.log(message)
                });
                None
            }
        }
    }

    fn parts<'a>(&mut self, module: &'a [u8]) -> Result<Parts<'a>, Broken> {
        let machine = self.target.machine.or_else(|| Machine::of_elf(module));
        let Some(machine) = machine else {
            return broken(
                "elf-machine",
                "",
                "the target's machine is not known, and the file does not name one",
            );
        };
        let header = check_header(module, machine)?;
        let elf = check_sections(module, machine, header)?;
        self.check_section_names(&elf)?;
        self.index(elf, machine)
    }

    fn check_section_names(&self, elf: &Elf<'_>) -> Result<(), Broken> {
        const RULE: &str = "section-names";
        let (index, count) = (elf.header.names_index, elf.header.section_count);
        let Some(names) = elf.sections.get(usize::from(index)).filter(|_| index != 0) else {
            let line = format!("Invalid ELF section name index: {index} || e_shstrndx ({index}) >= e_shnum ({count})");
            return broken(RULE, line, "the file has no section name table");
        };
        if self.series.checks_string_tables && names.kind != SHT_STRTAB {
            let line = format!("Invalid ELF section name table type: {}", names.kind);
            return broken(RULE, line, "the section name table is not a string table");
        }
        if names.size == 0 {
            return broken(
                RULE,
                "empty section name table",
                "the section name table is empty",
            );
        }
        let last = bytes::slice(elf.bytes, names.offset, names.size).and_then(|table| table.last());
        if last != Some(&0) {
            let line = "ELF Spec violation: section name table isn't null terminated";
            return broken(RULE, line, "the section name table does not end");
        }
        let outside = |section: &&(usize, &Section)| {
            section.1.kind != SHT_NULL && u64::from(section.1.name) >= names.size
        };
        if let Some((index, section)) = elf
            .sections
            .iter()
            .enumerate()
            .find(|entry| outside(&entry))
        {
            let line = format!(
                "Invalid ELF section name in module (section {index} type {})",
                section.kind
            );
            return broken(
                RULE,
                line,
                "a section's name lies outside the section name table",
            );
        }
        Ok(())
    }

    /// `elf_validity_cache_index()` and `elf_validity_cache_strtab()`.
    fn index<'a>(&mut self, elf: Elf<'a>, machine: &Machine) -> Result<Parts<'a>, Broken> {
        let info = unique(&elf, b".modinfo");
        if info.count > 1 {
            return broken(
                "modinfo",
                "Only one .modinfo section must exist.",
                "the file has more than one .modinfo section",
            );
        }
        let modinfo = info
            .section(&elf)
            .map(|section| contents(&elf, section))
            .unwrap_or_default();
        let modinfo = Modinfo::parse(modinfo);
        let early_name = modinfo.text("name");
        let this_module =
            self.check_this_module(&elf, early_name.as_deref().unwrap_or(NAMELESS))?;
        let symbols = check_symbol_table(&elf, early_name.as_deref().unwrap_or(NAMELESS))?;
        let strings = self.strings_section(&elf, &symbols)?;
        let (versions, mut dropped) = self.check_versions(&elf, machine)?;
        check_symbol_names(&elf, &symbols, strings)?;
        dropped.extend((info.count == 1).then_some(info.index));
        let name_offset = machine.module_name_offset();
        let name = bytes::string(contents(&elf, &this_module), name_offset).unwrap_or_default();
        let name = bytes::text(
            name.get(..usize::try_from(machine.module_name_length()).unwrap_or(0))
                .unwrap_or(name),
        );
        let info_name = early_name.unwrap_or_else(|| name.clone());
        let per_cpu = if self.target.option("SMP") == Some(false) {
            None
        } else {
            elf.find_allocated(b".data..percpu")
        };
        let per_cpu = per_cpu.unwrap_or(0);
        Ok(Parts {
            elf,
            modinfo,
            versions,
            info_name,
            name,
            symbols,
            strings,
            per_cpu,
            dropped,
        })
    }

    fn check_this_module(&mut self, elf: &Elf<'_>, name: &str) -> Result<Section, Broken> {
        const RULE: &str = "this-module";
        let found = unique(elf, b".gnu.linkonce.this_module");
        let Some(section) = found.section(elf).filter(|_| found.count == 1) else {
            let line =
                format!("module {name}: Exactly one .gnu.linkonce.this_module section must exist.");
            return broken(
                RULE,
                line,
                "the file has no struct module, or more than one: modpost did not finish it",
            );
        };
        if section.kind == SHT_NOBITS {
            let line =
                format!("module {name}: .gnu.linkonce.this_module section must have a size set");
            return broken(RULE, line, "the struct module has no bytes in the file");
        }
        if section.flags & SHF_ALLOC == 0 {
            let line = format!("module {name}: .gnu.linkonce.this_module must occupy memory during process execution");
            return broken(RULE, line, "the struct module is not marked as loadable");
        }
        match self.target.module_size {
            Some(size) if size != section.size => {
                let line = format!(
                    "module {name}: .gnu.linkonce.this_module section size must match the kernel's built struct module size at run time"
                );
                let cause = format!("the module's struct module has {} bytes, the target's has {size}", section.size);
                return broken(RULE, line, cause);
            }
            Some(_) => {}
            None => self.push(Finding::unknown(
                Stage::Structure,
                "this-module-size",
                "the size of the target's struct module is not known (no module or BTF of the target at hand)",
            )),
        }
        Ok(*section)
    }

    fn strings_section<'a>(&self, elf: &Elf<'a>, symbols: &Section) -> Result<&'a [u8], Broken> {
        const RULE: &str = "symbol-names";
        let (link, count) = (symbols.link, elf.header.section_count);
        let section = usize::try_from(link)
            .ok()
            .and_then(|link| elf.sections.get(link))
            .filter(|_| link != 0);
        let Some(section) = section else {
            // The kernel prints all three numbers with %d.
            let link = link.cast_signed_stable();
            let line = format!("Invalid ELF sh_link!=SHN_UNDEF({link}) or (sh_link({link}) >= hdr->e_shnum({count})");
            return broken(RULE, line, "the symbol table names no string table");
        };
        if self.series.checks_string_tables && section.kind != SHT_STRTAB {
            let line = format!("Invalid ELF symbol string table type: {}", section.kind);
            return broken(RULE, line, "the symbol string table is not a string table");
        }
        Ok(bytes::slice(elf.bytes, section.offset, section.size).unwrap_or_default())
    }

    /// `elf_validity_cache_index_versions()`; also the indices of the sections that hold the tables.
    fn check_versions<'a>(
        &self,
        elf: &Elf<'a>,
        machine: &Machine,
    ) -> Result<(Versions<'a>, Vec<usize>), Broken> {
        const RULE: &str = "extended-versions";
        let section = |index: Option<usize>| index.and_then(|index| elf.sections.get(index));
        let bytes = |index| section(index).map(|section| contents(elf, section));
        let basic = elf.find_allocated(b"__versions");
        let (mut crcs, mut names) = (None, None);
        if self.series.reads_extended {
            crcs = elf.find_allocated(b"__version_ext_crcs");
            names = elf.find_allocated(b"__version_ext_names");
        }
        if crcs.is_some() != names.is_some() {
            let line = "extended version crc+name presence does not match";
            return broken(
                RULE,
                line,
                "one of __version_ext_crcs and __version_ext_names is missing",
            );
        }
        let extended = bytes(crcs).zip(bytes(names));
        if extended.is_some_and(|(crcs, names)| !names_suffice(crcs, names)) {
            let line = "more extended version crcs than names";
            return broken(
                RULE,
                line,
                "__version_ext_names has fewer names than __version_ext_crcs has checksums",
            );
        }
        let versions = Versions {
            basic: bytes(basic).map(|section| Table::basic(section, machine)),
            extended: extended.map(|(crcs, names)| Table::extended(crcs, names, elf.layout)),
        };
        Ok((
            versions,
            [basic, crcs, names].into_iter().flatten().collect(),
        ))
    }
}

/// `elf_validity_cache_index_sym()`.
fn check_symbol_table(elf: &Elf<'_>, name: &str) -> Result<Section, Broken> {
    let mut tables = elf
        .sections
        .iter()
        .skip(1)
        .filter(|section| section.kind == SHT_SYMTAB);
    match (tables.next(), tables.next()) {
        (Some(table), None) => Ok(*table),
        _ => broken(
            "symbol-table",
            format!("{name}: module has no symbols (stripped?)"),
            "the file has no symbol table, or more than one: it was stripped of all symbols",
        ),
    }
}

/// `elf_validity_cache_strtab()`.
fn check_symbol_names(elf: &Elf<'_>, symbols: &Section, strings: &[u8]) -> Result<(), Broken> {
    const RULE: &str = "symbol-names";
    match (strings.first(), strings.last()) {
        (None, _) => {
            return broken(
                RULE,
                "empty symbol string table",
                "the symbol string table is empty",
            )
        }
        (Some(0), Some(0)) => {}
        (Some(0), _) => {
            let line = "symbol string table isn't NUL terminated";
            return broken(RULE, line, "the symbol string table does not end");
        }
        _ => {
            let line = "symbol string table missing leading NUL";
            return broken(
                RULE,
                line,
                "the symbol string table does not start with an empty string",
            );
        }
    }
    let length = strings.len() as u64;
    if elf
        .symbols(symbols)
        .any(|symbol| u64::from(symbol.name) >= length)
    {
        let line = "symbol name out of bounds in string table";
        return broken(RULE, line, "a symbol's name lies outside the string table");
    }
    Ok(())
}

/// What `find_any_unique_sec()` finds.
struct Unique {
    index: usize,
    count: usize,
}

impl Unique {
    fn section<'e>(&self, elf: &'e Elf<'_>) -> Option<&'e Section> {
        elf.sections.get(self.index).filter(|_| self.count > 0)
    }
}

fn unique(elf: &Elf<'_>, name: &[u8]) -> Unique {
    let sections = elf.sections.iter().enumerate().skip(1);
    let mut found = sections
        .filter(|(_, section)| elf.is_named(section, name))
        .map(|(index, _)| index);
    let first = found.next();
    Unique {
        index: first.unwrap_or(0),
        count: usize::from(first.is_some()) + found.count(),
    }
}

/// The bytes that the kernel sees at a section's offset, whatever the section's type.
fn contents<'a>(elf: &Elf<'a>, section: &Section) -> &'a [u8] {
    bytes::slice(elf.bytes, section.offset, section.size).unwrap_or_default()
}
