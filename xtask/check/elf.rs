// SPDX-License-Identifier: GPL-2.0

//! The parts of an ELF file that the module loader reads, read the way it reads them: with the class and the byte
//! order of the kernel's own machine, whatever the file says of itself.

use super::bytes::{self, Endian};
use super::machine::Machine;

/// `sh_type` of a section that is not there.
pub const SHT_NULL: u32 = 0;
/// `sh_type` of a symbol table.
pub const SHT_SYMTAB: u32 = 2;
/// `sh_type` of a string table.
pub const SHT_STRTAB: u32 = 3;
/// `sh_type` of relocations with addends.
pub const SHT_RELA: u32 = 4;
/// `sh_type` of a section without bytes in the file.
pub const SHT_NOBITS: u32 = 8;
/// `sh_type` of relocations without addends.
pub const SHT_REL: u32 = 9;
/// `sh_flags`: writable.
pub const SHF_WRITE: u64 = 1;
/// `sh_flags`: occupies memory.
pub const SHF_ALLOC: u64 = 2;
/// `sh_flags`: executable.
pub const SHF_EXECINSTR: u64 = 4;
/// `sh_flags`: relocations that livepatch applies later.
pub const SHF_RELA_LIVEPATCH: u64 = 0x0010_0000;
/// `st_shndx` of an undefined symbol.
pub const SHN_UNDEF: u16 = 0;
/// `st_shndx` of a symbol that livepatch resolves.
pub const SHN_LIVEPATCH: u16 = 0xff20;
/// `st_shndx` of an absolute symbol.
pub const SHN_ABS: u16 = 0xfff1;
/// `st_shndx` of a common symbol.
pub const SHN_COMMON: u16 = 0xfff2;
/// `st_info` binding of a weak symbol.
pub const STB_WEAK: u8 = 2;

/// An ELF header.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    /// `e_type`.
    pub file_type: u16,
    /// `e_machine`.
    pub machine: u16,
    /// `e_shoff`, bytes.
    pub section_offset: u64,
    /// `e_shentsize`, bytes.
    pub section_size: u16,
    /// `e_shnum`.
    pub section_count: u16,
    /// `e_shstrndx`.
    pub names_index: u16,
}

/// A section header.
#[derive(Clone, Copy, Debug, Default)]
pub struct Section {
    /// `sh_name`, bytes into the section name table.
    pub name: u32,
    /// `sh_type`.
    pub kind: u32,
    /// `sh_flags`.
    pub flags: u64,
    /// `sh_addr`.
    pub address: u64,
    /// `sh_offset`, bytes into the file.
    pub offset: u64,
    /// `sh_size`, bytes.
    pub size: u64,
    /// `sh_link`.
    pub link: u32,
    /// `sh_info`.
    pub info: u32,
}

/// A symbol.
#[derive(Clone, Copy, Debug)]
pub struct Symbol {
    /// `st_name`, bytes into the string table.
    pub name: u32,
    /// `st_info`: binding and type.
    pub info: u8,
    /// `st_shndx`.
    pub section: u16,
    /// `st_value`.
    pub value: u64,
}

/// A relocation with an addend.
#[derive(Clone, Copy, Debug)]
pub struct Relocation {
    /// `r_offset`, bytes into the section that it changes.
    pub offset: u64,
    /// The type in `r_info`.
    pub kind: u32,
    /// The symbol in `r_info`.
    pub symbol: u32,
    /// `r_addend`.
    pub addend: u64,
}

/// How the numbers of an ELF file lie: its class and byte order.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// 64-bit or 32-bit.
    pub is_64: bool,
    /// The order of bytes.
    pub endian: Endian,
}

impl Layout {
    /// The layout of the files of a machine.
    pub fn of(machine: &Machine) -> Layout {
        Layout {
            is_64: machine.is_64,
            endian: machine.endian,
        }
    }

    /// The size of an ELF header in bytes.
    pub fn header_size(self) -> u64 {
        if self.is_64 {
            64
        } else {
            52
        }
    }

    /// The size of a section header in bytes.
    pub fn section_size(self) -> u64 {
        if self.is_64 {
            64
        } else {
            40
        }
    }

    /// The size of a symbol in bytes.
    pub fn symbol_size(self) -> u64 {
        if self.is_64 {
            24
        } else {
            16
        }
    }

    /// The size of a relocation with addend in bytes.
    pub fn relocation_size(self) -> u64 {
        if self.is_64 {
            24
        } else {
            12
        }
    }

    /// A machine word at `offset`.
    pub fn word(self, bytes: &[u8], offset: u64) -> Option<u64> {
        if self.is_64 {
            self.endian.u64(bytes, offset)
        } else {
            self.endian.u32(bytes, offset).map(u64::from)
        }
    }

    /// The ELF header at the start of `bytes`.
    pub fn header(self, bytes: &[u8]) -> Option<Header> {
        let tail = if self.is_64 { 58 } else { 46 };
        Some(Header {
            file_type: self.endian.u16(bytes, 16)?,
            machine: self.endian.u16(bytes, 18)?,
            section_offset: self.word(bytes, if self.is_64 { 40 } else { 32 })?,
            section_size: self.endian.u16(bytes, tail)?,
            section_count: self.endian.u16(bytes, tail + 2)?,
            names_index: self.endian.u16(bytes, tail + 4)?,
        })
    }

    /// The section header at `offset`.
    pub fn section(self, bytes: &[u8], offset: u64) -> Option<Section> {
        let word = if self.is_64 { 8 } else { 4 };
        let bytes = bytes::slice(bytes, offset, self.section_size())?;
        Some(Section {
            name: self.endian.u32(bytes, 0)?,
            kind: self.endian.u32(bytes, 4)?,
            flags: self.word(bytes, 8)?,
            address: self.word(bytes, 8 + word)?,
            offset: self.word(bytes, 8 + 2 * word)?,
            size: self.word(bytes, 8 + 3 * word)?,
            link: self.endian.u32(bytes, 8 + 4 * word)?,
            info: self.endian.u32(bytes, 12 + 4 * word)?,
        })
    }

    /// The symbol that `bytes` start with.
    pub fn symbol(self, bytes: &[u8]) -> Option<Symbol> {
        let (info, section, value) = if self.is_64 { (4, 6, 8) } else { (12, 14, 4) };
        Some(Symbol {
            name: self.endian.u32(bytes, 0)?,
            info: *bytes.get(info)?,
            section: self.endian.u16(bytes, section)?,
            value: self.word(bytes, value)?,
        })
    }

    /// The relocation that `bytes` start with.
    pub fn relocation(self, bytes: &[u8]) -> Option<Relocation> {
        let word = if self.is_64 { 8 } else { 4 };
        let info = self.word(bytes, word)?;
        let (symbol, kind) = if self.is_64 {
            (info >> 32, info & 0xffff_ffff)
        } else {
            (info >> 8, info & 0xff)
        };
        Some(Relocation {
            offset: self.word(bytes, 0)?,
            kind: u32::try_from(kind).ok()?,
            symbol: u32::try_from(symbol).ok()?,
            addend: self.word(bytes, 2 * word)?,
        })
    }
}

/// A file whose section headers are known to lie inside it.
#[derive(Clone, Debug)]
pub struct Elf<'a> {
    /// The file.
    pub bytes: &'a [u8],
    /// How its numbers lie.
    pub layout: Layout,
    /// Its header.
    pub header: Header,
    /// Its section headers.
    pub sections: Vec<Section>,
}

impl<'a> Elf<'a> {
    /// Reads a file by what it says of itself, with no rules but that its section headers lie inside it.
    pub fn parse(bytes: &'a [u8]) -> Option<Elf<'a>> {
        if !bytes.starts_with(b"\x7fELF") {
            return None;
        }
        let endian = if *bytes.get(5)? == 2 {
            Endian::Big
        } else {
            Endian::Little
        };
        Elf::with_layout(
            bytes,
            Layout {
                is_64: *bytes.get(4)? == 2,
                endian,
            },
        )
    }

    /// Reads a file with this layout.
    pub fn with_layout(bytes: &'a [u8], layout: Layout) -> Option<Elf<'a>> {
        let header = layout.header(bytes)?;
        let table = bytes::slice(
            bytes,
            header.section_offset,
            u64::from(header.section_count).checked_mul(layout.section_size())?,
        )?;
        let sections = (0..u64::from(header.section_count))
            .map_while(|index| layout.section(table, index * layout.section_size()))
            .collect();
        Some(Elf {
            bytes,
            layout,
            header,
            sections,
        })
    }

    /// The section name table; empty where the file has none.
    fn names(&self) -> &'a [u8] {
        let names = self.sections.get(usize::from(self.header.names_index));
        names
            .and_then(|names| bytes::slice(self.bytes, names.offset, names.size))
            .unwrap_or_default()
    }

    /// The name of a section; empty where the name table does not hold it.
    pub fn name(&self, section: &Section) -> &'a [u8] {
        bytes::string(self.names(), u64::from(section.name)).unwrap_or_default()
    }

    /// Whether a section has this name.
    pub fn is_named(&self, section: &Section, name: &[u8]) -> bool {
        bytes::string_is(self.names(), u64::from(section.name), name)
    }

    /// The bytes of a section; none for a section without bytes, or one that the file does not hold whole.
    pub fn contents(&self, section: &Section) -> Option<&'a [u8]> {
        if section.kind == SHT_NOBITS || section.kind == SHT_NULL {
            return None;
        }
        bytes::slice(self.bytes, section.offset, section.size)
    }

    /// The index of the first section that occupies memory and has this name.
    pub fn find_allocated(&self, name: &[u8]) -> Option<usize> {
        let sections = self.sections.iter().enumerate().skip(1);
        sections
            .filter(|(_, section)| section.flags & SHF_ALLOC != 0)
            .find(|(_, section)| self.is_named(section, name))
            .map(|(index, _)| index)
    }

    /// The bytes of the first section of this name.
    pub fn section_named(&self, name: &[u8]) -> Option<&'a [u8]> {
        let section = self
            .sections
            .iter()
            .skip(1)
            .find(|section| self.is_named(section, name))?;
        self.contents(section)
    }

    /// The symbols of a symbol table.
    pub fn symbols(&self, table: &Section) -> impl Iterator<Item = Symbol> + use<'a> {
        let layout = self.layout;
        let contents = self.contents(table).unwrap_or_default();
        let size = usize::try_from(layout.symbol_size()).unwrap_or(usize::MAX);
        contents
            .chunks_exact(size)
            .filter_map(move |entry| layout.symbol(entry))
    }

    /// The relocations of a section.
    pub fn relocations(&self, section: &Section) -> impl Iterator<Item = Relocation> + use<'a> {
        let layout = self.layout;
        let contents = self.contents(section).unwrap_or_default();
        let size = usize::try_from(layout.relocation_size()).unwrap_or(usize::MAX);
        contents
            .chunks_exact(size)
            .filter_map(move |entry| layout.relocation(entry))
    }
}
