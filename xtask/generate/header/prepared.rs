// SPDX-License-Identifier: GPL-2.0

//! The structures as cbindgen can take them: Rust source in which everything has its C name already.

use std::fmt::Write;

use super::model::{Abi, Constant, Field, Struct};
use super::names;

/// The source.
pub(super) fn source(abi: &Abi) -> String {
    let mut source = String::new();
    for structure in &abi.structs {
        for name in &structure.names {
            declare(&mut source, abi, structure, name);
        }
    }
    source
}

fn document(source: &mut String, docs: &[String], constants: &[Constant]) {
    for line in names::docs(docs, constants) {
        let _ = writeln!(source, "/// {line}");
    }
}

fn declare(source: &mut String, abi: &Abi, structure: &Struct, name: &str) {
    document(source, &structure.docs, &abi.constants);
    let _ = writeln!(source, "#[repr(C)]\npub struct {name} {{");
    for field in &structure.fields {
        if let Some(c) = names::field(name, field) {
            document(source, &field.docs, &abi.constants);
            let _ = writeln!(source, "pub r#{c}: {},", kind(abi, structure, field));
        }
    }
    source.push_str("}\n");
}

/// The type of a field, by a name that cbindgen hands on.
fn kind(abi: &Abi, structure: &Struct, field: &Field) -> String {
    let element = match abi.is_long(structure, field) {
        true => "c_ulong".to_owned(),
        false => names::integer(&field.kind),
    };
    match field.length {
        Some(length) => format!("[{element}; {length}]"),
        None => element,
    }
}
