// SPDX-License-Identifier: GPL-2.0

//! The `.modinfo` section: `tag=value` strings, each with a NUL, with any padding of NULs between them.

use super::bytes;

/// The tags and values of a `.modinfo` section, in its order.
#[derive(Clone, Debug, Default)]
pub struct Modinfo<'a> {
    entries: Vec<(&'a [u8], &'a [u8])>,
}

impl<'a> Modinfo<'a> {
    /// Reads the section. A string without `=` is no entry, as for the loader.
    pub fn parse(section: &'a [u8]) -> Modinfo<'a> {
        let strings = section.split(|&byte| byte == 0);
        let entry = |string: &'a [u8]| {
            let equals = string.iter().position(|&byte| byte == b'=')?;
            Some((string.get(..equals)?, string.get(equals + 1..)?))
        };
        Modinfo {
            entries: strings.filter_map(entry).collect(),
        }
    }

    /// The first value of a tag, which is the one that the loader takes.
    pub fn get(&self, tag: &str) -> Option<&'a [u8]> {
        self.all(tag).next()
    }

    /// The first value of a tag as text.
    pub fn text(&self, tag: &str) -> Option<String> {
        self.get(tag).map(bytes::text)
    }

    /// Every value of a tag.
    pub fn all<'t>(&'t self, tag: &'t str) -> impl Iterator<Item = &'a [u8]> + 't {
        self.entries
            .iter()
            .filter(move |(name, _)| *name == tag.as_bytes())
            .map(|(_, value)| *value)
    }

    /// Every value of a tag as text.
    pub fn texts<'t>(&'t self, tag: &'t str) -> impl Iterator<Item = String> + use<'t, 'a> {
        self.all(tag).map(bytes::text)
    }

    /// The modules that `depends=` names.
    pub fn depends(&self) -> Vec<String> {
        let list = self.text("depends").unwrap_or_default();
        list.split(',')
            .filter(|name| !name.is_empty())
            .map(String::from)
            .collect()
    }
}

/// Whether the kernel takes a licence for compatible with the GPL (include/linux/license.h).
pub fn is_gpl_compatible(license: &[u8]) -> bool {
    const COMPATIBLE: [&[u8]; 6] = [
        b"GPL",
        b"GPL v2",
        b"GPL and additional rights",
        b"Dual BSD/GPL",
        b"Dual MIT/GPL",
        b"Dual MPL/GPL",
    ];
    COMPATIBLE.contains(&license)
}

/// A module's name as the kernel has it: the file's name without suffixes, with `_` for `-`.
pub fn normalize(name: &str) -> String {
    let name = name.rsplit('/').next().unwrap_or(name);
    let name = name.split_once(".ko").map_or(name, |(name, _)| name);
    name.replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_value_of_a_tag_counts() {
        let info = Modinfo::parse(
            b"\0\0license=GPL\0\0\0alias=a=b\0alias=c\0junk\0license=BSD\0depends=x,y\0",
        );
        assert_eq!(info.get("license"), Some(&b"GPL"[..]));
        assert_eq!(info.texts("alias").collect::<Vec<_>>(), ["a=b", "c"]);
        assert_eq!(info.get("junk"), None);
        assert_eq!(info.depends(), ["x", "y"]);
    }

    #[test]
    fn licences_are_compared_whole() {
        assert!(is_gpl_compatible(b"Dual MIT/GPL"));
        assert!(!is_gpl_compatible(b"GPL-2.0"));
        assert!(!is_gpl_compatible(b"BSD"));
    }

    #[test]
    fn names_are_the_kernels() {
        assert_eq!(normalize("kernel/net/a-b.ko.xz"), "a_b");
        assert_eq!(normalize("a-b"), "a_b");
    }
}
