// SPDX-License-Identifier: GPL-2.0

//! What C calls what Rust calls otherwise: `type` and `priv` are no names in Rust, and padding that a C compiler inserts
//! by itself is a field there.

use super::model::{Abi, Constant, Field, Struct};

/// Structures whose padding is a field in C, too.
const PADDED: [&str; 9] = [
    "kgsl_fault",
    "kgsl_fault_report",
    "kgsl_gpu_aux_command_bind",
    "kgsl_gpu_aux_command_generic",
    "kgsl_gpumem_bind_ranges",
    "kgsl_read_calibrated_timestamps",
    "kgsl_timeline_create",
    "kgsl_timeline_val",
    "kgsl_timeline_wait",
];

/// Fields that have their own names in one structure.
const FIELDS: [(&str, &str, &str); 12] = [
    ("kgsl_context_property", "context_id", "contextid"),
    ("kgsl_context_property", "property", "type"),
    ("kgsl_device_getproperty", "property", "type"),
    ("kgsl_device_getproperty", "size", "sizebytes"),
    ("kgsl_ibdesc", "pad", "__pad"),
    ("kgsl_pagefault_report", "flags", "fault_type"),
    ("kgsl_pagefault_report", "pad", "__pad"),
    ("kgsl_pagefault_report", "reserved", "reserved"),
    ("kgsl_version", "device_major", "dev_major"),
    ("kgsl_version", "device_minor", "dev_minor"),
    ("kgsl_version", "driver_major", "drv_major"),
    ("kgsl_version", "driver_minor", "drv_minor"),
];

/// The name of a field of the structure `name` in C; `None` for padding that is none there.
pub(super) fn field<'a>(name: &str, field: &'a Field) -> Option<&'a str> {
    let own =
        |(structure, rust, _): &&(&str, &str, &str)| *structure == name && *rust == field.name;
    if let Some((_, _, c)) = FIELDS.iter().find(own) {
        return Some(c);
    }
    match field.name.as_str() {
        "kind" => Some("type"),
        "private" => Some("priv"),
        "private_len" => Some("priv_len"),
        "reserved" => Some("__pad"),
        "pad" if PADDED.contains(&name) => Some("padding"),
        "pad" | "pad1" => None,
        name => Some(name),
    }
}

/// The names of a structure in C: those that its documentation says.
pub(super) fn of_struct(docs: &[String]) -> Vec<String> {
    let quoted = docs
        .iter()
        .flat_map(|line| line.split('`').skip(1).step_by(2));
    quoted
        .filter_map(|text| text.strip_prefix("struct "))
        .filter(|name| name.starts_with("kgsl_"))
        .map(str::to_owned)
        .collect()
}

/// The name of a constant in C: that with which its documentation starts, unless it starts with several.
pub(super) fn of_constant(rust: &str, docs: &[String]) -> String {
    let first = docs.first().map_or("", |line| line.trim());
    let quoted = first
        .strip_prefix('`')
        .and_then(|rest| rest.split_once('`'));
    match quoted {
        Some((name, rest)) if name.starts_with("KGSL_") && !rest.starts_with(" and ") => {
            name.to_owned()
        }
        _ => format!("KGSL_{rust}"),
    }
}

/// The name of the type that an ioctl points at, as C spells it.
pub(super) fn of_argument(abi: &Abi, ioctl: &str, structure: &Struct) -> String {
    let own = format!("kgsl_{}", ioctl.to_lowercase());
    let named = structure.names.iter().find(|name| **name == own);
    match (named.or(structure.names.first()), structure.fields.first()) {
        (Some(name), _) => format!("struct {name}"),
        (None, Some(only)) => of_type(abi, structure, only),
        (None, None) => "void".to_owned(),
    }
}

/// The type of a field's elements, as C spells it.
pub(super) fn of_type(abi: &Abi, structure: &Struct, field: &Field) -> String {
    match (abi.is_long(structure, field), field.kind.as_str()) {
        (true, _) => "unsigned long".to_owned(),
        (false, kind) => integer(kind),
    }
}

/// An integer of a fixed size, as the kernel's headers spell it.
pub(super) fn integer(rust: &str) -> String {
    let (sign, bits) = rust.split_at(1);
    match sign {
        "i" => format!("__s{bits}"),
        _ => format!("__u{bits}"),
    }
}

/// The documentation without what only rustdoc understands, and with the names of constants as C has them.
pub(super) fn docs(lines: &[String], constants: &[Constant]) -> Vec<String> {
    lines.iter().map(|line| plain(line, constants)).collect()
}

fn plain(line: &str, constants: &[Constant]) -> String {
    let mut text = String::new();
    for (index, part) in line.split('`').enumerate() {
        match (index % 2, part) {
            (0, prose) => text.push_str(&without_links(prose)),
            (_, name) => text.push_str(&in_c(name, constants)),
        }
    }
    text
}

/// What is left of brackets and targets of links around a name.
fn without_links(prose: &str) -> String {
    let prose = prose.strip_suffix('[').unwrap_or(prose);
    let prose = match prose.strip_prefix(']') {
        Some(rest) if rest.starts_with('(') => rest.split_once(')').map_or("", |(_, rest)| rest),
        Some(rest) => rest,
        None => prose,
    };
    prose.to_owned()
}

/// A name of the Rust side, or the start of several with a star.
fn in_c(name: &str, constants: &[Constant]) -> String {
    let rust = |constant: &&Constant| {
        let last = constant.path.rsplit("::").next().unwrap_or_default();
        match name.strip_suffix('*') {
            Some(start) => last.starts_with(start),
            None => last == name,
        }
    };
    match (constants.iter().find(rust), name.strip_suffix('*')) {
        (Some(constant), None) => constant.name.clone(),
        (Some(constant), Some(start)) => format!("{}*", c_start(constant, start)),
        (None, _) => name.to_owned(),
    }
}

/// How the name of a constant starts in C that starts like that in Rust.
fn c_start(constant: &Constant, start: &str) -> String {
    let rest = constant
        .path
        .rsplit("::")
        .next()
        .and_then(|name| name.strip_prefix(start));
    let c = rest.and_then(|rest| constant.name.strip_suffix(rest));
    c.map_or_else(|| format!("KGSL_{start}"), str::to_owned)
}
