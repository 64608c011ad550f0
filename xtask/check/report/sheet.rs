// SPDX-License-Identifier: GPL-2.0

//! The sheet of a module, which needs no target: what it says of itself, and what that means.

use serde::Serialize;

use super::super::elf::{Elf, SHF_ALLOC, SHN_UNDEF, SHT_SYMTAB};
use super::super::machine::Machine;
use super::super::modinfo::{is_gpl_compatible, Modinfo};
use super::super::signature::{self, Message};
use super::super::versions::Table;
use super::super::{module_exports, stricter, vermagic};

/// One row of a sheet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// What it is.
    pub field: &'static str,
    /// What it is here.
    pub value: String,
    /// What that means.
    pub meaning: String,
}

/// A row.
pub(super) fn row(
    field: &'static str,
    value: impl Into<String>,
    meaning: impl Into<String>,
) -> Row {
    Row {
        field,
        value: value.into(),
        meaning: meaning.into(),
    }
}

/// The sheet of a module; none for a file that is no ELF file.
pub fn module(bytes: &[u8]) -> Option<Vec<Row>> {
    let module = signature::split(bytes)
        .and_then(Result::ok)
        .map_or(bytes, |signed| signed.module);
    let elf = Elf::parse(module)?;
    let modinfo = elf
        .section_named(b".modinfo")
        .map(Modinfo::parse)
        .unwrap_or_default();
    let mut rows = vec![row(
        "name",
        modinfo.text("name").unwrap_or_default(),
        "as the kernel and modprobe know it",
    )];
    rows.push(machine(&elf));
    rows.extend(magic(&modinfo));
    rows.extend(stricter::compilers(&elf).into_iter().map(|compiler| {
        row(
            "compiler",
            compiler,
            "from .comment; vermagic does not tell",
        )
    }));
    rows.push(license(&modinfo));
    rows.extend(words(&modinfo));
    rows.extend(tables(&elf));
    rows.push(symbols(&elf));
    rows.push(signed(bytes));
    Some(rows)
}

fn machine(elf: &Elf<'_>) -> Row {
    let name = Machine::by_number(elf.header.machine).map_or("unknown", |machine| machine.name);
    let bits = if elf.layout.is_64 { "64-bit" } else { "32-bit" };
    row(
        "arch",
        name,
        format!("ELF {bits}, machine {}", elf.header.machine),
    )
}

fn magic(modinfo: &Modinfo<'_>) -> Vec<Row> {
    let Some(magic) = modinfo.text("vermagic") else {
        return vec![row("vermagic", "none", "no kernel takes the module")];
    };
    let mut rows = vec![row(
        "vermagic",
        magic.clone(),
        "compared by the loader, word by word from the second on",
    )];
    rows.push(row(
        "  release",
        vermagic::release(&magic),
        "compared only where the module has no __versions",
    ));
    let words = magic.split(' ').skip(1).filter(|word| !word.is_empty());
    rows.extend(words.map(|word| row("  word", word, vermagic::meaning(word))));
    rows
}

fn license(modinfo: &Modinfo<'_>) -> Row {
    let license = modinfo
        .text("license")
        .unwrap_or_else(|| String::from("none"));
    let meaning = match is_gpl_compatible(license.as_bytes()) {
        true => "may use GPL-only symbols",
        false => "may not use GPL-only symbols, and taints the kernel",
    };
    row("license", license, meaning)
}

fn words(modinfo: &Modinfo<'_>) -> Vec<Row> {
    let each = |field: &'static str, tag: &'static str, meaning: &'static str| {
        modinfo
            .texts(tag)
            .filter(|value| !value.is_empty())
            .map(move |value| row(field, value, meaning))
            .collect::<Vec<_>>()
    };
    let mut rows = each("depends", "depends", "modules that modprobe loads first");
    rows.extend(each(
        "softdep",
        "softdep",
        "modules that modprobe loads if it can",
    ));
    rows.extend(each(
        "alias",
        "alias",
        "devices or names that load the module",
    ));
    rows.extend(each(
        "import_ns",
        "import_ns",
        "symbol namespace that the module may use",
    ));
    rows.extend(each("parameter", "parm", "name and description"));
    rows.extend(each("version", "version", "the module's own"));
    rows.extend(each("srcversion", "srcversion", "hash of its sources"));
    rows.extend(each(
        "intree",
        "intree",
        "built with the kernel: does not taint it",
    ));
    rows
}

fn tables(elf: &Elf<'_>) -> Vec<Row> {
    let basic = elf
        .section_named(b"__versions")
        .map(|section| section.len() / 64);
    let crcs = elf.section_named(b"__version_ext_crcs");
    let names = elf.section_named(b"__version_ext_names");
    let extended = crcs
        .zip(names)
        .map(|(crcs, names)| Table::extended(crcs, names, elf.layout));
    let mut rows = vec![match basic {
        Some(count) => row(
            "__versions",
            format!("{count} symbols"),
            "checksums of names under 56 characters",
        ),
        None => row(
            "__versions",
            "none",
            "the release in vermagic must be the kernel's own",
        ),
    }];
    rows.push(match &extended {
        Some(table) => row(
            "__version_ext",
            format!("{} symbols", table.count),
            "checksums of any name; the kernel (6.14 and later) reads only these",
        ),
        None => row("__version_ext", "none", "the kernel reads __versions"),
    });
    let long = extended
        .iter()
        .flat_map(Table::iter)
        .filter(|(name, _)| name.len() >= 56)
        .count();
    if long > 0 {
        rows.push(row(
            "  long names",
            format!("{long} symbols"),
            "invisible to modprobe --show-modversions and depmod -E",
        ));
    }
    rows
}

fn symbols(elf: &Elf<'_>) -> Row {
    let table = elf
        .sections
        .iter()
        .find(|section| section.kind == SHT_SYMTAB);
    let undefined = table.map_or(0, |table| {
        elf.symbols(table)
            .skip(1)
            .filter(|symbol| symbol.section == SHN_UNDEF)
            .count()
    });
    let exported = module_exports::read(elf).len();
    let memory: u64 = elf
        .sections
        .iter()
        .filter(|section| section.flags & SHF_ALLOC != 0)
        .map(|section| section.size)
        .fold(0, u64::saturating_add);
    row(
        "symbols",
        format!("{undefined} needed, {exported} exported"),
        format!("about {} KiB in memory", memory.div_ceil(1024)),
    )
}

fn signed(bytes: &[u8]) -> Row {
    match signature::split(bytes) {
        None => row("signature", "none", "refused where signatures are enforced"),
        Some(Err(_)) => row(
            "signature",
            "malformed",
            "refused by a kernel that checks signatures",
        ),
        Some(Ok(signed)) => match Message::parse(signed.message) {
            None => row(
                "signature",
                "malformed",
                "refused by a kernel that checks signatures",
            ),
            Some(message) => row(
                "signature",
                format!("PKCS#7, {}", message.hash_name()),
                message.signer_name(),
            ),
        },
    }
}

/// Rows as cells of a table.
pub fn cells(rows: &[Row]) -> Vec<Vec<String>> {
    rows.iter()
        .map(|row| {
            vec![
                String::from(row.field),
                row.value.clone(),
                row.meaning.clone(),
            ]
        })
        .collect()
}
