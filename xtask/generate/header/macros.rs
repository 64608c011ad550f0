// SPDX-License-Identifier: GPL-2.0

//! What cbindgen does not write as a header of the kernel has it: constants as they stand in the source, and the numbers
//! of ioctls.

use std::fmt::Write;

use super::model::{Abi, Constant};
use super::names;

/// The macros of constants.
pub(super) fn constants(abi: &Abi) -> String {
    let mut text = String::new();
    for constant in &abi.constants {
        let docs = names::docs(&constant.docs, &abi.constants);
        let said = said(&docs.join(" "), &constant.name);
        if !said.is_empty() {
            let _ = write!(text, "\n/* {said} */");
        }
        let _ = writeln!(text, "\n#define {} {}", constant.name, value(constant));
    }
    text
}

/// What the documentation says of a constant, after its name.
fn said(docs: &str, name: &str) -> String {
    let rest = docs.strip_prefix(name).unwrap_or(docs);
    let rest = rest.trim_start_matches([':', ',', ' ', '.']);
    let mut letters = rest.chars();
    match letters.next() {
        None => String::new(),
        Some(first) => first.to_uppercase().chain(letters).collect(),
    }
}

/// A value as C reads it, as wide and unsigned as in Rust.
fn value(constant: &Constant) -> String {
    let digits = constant.value.replace('_', "");
    let suffix = match (constant.kind.as_str(), digits.contains("<<")) {
        ("u64", _) => "ull",
        ("u32", true) => "u",
        _ => "",
    };
    match digits.split_once(" << ") {
        Some((base, shift)) => format!("({base}{suffix} << {shift})"),
        None => format!("{digits}{suffix}"),
    }
}

/// The macros of the ioctls' numbers.
pub(super) fn ioctls(abi: &Abi) -> String {
    let mut text = "#define KGSL_IOC_TYPE 0x09\n".to_owned();
    for ioctl in &abi.ioctls {
        let Some(structure) = abi.structure(&ioctl.argument) else {
            continue;
        };
        let argument = names::of_argument(abi, &ioctl.name, structure);
        let docs = names::docs(&ioctl.docs, &abi.constants).join(" ");
        let direction = if ioctl.writes_back { "_IOWR" } else { "_IOW" };
        let (name, number) = (&ioctl.name, ioctl.number);
        let _ = write!(
            text,
            "\n/* {docs} */\n#define IOCTL_KGSL_{name} \\\n\t{direction}(KGSL_IOC_TYPE, {number:#04x}, {argument})\n",
        );
    }
    text
}
