// SPDX-License-Identifier: GPL-2.0

//! The structure of a file, and the sections that the architecture and the exports want.

use super::*;

#[test]
fn headers() {
    let target = kernel("6.18.0");
    let good = Module::good().write();
    let line = |bytes: &[u8]| {
        verdict_of(bytes, &target)
            .1
            .first()
            .cloned()
            .unwrap_or_default()
    };
    assert_eq!(verdict_of(&[], &target), (Some("EINVAL"), vec![]));
    assert_eq!(line(&good[..10]), "Invalid ELF header len 10");
    assert_eq!(line(&[b'x'; 64]), "Invalid ELF header magic: != \u{7f}ELF");
    let changed = |at: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[at] = byte;
        line(&bytes)
    };
    assert_eq!(changed(16, 2), "Invalid ELF header type: 2 != 1");
    assert_eq!(changed(18, 62), "Invalid architecture in ELF header: 62");
    assert_eq!(changed(58, 40), "Invalid ELF section header size");
    assert_eq!(changed(46, 0xff), "Invalid ELF section header overflow");
    assert_eq!(
        changed(62, 200),
        "Invalid ELF section name index: 200 || e_shstrndx (200) >= e_shnum (13)"
    );
}

#[test]
fn truncated_files_lose_their_section_headers() {
    let good = Module::good().write();
    let (errno, log) = verdict_of(&good[..good.len() - 1], &kernel("6.18.0"));
    assert_eq!(
        (errno, log),
        (
            Some("ENOEXEC"),
            vec!["Invalid ELF section header overflow".into()]
        )
    );
}

#[test]
fn the_struct_module_must_be_there_once_and_fit() {
    let target = kernel("6.18.0");
    let one = "module demo: Exactly one .gnu.linkonce.this_module section must exist.";
    refused(
        &Module::good().without(".gnu.linkonce.this_module"),
        &target,
        "ENOEXEC",
        &[one],
    );
    let size = "module demo: .gnu.linkonce.this_module section size must match the kernel's built struct module size at run time";
    refused(
        &Module::good().with(".gnu.linkonce.this_module", [0; 64]),
        &target,
        "ENOEXEC",
        &[size],
    );
    let mut hidden = Module::good();
    hidden.section(".gnu.linkonce.this_module").flags = 0;
    let memory =
        "module demo: .gnu.linkonce.this_module must occupy memory during process execution";
    refused(&hidden, &target, "ENOEXEC", &[memory]);
    let nameless = "module (missing .modinfo section or name field): Exactly one .gnu.linkonce.this_module section must exist.";
    let module = Module::good()
        .without(".gnu.linkonce.this_module")
        .without(".modinfo");
    refused(&module, &target, "ENOEXEC", &[nameless]);
}

#[test]
fn modinfo_and_symbols_must_be_there_once() {
    let target = kernel("6.18.0");
    let mut module = Module::good();
    module.sections.push(section(".modinfo", "license=GPL\0"));
    refused(
        &module,
        &target,
        "ENOEXEC",
        &["Only one .modinfo section must exist."],
    );
    let mut module = Module::good();
    module.sections.push(Section {
        kind: crate::check::elf::SHT_SYMTAB,
        ..section(".extra", [])
    });
    refused(
        &module,
        &target,
        "ENOEXEC",
        &["demo: module has no symbols (stripped?)"],
    );
}

#[test]
fn sections_of_the_architecture() {
    let target = kernel("6.18.0");
    refused(
        &Module::good().without(".plt"),
        &target,
        "ENOEXEC",
        &["demo: module PLT section(s) missing"],
    );
    let mut module = Module::good();
    module.section(".text").flags |= SHF_WRITE;
    let line = "demo: section .text (index 3) has invalid WRITE|EXEC flags";
    refused(&module, &target, "ENOEXEC", &[line]);
    refused(
        &Module::good(),
        &kernel_with("CONFIG_DYNAMIC_FTRACE=y\n"),
        "ENOEXEC",
        &[],
    );
}

#[test]
fn exports_need_their_tables() {
    let mut module = Module::good();
    module.sections.push(section("__ksymtab", [0; 12]));
    refused(&module, &kernel("6.18.0"), "ENOEXEC", &[]);
    refused(
        &module,
        &kernel("7.2.0"),
        "ENOEXEC",
        &["demo: no flags for exported symbols"],
    );
    module.sections.push(section("__kcrctab", [0; 4]));
    loads(&module, &kernel("6.18.0"), &[]);
}
