// SPDX-License-Identifier: GPL-2.0

//! What a module exports itself: the tables that modpost gave it, read through the names of its own symbols.

use std::collections::HashMap;

use super::bytes;
use super::elf::{Elf, Section, SHT_SYMTAB};
use super::exports::Line;
use super::machine::Machine;

/// The flag of a symbol that is for GPL-compatible modules only (`KSYM_FLAG_GPL_ONLY`).
const GPL_ONLY: u8 = 1;

/// An exported symbol of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleExport<'a> {
    /// Its name.
    pub name: &'a [u8],
    /// Its checksum, where the module has any.
    pub crc: Option<u32>,
    /// Only for modules whose licence is compatible with the GPL.
    pub gpl_only: bool,
    /// Its namespace; empty where it has none.
    pub namespace: String,
}

impl ModuleExport<'_> {
    /// The export as a line of `Module.symvers`.
    pub fn line<'l>(&'l self, owner: &'l str) -> Line<'l> {
        Line {
            name: self.name,
            crc: self.crc,
            owner,
            gpl_only: self.gpl_only,
            namespace: &self.namespace,
        }
    }
}

/// One pair of tables: the symbols, and their checksums.
struct Tables<'a> {
    symbols: usize,
    is_gpl: bool,
    crcs: Option<&'a [u8]>,
}

/// The exports of a module in the order in which the loader looks at them: the plain table, then the GPL-only one.
pub fn read<'a>(elf: &Elf<'a>) -> Vec<ModuleExport<'a>> {
    let contents = |name: &[u8]| {
        elf.find_allocated(name)
            .and_then(|index| elf.contents(elf.sections.get(index)?))
    };
    let tables = |symbols: &[u8], crcs: &[u8], is_gpl| {
        let symbols = elf.find_allocated(symbols)?;
        Some(Tables {
            symbols,
            is_gpl,
            crcs: contents(crcs),
        })
    };
    let plain = tables(b"__ksymtab", b"__kcrctab", false);
    let gpl = tables(b"__ksymtab_gpl", b"__kcrctab_gpl", true);
    let Some(table) = elf
        .sections
        .iter()
        .find(|section| section.kind == SHT_SYMTAB)
    else {
        return Vec::new();
    };
    if plain.is_none() && gpl.is_none() {
        return Vec::new();
    }
    let strings = usize::try_from(table.link)
        .ok()
        .and_then(|link| elf.contents(elf.sections.get(link)?));
    let symbols = named_symbols(elf, table, strings.unwrap_or_default());
    let flags = contents(b"__kflagstab");
    let each = |tables: Option<Tables<'a>>| {
        tables
            .map(|tables| exports(elf, &tables, &symbols, flags))
            .unwrap_or_default()
    };
    let mut exports = each(plain);
    exports.extend(each(gpl));
    exports
}

/// The symbols of the tables: `__ksymtab_X` with their sections, and the offsets of the strings that they refer to,
/// `__kstrtab_X` and `__kstrtabns_X`.
#[derive(Default)]
struct Symbols<'a> {
    entries: Vec<(&'a [u8], usize, u64)>,
    names: HashMap<&'a [u8], u64>,
    namespaces: HashMap<&'a [u8], u64>,
}

fn named_symbols<'a>(elf: &Elf<'a>, table: &Section, strings: &'a [u8]) -> Symbols<'a> {
    let mut symbols = Symbols::default();
    for symbol in elf.symbols(table) {
        let name = bytes::string(strings, u64::from(symbol.name)).unwrap_or_default();
        if let Some(name) = name.strip_prefix(b"__ksymtab_") {
            symbols
                .entries
                .push((name, usize::from(symbol.section), symbol.value));
        } else if let Some(name) = name.strip_prefix(b"__kstrtabns_") {
            symbols.namespaces.insert(name, symbol.value);
        } else if let Some(name) = name.strip_prefix(b"__kstrtab_") {
            symbols.names.insert(name, symbol.value);
        }
    }
    symbols
}

fn exports<'a>(
    elf: &Elf<'a>,
    tables: &Tables<'a>,
    symbols: &Symbols<'a>,
    flags: Option<&[u8]>,
) -> Vec<ModuleExport<'a>> {
    let size =
        Machine::by_number(elf.header.machine).map_or(12, |machine| machine.kernel_symbol_size);
    let strings = elf.section_named(b"__ksymtab_strings").unwrap_or_default();
    let mut entries: Vec<_> = symbols
        .entries
        .iter()
        .filter(|(_, section, _)| *section == tables.symbols)
        .collect();
    entries.sort_by_key(|(_, _, offset)| *offset);
    let export = |&&(name, _, offset): &&(&'a [u8], usize, u64)| {
        let index = offset / size;
        let flag = flags.and_then(|flags| flags.get(usize::try_from(index).ok()?));
        let string = |offsets: &HashMap<&'a [u8], u64>| bytes::string(strings, *offsets.get(name)?);
        let namespace = string(&symbols.namespaces);
        ModuleExport {
            name: string(&symbols.names).unwrap_or(name),
            crc: tables
                .crcs
                .and_then(|crcs| elf.layout.endian.u32(crcs, index.checked_mul(4)?)),
            gpl_only: tables.is_gpl || flag.is_some_and(|flag| flag & GPL_ONLY != 0),
            namespace: namespace.map(bytes::text).unwrap_or_default(),
        }
    };
    entries.iter().map(export).collect()
}
