// SPDX-License-Identifier: GPL-2.0

//! What the ABI consists of, with the names of both languages.

use std::collections::BTreeMap;

/// The whole ABI, in the order of the sources.
#[derive(Debug, Default)]
pub(super) struct Abi {
    /// Its structures.
    pub(super) structs: Vec<Struct>,
    /// Its constants.
    pub(super) constants: Vec<Constant>,
    /// Its ioctls.
    pub(super) ioctls: Vec<Ioctl>,
    /// For each structure that differs in 32-bit programs, by its path: what such programs have.
    pub(super) compat: BTreeMap<String, Compat>,
}

/// A structure.
#[derive(Debug)]
pub(super) struct Struct {
    /// Its path below the ABI's root, such as `device::DeviceInfo`.
    pub(super) path: String,
    /// Its names in C; none where C passes the only field itself.
    pub(super) names: Vec<String>,
    /// What is said of it.
    pub(super) docs: Vec<String>,
    /// Its fields.
    pub(super) fields: Vec<Field>,
}

/// A field.
#[derive(Debug)]
pub(super) struct Field {
    /// Its name in Rust.
    pub(super) name: String,
    /// Its type in Rust, without the length where it is an array.
    pub(super) kind: String,
    /// The length of an array.
    pub(super) length: Option<usize>,
    /// What is said of it.
    pub(super) docs: Vec<String>,
}

/// How 32-bit programs see a structure.
#[derive(Debug)]
pub(super) struct Compat {
    /// Its fields and their types, arrays by their element.
    pub(super) fields: BTreeMap<String, String>,
}

/// A constant: an integer.
#[derive(Debug)]
pub(super) struct Constant {
    /// Its path below the ABI's root.
    pub(super) path: String,
    /// Its name in C.
    pub(super) name: String,
    /// Its type in Rust.
    pub(super) kind: String,
    /// Its value, as Rust code.
    pub(super) value: String,
    /// What is said of it.
    pub(super) docs: Vec<String>,
}

/// An ioctl.
#[derive(Debug)]
pub(super) struct Ioctl {
    /// Its name in Rust, which C prefixes.
    pub(super) name: String,
    /// Whether the kernel writes the structure back.
    pub(super) writes_back: bool,
    /// The number within the type.
    pub(super) number: u8,
    /// The path of its structure.
    pub(super) argument: String,
    /// What is said of it.
    pub(super) docs: Vec<String>,
}

impl Abi {
    /// The structure of that path.
    pub(super) fn structure(&self, path: &str) -> Option<&Struct> {
        self.structs.iter().find(|one| one.path == path)
    }

    /// Whether a field is an address or a size, and as wide as those of the program.
    pub(super) fn is_long(&self, structure: &Struct, field: &Field) -> bool {
        let compat = self.compat.get(&structure.path);
        let compat = compat.and_then(|compat| compat.fields.get(&field.name));
        compat.is_some_and(|kind| *kind != field.kind)
    }
}
