// SPDX-License-Identifier: GPL-2.0

//! Programs that print what their compiler says of the ABI, a fact a line.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use crate::generate::header::model::{Abi, Struct};
use crate::generate::header::names;
use crate::project;

/// The fields of a structure that C has, by their names in Rust and in C.
fn fields<'a>(structure: &'a Struct, name: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let both = move |field| names::field(name, field);
    let fields = structure.fields.iter();
    fields.filter_map(move |field| Some((field.name.as_str(), both(field)?)))
}

/// A C program that includes the header; of structures and ioctls it names those that are `known`. Constants that are no
/// macros there are left out.
pub(super) fn c(abi: &Abi, header: &Path, known: impl Fn(&str) -> bool) -> String {
    let mut facts = String::new();
    let mut say = |name: String, value: &str| {
        let _ = writeln!(
            facts,
            "\tprintf(\"{name} %llu\\n\", (unsigned long long)({value}));"
        );
    };
    for structure in &abi.structs {
        for name in structure.names.iter().filter(|name| known(name)) {
            say(format!("size {name}"), &format!("sizeof(struct {name})"));
            for (_, field) in fields(structure, name) {
                let of = format!("offsetof(struct {name}, {field})");
                say(format!("offset {name}.{field}"), &of);
                let of = format!("sizeof(((struct {name} *)0)->{field})");
                say(format!("width {name}.{field}"), &of);
            }
        }
    }
    for ioctl in abi.ioctls.iter().filter(|ioctl| known(&ioctl.name)) {
        let macro_ = format!("IOCTL_KGSL_{}", ioctl.name);
        say(format!("ioctl {}", ioctl.name), &macro_);
    }
    for constant in &abi.constants {
        let (name, kind) = (&constant.name, names::integer(&constant.kind));
        let _ = writeln!(facts, "#ifdef {name}");
        let value = format!("(unsigned long long)({kind})({name})");
        let _ = writeln!(facts, "\tprintf(\"constant {name} %llu\\n\", {value});");
        facts.push_str("#endif\n");
    }
    format!(
        "#include <stddef.h>\n#include <stdio.h>\n#include \"{}\"\nint main(void)\n{{\n{facts}\treturn 0;\n}}\n",
        header.display()
    )
}

/// The Rust program with these facts, each a name and an expression.
fn program(facts: &[(String, String)]) -> String {
    let abi = project::root().join("kmod/abi/mod.rs");
    let mut text = format!(
        "#![allow(dead_code)]\n#[path = {abi:?}]\npub mod abi;\nuse std::mem::{{offset_of, size_of}};\n\
         fn width<T, F>(_: fn(&T) -> &F) -> usize {{ size_of::<F>() }}\nfn main() {{\n"
    );
    for (name, value) in facts {
        let _ = writeln!(text, "    println!(\"{name} {{}}\", {value});");
    }
    text.push_str("}\n");
    text
}

/// The facts of a structure and its fields, as the Rust type at `path` has them.
fn of_struct(structure: &Struct, name: &str, path: &str, facts: &mut Vec<(String, String)>) {
    facts.push((format!("size {name}"), format!("size_of::<{path}>()")));
    for (rust, c) in fields(structure, name) {
        let offset = format!("offset_of!({path}, {rust})");
        facts.push((format!("offset {name}.{c}"), offset));
        let width = format!("width(|one: &{path}| &one.{rust})");
        facts.push((format!("width {name}.{c}"), width));
    }
}

/// A Rust program that prints what [`c`] prints.
pub(super) fn rust(abi: &Abi) -> String {
    let mut facts = Vec::new();
    for structure in &abi.structs {
        for name in &structure.names {
            of_struct(
                structure,
                name,
                &format!("abi::{}", structure.path),
                &mut facts,
            );
        }
    }
    for ioctl in &abi.ioctls {
        let module = ioctl.argument.split("::").next().unwrap();
        let number = format!("abi::{module}::{}.number()", ioctl.name);
        facts.push((format!("ioctl {}", ioctl.name), number));
    }
    for constant in &abi.constants {
        let value = format!("abi::{} as u64", constant.path);
        facts.push((format!("constant {}", constant.name), value));
    }
    program(&facts)
}

/// A Rust program that prints what a 32-bit C program would.
pub(super) fn rust_compat(abi: &Abi) -> String {
    let mut facts = Vec::new();
    for structure in &abi.structs {
        if !abi.compat.contains_key(&structure.path) {
            continue;
        }
        let last = structure.path.rsplit("::").next().unwrap();
        for name in &structure.names {
            of_struct(structure, name, &format!("abi::compat::{last}"), &mut facts);
        }
    }
    program(&facts)
}

/// A C program that compiles where the facts hold.
pub(super) fn c_assertions(header: &Path, facts: &BTreeMap<&str, &str>) -> String {
    let mut text = format!("#include <stddef.h>\n#include \"{}\"\n", header.display());
    for (fact, value) in facts {
        let (kind, name) = fact.split_once(' ').unwrap();
        let (structure, field) = name.split_once('.').unwrap_or((name, ""));
        let actual = match kind {
            "size" => format!("sizeof(struct {structure})"),
            "offset" => format!("offsetof(struct {structure}, {field})"),
            _ => format!("sizeof(((struct {structure} *)0)->{field})"),
        };
        let _ = writeln!(text, "_Static_assert({actual} == {value}, \"{fact}\");");
    }
    text
}
