// SPDX-License-Identifier: GPL-2.0

//! The tables in which a module says which version of each symbol it was built for: `__versions`, whose entries have
//! room for short names only, and the pair `__version_ext_crcs` and `__version_ext_names`, which holds any name.

use std::collections::HashMap;

use super::bytes;
use super::elf::Layout;
use super::machine::Machine;

/// The checksums of one table, by symbol. Where a symbol stands twice, the first counts, as for the loader.
#[derive(Clone, Debug, Default)]
pub struct Table<'a> {
    entries: HashMap<&'a [u8], u64>,
    /// How many entries the table has.
    pub count: usize,
}

impl<'a> Table<'a> {
    fn collect(entries: impl Iterator<Item = (&'a [u8], u64)>) -> Table<'a> {
        let mut table = Table::default();
        for (name, crc) in entries {
            table.count += 1;
            table.entries.entry(name).or_insert(crc);
        }
        table
    }

    /// Reads `__versions`: a checksum in a machine word and a name, 64 bytes together. The loader compares the whole
    /// word, and a name without a NUL runs on into what follows, so both do here.
    pub fn basic(section: &'a [u8], machine: &Machine) -> Table<'a> {
        const ENTRY: u64 = 64;
        let layout = Layout::of(machine);
        let count = u64::try_from(section.len()).unwrap_or(0) / ENTRY;
        Table::collect((0..count).filter_map(|index| {
            let offset = index * ENTRY;
            Some((
                bytes::string(section, offset + machine.word())?,
                layout.word(section, offset)?,
            ))
        }))
    }

    /// Reads the extended pair. The loader has made sure that there is a name for each checksum.
    pub fn extended(crcs: &'a [u8], names: &'a [u8], layout: Layout) -> Table<'a> {
        let crcs = (0..)
            .step_by(4)
            .map_while(|offset| layout.endian.u32(crcs, offset));
        Table::collect(names.split(|&byte| byte == 0).zip(crcs.map(u64::from)))
    }

    /// The checksum of a symbol.
    pub fn get(&self, symbol: &[u8]) -> Option<u64> {
        self.entries.get(symbol).copied()
    }

    /// Every symbol with its checksum, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (&'a [u8], u64)> + '_ {
        self.entries.iter().map(|(name, crc)| (*name, *crc))
    }
}

/// Whether the extended names have a string with its NUL for each checksum.
pub fn names_suffice(crcs: &[u8], names: &[u8]) -> bool {
    let terminated = names.iter().filter(|&&byte| byte == 0).count();
    terminated >= crcs.len() / 4
}

/// The tables that a module has.
#[derive(Clone, Debug, Default)]
pub struct Versions<'a> {
    /// `__versions`.
    pub basic: Option<Table<'a>>,
    /// The extended pair.
    pub extended: Option<Table<'a>>,
}

impl Versions<'_> {
    /// The checksum by which the loader will judge a symbol: the extended table alone, where there is one.
    pub fn get(&self, symbol: &[u8]) -> Option<u64> {
        self.extended.as_ref().or(self.basic.as_ref())?.get(symbol)
    }
}

#[cfg(test)]
mod tests {
    use super::super::bytes::Endian;
    use super::super::machine::ARM64;
    use super::*;

    fn entry(crc: u64, name: &[u8]) -> Vec<u8> {
        let mut entry = crc.to_le_bytes().to_vec();
        entry.extend_from_slice(name);
        entry.resize(64, 0);
        entry
    }

    #[test]
    fn the_first_of_two_entries_counts() {
        let section = [entry(1, b"a"), entry(2, b"b"), entry(3, b"a")].concat();
        let table = Table::basic(&section, &ARM64);
        assert_eq!(
            (table.get(b"a"), table.get(b"b"), table.count),
            (Some(1), Some(2), 3)
        );
    }

    #[test]
    fn the_upper_half_of_the_word_counts() {
        let section = entry(0x1_0000_0001, b"a");
        assert_eq!(
            Table::basic(&section, &ARM64).get(b"a"),
            Some(0x1_0000_0001)
        );
    }

    #[test]
    fn a_name_without_nul_runs_on() {
        let section = [entry(1, &[b'x'; 56]), entry(u64::from(b'y'), b"a")].concat();
        let mut long = vec![b'x'; 56];
        assert_eq!(Table::basic(&section, &ARM64).get(&long), None);
        long.push(b'y');
        assert_eq!(Table::basic(&section, &ARM64).get(&long), Some(1));
    }

    #[test]
    fn extended_names_pair_with_checksums() {
        let layout = Layout {
            is_64: true,
            endian: Endian::Little,
        };
        let crcs = [7u32.to_le_bytes(), 8u32.to_le_bytes()].concat();
        let table = Table::extended(&crcs, b"one\0two\0three\0", layout);
        assert_eq!(
            (table.get(b"one"), table.get(b"two"), table.get(b"three")),
            (Some(7), Some(8), None)
        );
        assert!(names_suffice(&crcs, b"one\0two\0"));
        assert!(!names_suffice(&crcs, b"one\0two"));
    }

    #[test]
    fn the_extended_table_wins() {
        let layout = Layout {
            is_64: true,
            endian: Endian::Little,
        };
        let (section, crcs) = (entry(1, b"a"), 9u32.to_le_bytes());
        let versions = Versions {
            basic: Some(Table::basic(&section, &ARM64)),
            extended: Some(Table::extended(&crcs, b"b\0", layout)),
        };
        assert_eq!((versions.get(b"a"), versions.get(b"b")), (None, Some(9)));
    }
}
