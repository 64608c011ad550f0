// SPDX-License-Identifier: GPL-2.0

//! The symbols that a kernel and its modules export: what `Module.symvers` says of them.

use std::collections::{HashMap, HashSet};

use super::modinfo;

/// An exported symbol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// Its checksum; none where it is exported without one.
    pub crc: Option<u32>,
    /// Only for modules whose licence is compatible with the GPL.
    pub gpl_only: bool,
    owner: u32,
    namespace: u32,
}

/// Exported symbols by name. The names of owners and namespaces, which repeat, are held once.
#[derive(Clone, Debug, Default)]
pub struct Exports {
    symbols: HashMap<Box<[u8]>, Export>,
    names: Vec<String>,
    numbers: HashMap<String, u32>,
    owners: HashSet<u32>,
    /// Whether every symbol that the kernel itself exports is here, so that one which is not here is missing.
    pub is_complete: bool,
    /// Whether what its modules export is here too.
    pub has_modules: bool,
}

/// The owner of what the kernel itself exports.
pub const KERNEL: &str = "vmlinux";

/// A line of `Module.symvers`, or an exported symbol from elsewhere.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// Its name.
    pub name: &'a [u8],
    /// Its checksum.
    pub crc: Option<u32>,
    /// Who exports it: [`KERNEL`], or a module.
    pub owner: &'a str,
    /// Only for modules whose licence is compatible with the GPL.
    pub gpl_only: bool,
    /// Its namespace; empty where it has none.
    pub namespace: &'a str,
}

impl Exports {
    /// Reads a `Module.symvers`: checksum, symbol, exporter, kind of export and namespace, with tabs between.
    ///
    /// # Errors
    ///
    /// The number of the line, from 1, that is no such line.
    pub fn parse(symvers: &str) -> Result<Exports, usize> {
        let mut exports = Exports {
            is_complete: true,
            has_modules: true,
            ..Exports::default()
        };
        for (index, line) in symvers.lines().enumerate() {
            exports.insert(parse_line(line).ok_or(index + 1)?);
        }
        Ok(exports)
    }

    /// Adds a symbol, unless it is there already.
    pub fn insert(&mut self, line: Line<'_>) {
        if self.symbols.contains_key(line.name) {
            return;
        }
        let owner = self.number(&modinfo::normalize(line.owner));
        self.owners.insert(owner);
        let namespace = self.number(line.namespace);
        let export = Export {
            crc: line.crc,
            gpl_only: line.gpl_only,
            owner,
            namespace,
        };
        self.symbols.insert(line.name.into(), export);
    }

    fn number(&mut self, name: &str) -> u32 {
        if let Some(&number) = self.numbers.get(name) {
            return number;
        }
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.push(String::from(name));
        self.numbers.insert(String::from(name), number);
        number
    }

    fn named(&self, number: u32) -> &str {
        let index = usize::try_from(number).unwrap_or(usize::MAX);
        self.names.get(index).map_or("", String::as_str)
    }

    /// The export of this name.
    pub fn get(&self, symbol: &[u8]) -> Option<&Export> {
        self.symbols.get(symbol)
    }

    /// The module that owns an export, by its name in the kernel, or [`KERNEL`].
    pub fn owner(&self, export: &Export) -> &str {
        self.named(export.owner)
    }

    /// The namespace of an export; empty where it has none.
    pub fn namespace(&self, export: &Export) -> &str {
        self.named(export.namespace)
    }

    /// Whether a module exports anything here.
    pub fn has_owner(&self, module: &str) -> bool {
        self.numbers
            .get(module)
            .is_some_and(|number| self.owners.contains(number))
    }

    /// Whether the exports have checksums: a kernel without `CONFIG_MODVERSIONS` writes zeros.
    pub fn has_checksums(&self) -> bool {
        let has_checksum = |export: &Export| export.crc.is_some_and(|crc| crc != 0);
        self.symbols.values().any(has_checksum)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.symbols.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.symbols.is_empty()
    }

    /// The export whose name is nearest to one that is missing: the same after the crate hash of a Rust symbol.
    pub fn similar(&self, symbol: &[u8]) -> Option<&[u8]> {
        let wanted = without_hash(symbol)?;
        let same = |name: &&[u8]| without_hash(name).is_some_and(|name| name == wanted);
        self.symbols.keys().map(|name| &**name).find(same)
    }
}

fn parse_line(line: &str) -> Option<Line<'_>> {
    let mut fields = line.split('\t');
    let crc = u32::from_str_radix(fields.next()?.strip_prefix("0x")?, 16).ok()?;
    let (name, owner, kind) = (fields.next()?, fields.next()?, fields.next()?);
    let namespace = fields.next().unwrap_or_default();
    if !kind.starts_with("EXPORT_SYMBOL") {
        return None;
    }
    let gpl_only = kind.ends_with("_GPL");
    Some(Line {
        name: name.as_bytes(),
        crc: Some(crc),
        owner,
        gpl_only,
        namespace,
    })
}

/// A v0-mangled Rust name with the hashes of its crates cut out (`Cs…_` before a crate's name).
fn without_hash(symbol: &[u8]) -> Option<Vec<u8>> {
    let symbol = symbol.strip_prefix(b"_R")?;
    let mut rest = symbol;
    let mut name = Vec::new();
    while let Some((&byte, tail)) = rest.split_first() {
        name.push(byte);
        rest = tail;
        if name.ends_with(b"Cs") {
            let end = rest.iter().position(|&byte| byte == b'_').unwrap_or(0);
            rest = rest.get(end..).unwrap_or_default();
        }
    }
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SYMVERS: &str = "0x0000002a\tprintk\tvmlinux\tEXPORT_SYMBOL\t\n\
                           0x000000ff\tdma_buf_get\tdrivers/dma-buf/dma-buf\tEXPORT_SYMBOL_GPL\tDMA_BUF\n";

    #[test]
    fn symvers_lines_are_read() {
        let exports = Exports::parse(SYMVERS).unwrap();
        let printk = exports.get(b"printk").unwrap();
        assert_eq!(
            (printk.crc, printk.gpl_only, exports.owner(printk)),
            (Some(42), false, KERNEL)
        );
        let get = exports.get(b"dma_buf_get").unwrap();
        assert_eq!(
            (exports.owner(get), exports.namespace(get), get.gpl_only),
            ("dma_buf", "DMA_BUF", true)
        );
    }

    #[test]
    fn the_line_of_an_error_is_told() {
        assert_eq!(
            Exports::parse("0x1\ta\tvmlinux\tEXPORT_SYMBOL\nnonsense\n").unwrap_err(),
            2
        );
    }

    #[test]
    fn a_rust_symbol_of_another_crate_hash_is_similar() {
        let symvers = "0x1\t_RNvCsAbC_6kernel5print\tvmlinux\tEXPORT_SYMBOL_GPL\t\n";
        let exports = Exports::parse(symvers).unwrap();
        assert_eq!(
            exports.similar(b"_RNvCsXyZ1_6kernel5print"),
            Some(&b"_RNvCsAbC_6kernel5print"[..])
        );
        assert_eq!(exports.similar(b"_RNvCsXyZ1_6kernel5other"), None);
        assert_eq!(exports.similar(b"printk"), None);
    }
}
