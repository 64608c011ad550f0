// SPDX-License-Identifier: GPL-2.0

//! Which built-in modules have a directory under `/sys/module` for their parameters. `modules.builtin.modinfo` does not
//! tell: a parameter may have been given another prefix, or be invisible. The kernel itself tells.

use crate::check::bytes;
use crate::check::elf::{Elf, Section};

/// The size of a `struct kernel_param` of a 64-bit kernel in bytes, and where its permissions stand.
const PARAMETER: usize = 40;
const PERMISSIONS: u64 = 24;

/// Whether a kernel, uncompressed, has a visible parameter of this module; `parameters` are those that the module
/// declares.
pub fn has_directory(kernel: &[u8], module: &str, parameters: &[String]) -> bool {
    let of_elf = Elf::parse(kernel).and_then(|elf| in_table(&elf, module));
    of_elf.unwrap_or_else(|| {
        parameters
            .iter()
            .any(|parameter| in_strings(kernel, module, parameter))
    })
}

/// Whether the table of parameters has a visible one; none where the table cannot be read, because a relocatable
/// kernel fills in its addresses when it starts.
fn in_table(elf: &Elf<'_>, module: &str) -> Option<bool> {
    let table = elf
        .sections
        .iter()
        .find(|section| elf.is_named(section, b"__param"))?;
    let table = elf.contents(table).filter(|_| elf.layout.is_64)?;
    let prefix = format!("{module}.");
    let mut found = false;
    for entry in table.chunks_exact(PARAMETER) {
        let name = string_at(elf, elf.layout.word(entry, 0)?)?;
        let is_visible = elf.layout.endian.u16(entry, PERMISSIONS)? != 0;
        found |= is_visible && bytes::text(name).replace('-', "_").starts_with(&prefix);
    }
    Some(found)
}

/// The string at an address.
fn string_at<'a>(elf: &Elf<'a>, address: u64) -> Option<&'a [u8]> {
    let holds = |section: &&Section| {
        address
            .checked_sub(section.address)
            .is_some_and(|offset| offset < section.size)
    };
    let section = elf
        .sections
        .iter()
        .filter(|section| section.address != 0)
        .find(holds)?;
    bytes::string(elf.contents(section)?, address - section.address)
}

/// Whether the name of the parameter stands in the kernel, as its table refers to it.
fn in_strings(kernel: &[u8], module: &str, parameter: &str) -> bool {
    let name = format!("\0{module}.{parameter}\0");
    bytes::find(kernel, name.as_bytes(), 0).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_of_another_prefix_makes_no_directory() {
        let image = b"...\0kfence.burst\0tcp_cubic.beta\0";
        assert!(has_directory(image, "tcp_cubic", &[String::from("beta")]));
        assert!(!has_directory(image, "core", &[String::from("burst")]));
    }
}
