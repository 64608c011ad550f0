// SPDX-License-Identifier: GPL-2.0

//! Changes modules the way accidents and attackers do. It knows ELF by itself, 64-bit and little-endian, so that what
//! it does and what `check` reads cannot be wrong in the same way.

use anyhow::{Context, Result};

/// The size of an ELF header, and of a section header, in bytes.
const HEADER: usize = 64;
/// `e_shoff`, and the fields behind it.
const SECTION_TABLE: usize = 0x28;
const SECTION_COUNT: usize = 0x3c;
const NAMES_INDEX: usize = 0x3e;
/// Fields of a section header.
const NAME: usize = 0;
const FLAGS: usize = 8;
const OFFSET: usize = 0x18;
const SIZE: usize = 0x20;
const LINK: usize = 0x28;
/// The size of a symbol, of a relocation with addend, and of an entry of `__versions`, in bytes.
const SYMBOL: usize = 24;
const RELOCATION: usize = 24;
const VERSION: usize = 64;
/// Where the name stands in `struct module`, and its room.
const MODULE_NAME: std::ops::Range<usize> = 24..80;

/// A module under the knife.
#[derive(Clone, Debug)]
pub(super) struct Patient {
    /// The file.
    pub(super) bytes: Vec<u8>,
}

impl Patient {
    fn u16(&self, at: usize) -> usize {
        usize::from(u16::from_le_bytes([self.bytes[at], self.bytes[at + 1]]))
    }

    fn u32(&self, at: usize) -> usize {
        self.u16(at) | (self.u16(at + 2) << 16)
    }

    fn u64(&self, at: usize) -> usize {
        self.u32(at) | (self.u32(at + 4) << 32)
    }

    /// Writes bytes over what is at a place.
    pub(super) fn put(&mut self, at: usize, bytes: &[u8]) {
        self.bytes[at..at + bytes.len()].copy_from_slice(bytes);
    }

    fn put_u64(&mut self, at: usize, number: usize) {
        self.put(at, &(number as u64).to_le_bytes());
    }

    fn header(&self, index: usize) -> usize {
        self.u64(SECTION_TABLE) + index * HEADER
    }

    /// Where the header of a section stands.
    pub(super) fn section(&self, name: &str) -> Result<usize> {
        let names = self.u64(self.header(self.u16(NAMES_INDEX)) + OFFSET);
        let is_named = |header: &usize| {
            let rest = &self.bytes[names + self.u32(*header + NAME)..];
            rest.starts_with(name.as_bytes()) && rest[name.len()] == 0
        };
        let mut headers = (1..self.u16(SECTION_COUNT)).map(|index| self.header(index));
        headers
            .find(is_named)
            .with_context(|| format!("the module has no section {name}"))
    }

    /// Where the contents of a section stand.
    pub(super) fn place(&self, name: &str) -> Result<std::ops::Range<usize>> {
        let header = self.section(name)?;
        let start = self.u64(header + OFFSET);
        Ok(start..start + self.u64(header + SIZE))
    }

    /// The contents of a section.
    pub(super) fn contents(&self, name: &str) -> Result<Vec<u8>> {
        Ok(self.bytes[self.place(name)?].to_vec())
    }

    /// Gives the section at a header new contents, behind everything else in the file.
    fn replace_at(&mut self, header: usize, contents: &[u8]) {
        self.bytes.resize(self.bytes.len().next_multiple_of(16), 0);
        let offset = self.bytes.len();
        self.bytes.extend_from_slice(contents);
        self.put_u64(header + OFFSET, offset);
        self.put_u64(header + SIZE, contents.len());
    }

    /// Gives a section new contents.
    pub(super) fn replace(&mut self, name: &str, contents: &[u8]) -> Result<()> {
        let header = self.section(name)?;
        self.replace_at(header, contents);
        Ok(())
    }

    /// Gives a section another name.
    pub(super) fn rename_section(&mut self, name: &str, other: &str) -> Result<()> {
        let header = self.section(name)?;
        let names = self.header(self.u16(NAMES_INDEX));
        let at = self.append_string(names, other);
        self.put(header + NAME, &at);
        Ok(())
    }

    /// Appends a string to the string table at a header; its offset as four bytes.
    fn append_string(&mut self, table: usize, text: &str) -> [u8; 4] {
        let start = self.u64(table + OFFSET);
        let mut contents = self.bytes[start..start + self.u64(table + SIZE)].to_vec();
        let at = contents.len();
        contents.extend_from_slice(text.as_bytes());
        contents.push(0);
        self.replace_at(table, &contents);
        (at as u32).to_le_bytes()
    }

    /// Sets flags of a section.
    pub(super) fn add_flags(&mut self, name: &str, flags: u8) -> Result<()> {
        let header = self.section(name)?;
        self.bytes[header + FLAGS] |= flags;
        Ok(())
    }

    /// Sets the type of a section.
    pub(super) fn set_type(&mut self, name: &str, kind: u32) -> Result<()> {
        let header = self.section(name)?;
        self.put(header + 4, &kind.to_le_bytes());
        Ok(())
    }

    /// Sets a tag of `.modinfo`, or takes it out.
    pub(super) fn set_modinfo(&mut self, tag: &str, value: Option<&str>) -> Result<()> {
        let contents = self.contents(".modinfo")?;
        let strings = contents
            .split(|&byte| byte == 0)
            .filter(|entry| !entry.is_empty());
        let is_other = |entry: &&[u8]| !entry.starts_with(format!("{tag}=").as_bytes());
        let mut entries: Vec<Vec<u8>> = strings.filter(is_other).map(<[u8]>::to_vec).collect();
        entries.extend(value.map(|value| format!("{tag}={value}").into_bytes()));
        let contents: Vec<u8> = entries
            .into_iter()
            .flat_map(|entry| [entry, vec![0]].concat())
            .collect();
        self.replace(".modinfo", &contents)
    }

    /// A tag of `.modinfo`.
    pub(super) fn modinfo(&self, tag: &str) -> Result<String> {
        let contents = self.contents(".modinfo")?;
        let prefix = format!("{tag}=");
        let mut strings = contents.split(|&byte| byte == 0);
        let entry = strings.find_map(|entry| entry.strip_prefix(prefix.as_bytes()));
        let entry = entry.with_context(|| format!("the module has no {tag}="))?;
        Ok(String::from_utf8_lossy(entry).into_owned())
    }

    /// Gives the module another name, in `.modinfo` and in `struct module`.
    pub(super) fn rename_module(&mut self, name: &str) -> Result<()> {
        self.set_modinfo("name", Some(name))?;
        let start = self.place(".gnu.linkonce.this_module")?.start;
        let room = start + MODULE_NAME.start..start + MODULE_NAME.end;
        self.bytes[room.clone()].fill(0);
        self.put(room.start, name.as_bytes());
        Ok(())
    }

    /// Where the entry of a symbol stands in `__versions`.
    pub(super) fn basic_entry(&self, symbol: &str) -> Result<usize> {
        let place = self.place("__versions")?;
        let mut entries = place.step_by(VERSION);
        let is_it = |entry: &usize| {
            let name = &self.bytes[entry + 8..entry + VERSION];
            name.starts_with(symbol.as_bytes()) && name[symbol.len()] == 0
        };
        entries
            .find(is_it)
            .with_context(|| format!("__versions does not list {symbol}"))
    }

    /// Where the checksum and the name of a symbol stand in the extended tables.
    pub(super) fn extended_entry(&self, symbol: &str) -> Result<(usize, usize)> {
        let (crcs, names) = (
            self.place("__version_ext_crcs")?,
            self.place("__version_ext_names")?,
        );
        let (mut crc, mut name) = (crcs.start, names.start);
        for entry in self.bytes[names].split(|&byte| byte == 0) {
            if entry == symbol.as_bytes() {
                return Ok((crc, name));
            }
            crc += 4;
            name += entry.len() + 1;
        }
        anyhow::bail!("__version_ext_names does not list {symbol}")
    }

    /// Changes a checksum in the extended table.
    pub(super) fn flip_extended(&mut self, symbol: &str) -> Result<()> {
        let (crc, _) = self.extended_entry(symbol)?;
        self.bytes[crc] ^= 0xff;
        Ok(())
    }

    /// Changes every checksum in `__versions`.
    pub(super) fn flip_basic(&mut self) -> Result<()> {
        for entry in self.place("__versions")?.step_by(VERSION) {
            self.bytes[entry] ^= 0xff;
        }
        Ok(())
    }

    /// Takes the extended tables away, by their names.
    pub(super) fn drop_extended(&mut self) -> Result<()> {
        self.rename_section("__version_ext_crcs", "__gone_crcs")?;
        self.rename_section("__version_ext_names", "__gone_names")
    }

    /// Takes `__versions` away, by its name.
    pub(super) fn drop_basic(&mut self) -> Result<()> {
        self.rename_section("__versions", "__gone")
    }

    /// Makes the module need a symbol of another name.
    pub(super) fn rename_symbol(&mut self, symbol: &str, other: &str) -> Result<()> {
        let table = self.section(".symtab")?;
        let strings = self.header(self.u32(table + LINK));
        let names = self.u64(strings + OFFSET);
        let is_it = |entry: &usize| {
            let name = &self.bytes[names + self.u32(*entry)..];
            name.starts_with(symbol.as_bytes()) && name[symbol.len()] == 0
        };
        let entry = self.place(".symtab")?.step_by(SYMBOL).find(is_it);
        let entry = entry.with_context(|| format!("the module has no symbol {symbol}"))?;
        let at = self.append_string(strings, other);
        self.put(entry, &at);
        Ok(())
    }

    /// The first relocation of a section.
    pub(super) fn relocation(&self, section: &str) -> Result<usize> {
        let place = self.place(section)?;
        anyhow::ensure!(place.len() >= RELOCATION, "{section} is empty");
        Ok(place.start)
    }
}
