// SPDX-License-Identifier: GPL-2.0

//! What an uncompressed kernel tells: a `vmlinux`, with its tables of exported symbols, or a bare image, in which only
//! strings can be found.

use std::io::Read;

use super::Target;
use crate::check::btf;
use crate::check::bytes;
use crate::check::config::Config;
use crate::check::elf::{Elf, Section};
use crate::check::exports::{Exports, Line, KERNEL};
use crate::check::machine::Machine;
use crate::check::signature;

/// What stands before the version in a kernel's banner.
const BANNER: &[u8] = b"Linux version ";
/// What stands before and after the compressed configuration.
const CONFIG_START: &[u8] = b"IKCFG_ST";

/// Adds to a target what the bytes of an uncompressed kernel tell.
pub fn read(bytes: &[u8], target: &mut Target) {
    if target.release.is_none() {
        target.release = release(bytes);
    }
    if target.config.is_none() {
        target.config = config(bytes);
    }
    if target.vermagic.is_none() {
        target.vermagic = target
            .release
            .as_deref()
            .and_then(|release| vermagic(bytes, release));
    }
    let Some(elf) = Elf::parse(bytes) else {
        return;
    };
    target.machine = target.machine.or_else(|| Machine::of_elf(bytes));
    if !target.exports.is_complete {
        let exports = exports(&elf, target.machine);
        if !exports.is_empty() {
            target.exports = exports;
        }
    }
    if target.module_size.is_none() {
        target.module_size = elf
            .section_named(b".BTF")
            .and_then(|section| btf::struct_size(section, b"module"));
    }
    if target.certificates.is_none() {
        target.certificates = certificates(&elf);
    }
}

/// The release in the banner.
fn release(bytes: &[u8]) -> Option<String> {
    let mut start = 0;
    loop {
        let at = bytes::find(bytes, BANNER, start)?;
        start = at + BANNER.len();
        let version = bytes.get(start..)?;
        let version = version.split(|&byte| byte == b' ' || byte == 0).next()?;
        // The format string of the banner comes with a `%s` where the version should be.
        if version.first().is_some_and(u8::is_ascii_digit) && version.len() < 64 {
            return Some(bytes::text(version));
        }
    }
}

/// The version magic: a string that starts with the release and goes on with the words of vermagic.
fn vermagic(bytes: &[u8], release: &str) -> Option<String> {
    let needle = format!("{release} ");
    let mut start = 0;
    loop {
        let at = bytes::find(bytes, needle.as_bytes(), start)?;
        start = at + needle.len();
        let string = bytes::text(bytes::string(bytes, u64::try_from(at).ok()?)?);
        let rest = string.get(needle.len()..).unwrap_or_default();
        let is_magic = rest
            .split(' ')
            .any(|word| matches!(word, "SMP" | "preempt" | "mod_unload" | "modversions"));
        if is_magic && !rest.starts_with('(') && !rest.contains('#') {
            return Some(string);
        }
    }
}

/// The configuration inside a kernel with `CONFIG_IKCONFIG`.
fn config(bytes: &[u8]) -> Option<Config> {
    let at = bytes::find(bytes, CONFIG_START, 0)?;
    let mut text = String::new();
    flate2::read::GzDecoder::new(bytes.get(at + CONFIG_START.len()..)?)
        .read_to_string(&mut text)
        .ok()?;
    Some(Config::parse(&text)).filter(|config| !config.is_empty())
}

/// The exported symbols of a `vmlinux`, from its own tables.
fn exports(elf: &Elf<'_>, machine: Option<&Machine>) -> Exports {
    let size = machine.map_or(12, |machine| machine.kernel_symbol_size);
    let mut exports = Exports::default();
    for (symbols, crcs, is_gpl) in [
        (&b"__ksymtab"[..], &b"__kcrctab"[..], false),
        (b"__ksymtab_gpl", b"__kcrctab_gpl", true),
    ] {
        let Some(section) = section(elf, symbols) else {
            continue;
        };
        let crcs = elf.section_named(crcs);
        let flags = elf.section_named(b"__kflagstab");
        for index in 0..section.size / size {
            let Some((name, namespace)) = entry(elf, section, index * size, size) else {
                continue;
            };
            let flag = flags
                .and_then(|flags| flags.get(usize::try_from(index).ok()?))
                .copied()
                .unwrap_or(0);
            let crc = crcs.and_then(|crcs| elf.layout.endian.u32(crcs, index.checked_mul(4)?));
            let namespace = bytes::text(namespace);
            exports.insert(Line {
                name,
                crc,
                owner: KERNEL,
                gpl_only: is_gpl || flag & 1 != 0,
                namespace: &namespace,
            });
        }
    }
    exports.is_complete = !exports.is_empty();
    exports
}

fn section<'e>(elf: &'e Elf<'_>, name: &[u8]) -> Option<&'e Section> {
    elf.sections
        .iter()
        .find(|section| elf.is_named(section, name))
}

/// Name and namespace of a `struct kernel_symbol`: offsets from where they stand, or addresses.
fn entry<'a>(
    elf: &Elf<'a>,
    section: &Section,
    offset: u64,
    size: u64,
) -> Option<(&'a [u8], &'a [u8])> {
    let contents = elf.contents(section)?;
    let field = size / 3;
    let address = |number: u64| {
        let at = offset + number * field;
        if field == 4 {
            let relative = i32::from_ne_bytes(elf.layout.endian.u32(contents, at)?.to_ne_bytes());
            Some(
                section
                    .address
                    .wrapping_add(at)
                    .wrapping_add_signed(i64::from(relative)),
            )
        } else {
            elf.layout.word(contents, at)
        }
    };
    let namespace = address(2)
        .and_then(|address| string_at(elf, address))
        .unwrap_or_default();
    Some((string_at(elf, address(1)?)?, namespace))
}

/// The string at an address.
fn string_at<'a>(elf: &Elf<'a>, address: u64) -> Option<&'a [u8]> {
    let strings = section(elf, b"__ksymtab_strings")?;
    bytes::string(
        elf.contents(strings)?,
        address.checked_sub(strings.address)?,
    )
}

/// The certificates that are compiled in: the list at `system_certificate_list`.
fn certificates(elf: &Elf<'_>) -> Option<Vec<Vec<u8>>> {
    let start = symbol_contents(elf, b"system_certificate_list")?;
    let size = symbol_contents(elf, b"system_certificate_list_size")?;
    let size = elf.layout.word(size, 0)?;
    Some(signature::certificates(bytes::slice(start, 0, size)?))
}

/// The bytes from a symbol on, to the end of its section.
fn symbol_contents<'a>(elf: &Elf<'a>, name: &[u8]) -> Option<&'a [u8]> {
    let table = elf
        .sections
        .iter()
        .find(|section| section.kind == crate::check::elf::SHT_SYMTAB)?;
    let strings = elf.contents(elf.sections.get(usize::try_from(table.link).ok()?)?)?;
    let symbol = elf
        .symbols(table)
        .find(|symbol| bytes::string_is(strings, u64::from(symbol.name), name))?;
    let section = elf.sections.get(usize::from(symbol.section))?;
    let offset = usize::try_from(symbol.value.checked_sub(section.address)?).ok()?;
    elf.contents(section)?.get(offset..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_found_in_a_bare_image() {
        let image = b"..Linux version %s (%s)\0..Linux version 6.18.15-yocto (build@host) #1\0\
                      6.18.15-yocto (x)\x006.18.15-yocto SMP preempt mod_unload aarch64\0";
        let mut target = Target::default();
        read(image, &mut target);
        assert_eq!(target.release.as_deref(), Some("6.18.15-yocto"));
        assert_eq!(
            target.vermagic.as_deref(),
            Some("6.18.15-yocto SMP preempt mod_unload aarch64")
        );
    }
}
