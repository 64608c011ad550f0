// SPDX-License-Identifier: GPL-2.0

//! Hand-made modules for the tests: a writer of small ELF files, 64-bit and little-endian.

use super::config::Config;
use super::elf::{SHF_ALLOC, SHF_EXECINSTR, SHT_RELA, SHT_STRTAB, SHT_SYMTAB};
use super::exports::{Exports, Line, KERNEL};
use super::machine::{Machine, ARM64};
use super::target::Target;

/// `sh_type` of a section of the program's own.
pub(crate) const PROGRAM_BITS: u32 = 1;
/// The size of `struct module` in the fixtures, in bytes.
pub(crate) const MODULE_SIZE: u64 = 256;
/// The configuration of the fixtures' kernel.
pub(crate) const CONFIG: &str =
    "CONFIG_SMP=y\nCONFIG_MODVERSIONS=y\nCONFIG_MODULE_UNLOAD=y\nCONFIG_STRICT_MODULE_RWX=y\n";
/// Its version magic.
pub(crate) const MAGIC: &str = "6.18.0 SMP mod_unload modversions aarch64";

/// A section to be written.
#[derive(Clone)]
pub(crate) struct Section {
    pub(crate) name: &'static str,
    pub(crate) kind: u32,
    pub(crate) flags: u64,
    pub(crate) data: Vec<u8>,
    pub(crate) link: u32,
    pub(crate) info: u32,
}

/// A symbol to be written: name, section index, binding.
#[derive(Clone)]
pub(crate) struct Symbol(pub(crate) &'static str, pub(crate) u16, pub(crate) u8);

/// A module to be written.
#[derive(Clone)]
pub(crate) struct Module {
    pub(crate) machine: &'static Machine,
    pub(crate) sections: Vec<Section>,
    pub(crate) symbols: Vec<Symbol>,
}

/// A section that the kernel loads.
pub(crate) fn section(name: &'static str, data: impl Into<Vec<u8>>) -> Section {
    Section {
        name,
        kind: PROGRAM_BITS,
        flags: SHF_ALLOC,
        data: data.into(),
        link: 0,
        info: 0,
    }
}

/// The bytes of a relocation.
pub(crate) fn relocation(offset: u64, kind: u32, symbol: u32) -> Vec<u8> {
    let info = (u64::from(symbol) << 32) | u64::from(kind);
    [offset, info, 0]
        .iter()
        .flat_map(|word| word.to_le_bytes())
        .collect()
}

/// A `__versions` section.
pub(crate) fn basic(entries: &[(&str, u64)]) -> Vec<u8> {
    let entry = |(name, crc): &(&str, u64)| {
        let mut entry = crc.to_le_bytes().to_vec();
        entry.extend_from_slice(name.as_bytes());
        entry.resize(64, 0);
        entry
    };
    entries.iter().flat_map(entry).collect()
}

/// The two extended sections.
pub(crate) fn extended(entries: &[(&str, u32)]) -> [Section; 2] {
    let crcs: Vec<u8> = entries
        .iter()
        .flat_map(|(_, crc)| crc.to_le_bytes())
        .collect();
    let names: String = entries.iter().flat_map(|(name, _)| [name, "\0"]).collect();
    [
        section("__version_ext_crcs", crcs),
        section("__version_ext_names", names),
    ]
}

impl Module {
    /// A module that loads on [`kernel`]: it needs `printk`, and `helper`, which is GPL-only.
    pub(crate) fn good() -> Module {
        let mut this_module = vec![0; usize::try_from(MODULE_SIZE).unwrap()];
        this_module[24..28].copy_from_slice(b"demo");
        let text = Section {
            flags: SHF_ALLOC | SHF_EXECINSTR,
            ..section(".text", [0; 16])
        };
        let rela = Section {
            kind: SHT_RELA,
            flags: 0,
            info: 3,
            ..section(
                ".rela.text",
                [relocation(0, 283, 1), relocation(4, 283, 2)].concat(),
            )
        };
        let modinfo = format!("license=GPL\0name=demo\0vermagic={MAGIC}\0");
        let mut sections = vec![section(".plt", [0]), section(".init.plt", [0]), text, rela];
        sections.push(section(".modinfo", modinfo));
        sections.push(section(".gnu.linkonce.this_module", this_module));
        sections.push(section(
            "__versions",
            basic(&[("module_layout", 1), ("printk", 2), ("helper", 3)]),
        ));
        sections.extend(extended(&[
            ("module_layout", 1),
            ("printk", 2),
            ("helper", 3),
        ]));
        let symbols = vec![Symbol("printk", 0, 1), Symbol("helper", 0, 1)];
        Module {
            machine: &ARM64,
            sections,
            symbols,
        }
    }

    /// The section of this name.
    pub(crate) fn section(&mut self, name: &str) -> &mut Section {
        self.sections
            .iter_mut()
            .find(|section| section.name == name)
            .unwrap()
    }

    /// The module without a section.
    pub(crate) fn without(mut self, name: &str) -> Module {
        self.section(name).name = ".gone";
        self
    }

    /// The module with other contents of a section.
    pub(crate) fn with(mut self, name: &str, data: impl Into<Vec<u8>>) -> Module {
        self.section(name).data = data.into();
        self
    }

    /// The module with another `.modinfo`, to which name and magic are added.
    pub(crate) fn with_modinfo(self, text: &str) -> Module {
        self.with(".modinfo", format!("name=demo\0vermagic={MAGIC}\0{text}"))
    }

    /// The file.
    pub(crate) fn write(&self) -> Vec<u8> {
        let mut sections = self.sections.clone();
        let (symbols, strings) = self.symbol_table();
        let link = u32::try_from(sections.len() + 2).unwrap();
        sections.push(Section {
            kind: SHT_SYMTAB,
            flags: 0,
            link,
            ..section(".symtab", symbols)
        });
        sections.push(Section {
            kind: SHT_STRTAB,
            flags: 0,
            ..section(".strtab", strings)
        });
        sections.push(Section {
            kind: SHT_STRTAB,
            flags: 0,
            ..section(".shstrtab", [])
        });
        let names: String = sections
            .iter()
            .flat_map(|section| [section.name, "\0"])
            .collect();
        sections.last_mut().unwrap().data = format!("\0{names}").into_bytes();
        file(self.machine, &sections)
    }

    fn symbol_table(&self) -> (Vec<u8>, Vec<u8>) {
        let (mut symbols, mut strings) = (vec![0; 24], vec![0]);
        for Symbol(name, section, binding) in &self.symbols {
            symbols.extend(u32::try_from(strings.len()).unwrap().to_le_bytes());
            symbols.extend([binding << 4, 0]);
            symbols.extend(section.to_le_bytes());
            symbols.extend([0; 16]);
            strings.extend_from_slice(name.as_bytes());
            strings.push(0);
        }
        (symbols, strings)
    }
}

fn file(machine: &Machine, sections: &[Section]) -> Vec<u8> {
    let mut bytes = vec![0; 64];
    bytes[..8].copy_from_slice(&[0x7f, b'E', b'L', b'F', 2, 1, 1, 0]);
    bytes[16..18].copy_from_slice(&1u16.to_le_bytes());
    bytes[18..20].copy_from_slice(&machine.number.to_le_bytes());
    let mut headers = vec![0; 64];
    let mut name = 1u32;
    for section in sections {
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        let place = [bytes.len() as u64, section.data.len() as u64];
        bytes.extend_from_slice(&section.data);
        headers.extend(
            [name, section.kind]
                .iter()
                .flat_map(|word| word.to_le_bytes()),
        );
        headers.extend(
            [section.flags, 0, place[0], place[1]]
                .iter()
                .flat_map(|word| word.to_le_bytes()),
        );
        headers.extend(
            [section.link, section.info]
                .iter()
                .flat_map(|word| word.to_le_bytes()),
        );
        headers.extend([0; 16]);
        name += u32::try_from(section.name.len()).unwrap() + 1;
    }
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    let table = bytes.len() as u64;
    bytes[40..48].copy_from_slice(&table.to_le_bytes());
    bytes[58..60].copy_from_slice(&64u16.to_le_bytes());
    let count = u16::try_from(sections.len()).unwrap();
    bytes[60..62].copy_from_slice(&(count + 1).to_le_bytes());
    bytes[62..64].copy_from_slice(&count.to_le_bytes());
    bytes.extend_from_slice(&headers);
    bytes
}

/// A kernel for the fixtures; `release` chooses the series.
pub(crate) fn kernel(release: &str) -> Target {
    let mut exports = Exports::default();
    exports.is_complete = true;
    exports.has_modules = true;
    let mut add = |name: &str, crc, gpl_only, namespace: &str, owner: &str| {
        exports.insert(Line {
            name: name.as_bytes(),
            crc: Some(crc),
            owner,
            gpl_only,
            namespace,
        });
    };
    add("module_layout", 1, false, "", KERNEL);
    add("printk", 2, false, "", KERNEL);
    add("helper", 3, true, "", KERNEL);
    add("spaced", 4, false, "SPACE", KERNEL);
    add("for_demo", 5, false, "module:demo,other", KERNEL);
    add("for_other", 6, false, "module:other", KERNEL);
    add("lent", 7, false, "", "lender");
    Target {
        release: Some(release.into()),
        vermagic: Some(MAGIC.replace("6.18.0", release)),
        machine: Some(&ARM64),
        config: Some(Config::parse(CONFIG)),
        exports,
        module_size: Some(MODULE_SIZE),
        ..Target::default()
    }
}

/// A kernel of series 6.18 with more options.
pub(crate) fn kernel_with(options: &str) -> Target {
    Target {
        config: Some(Config::parse(&format!("{CONFIG}{options}"))),
        ..kernel("6.18.0")
    }
}
