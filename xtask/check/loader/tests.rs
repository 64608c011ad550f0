// SPDX-License-Identifier: GPL-2.0

//! Each rule of the loader on a hand-made module: errno and log, as the kernel's source has them.

use super::super::elf::{SHF_WRITE, SHN_COMMON, SHT_REL};
use super::super::finding::Effect;
use super::super::fixture::{
    basic, extended, kernel, kernel_with, relocation, section, Module, Section, Symbol,
};
use super::super::machine::X86_64;
use super::super::target::Target;
use super::{errno, judge, log, Alone};

/// Errno, and the log line by line.
fn verdict(module: &Module, target: &Target) -> (Option<&'static str>, Vec<String>) {
    verdict_of(&module.write(), target)
}

fn verdict_of(bytes: &[u8], target: &Target) -> (Option<&'static str>, Vec<String>) {
    let findings = judge(bytes, target, &Alone);
    (errno(&findings).map(|errno| errno.name), log(&findings))
}

/// The module must be refused so.
#[track_caller]
fn refused(module: &Module, target: &Target, name: &str, lines: &[&str]) {
    let (errno, log) = verdict(module, target);
    assert_eq!(
        (errno, log),
        (
            Some(name),
            lines.iter().map(|line| String::from(*line)).collect()
        )
    );
}

/// The module must load, and the log say this.
#[track_caller]
fn loads(module: &Module, target: &Target, lines: &[&str]) {
    let (errno, log) = verdict(module, target);
    assert_eq!(
        (errno, log),
        (None, lines.iter().map(|line| String::from(*line)).collect())
    );
}

fn with_symbol(name: &'static str) -> Module {
    let mut module = Module::good();
    module.symbols.push(Symbol(name, 0, 1));
    module
}

/// The good module, whose tables list one symbol more.
fn listed(name: &'static str, crc: u32) -> Module {
    let mut module = with_symbol(name);
    let [crcs, names] = extended(&[
        ("module_layout", 1),
        ("printk", 2),
        ("helper", 3),
        (name, crc),
    ]);
    module = module
        .with("__version_ext_crcs", crcs.data)
        .with("__version_ext_names", names.data);
    module
}

#[test]
fn a_good_module_loads() {
    loads(&Module::good(), &kernel("6.18.0"), &[]);
    let findings = judge(&Module::good().write(), &kernel("6.18.0"), &Alone);
    assert!(findings
        .iter()
        .all(|finding| finding.effect != Effect::Refused));
}

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
        kind: super::super::elf::SHT_SYMTAB,
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
fn the_tables_decide_in_this_order() {
    let target = kernel("6.18.0");
    let flipped = basic(&[("module_layout", 9), ("printk", 9), ("helper", 9)]);
    loads(
        &Module::good().with("__versions", flipped.clone()),
        &target,
        &[],
    );
    let alone = |data: Vec<u8>| {
        Module::good()
            .with("__versions", data)
            .without("__version_ext_crcs")
            .without("__version_ext_names")
    };
    refused(
        &alone(flipped),
        &target,
        "ENOEXEC",
        &["demo: disagrees about version of symbol module_layout"],
    );
    let symbol = basic(&[("module_layout", 1), ("printk", 9), ("helper", 3)]);
    let lines = [
        "demo: disagrees about version of symbol printk",
        "demo: Unknown symbol printk (err -22)",
    ];
    refused(&alone(symbol), &target, "EINVAL", &lines);
}

#[test]
fn an_unlisted_symbol_is_refused_by_7_2_alone() {
    let unlisted = basic(&[("module_layout", 1), ("helper", 3)]);
    let module = Module::good()
        .with("__versions", unlisted)
        .without("__version_ext_crcs")
        .without("__version_ext_names");
    loads(
        &module,
        &kernel("6.18.0"),
        &["demo: no symbol version for printk"],
    );
    let lines = [
        "demo: no symbol version for printk",
        "demo: Unknown symbol printk (err -22)",
    ];
    refused(&module, &kernel("7.2.0"), "EINVAL", &lines);
}

#[test]
fn a_symbol_that_the_extended_table_lacks_is_let_through_and_told_once() {
    let [crcs, names] = extended(&[("module_layout", 1)]);
    let module = Module::good()
        .with("__version_ext_crcs", crcs.data)
        .with("__version_ext_names", names.data);
    for release in ["6.18.0", "7.2.0"] {
        loads(
            &module,
            &kernel(release),
            &["demo: no extended symbol version for printk"],
        );
    }
}

#[test]
fn half_of_the_extended_tables_is_refused() {
    let target = kernel("6.18.0");
    let line = ["extended version crc+name presence does not match"];
    refused(
        &Module::good().without("__version_ext_crcs"),
        &target,
        "ENOEXEC",
        &line,
    );
    refused(
        &Module::good().without("__version_ext_names"),
        &target,
        "ENOEXEC",
        &line,
    );
    let short = ["more extended version crcs than names"];
    refused(
        &Module::good().with("__version_ext_names", "module_layout\0printk\0"),
        &target,
        "ENOEXEC",
        &short,
    );
}

#[test]
fn without_any_table_a_module_must_be_forced() {
    let bare = Module::good()
        .without("__versions")
        .without("__version_ext_crcs")
        .without("__version_ext_names");
    refused(&bare, &kernel("6.18.0"), "ENOEXEC", &[]);
    let forced = ["demo: module_layout: kernel tainted."];
    loads(&bare, &kernel_with("CONFIG_MODULE_FORCE_LOAD=y\n"), &forced);
}

#[test]
fn the_release_counts_without_basic_versions() {
    let elsewhere = |module: Module| {
        module.with(
            ".modinfo",
            "name=demo\0license=GPL\0vermagic=6.18.9 SMP mod_unload modversions aarch64\0",
        )
    };
    loads(&elsewhere(Module::good()), &kernel("6.18.0"), &[]);
    let line = "demo: version magic '6.18.9 SMP mod_unload modversions aarch64' should be '6.18.0 SMP mod_unload modversions aarch64'";
    refused(
        &elsewhere(Module::good().without("__versions")),
        &kernel("6.18.0"),
        "ENOEXEC",
        &[line],
    );
}

#[test]
fn a_module_without_magic_is_refused_silently() {
    refused(
        &Module::good().with(".modinfo", "name=demo\0license=GPL\0"),
        &kernel("6.18.0"),
        "ENOEXEC",
        &[],
    );
}

#[test]
fn licences() {
    let lines = [
        "demo: module license 'BSD' taints kernel.",
        "demo: Unknown symbol helper (err -2)",
    ];
    refused(
        &Module::good().with_modinfo("license=BSD\0"),
        &kernel("6.18.0"),
        "ENOENT",
        &lines,
    );
    let lines = [
        "demo: module license 'unspecified' taints kernel.",
        "demo: Unknown symbol helper (err -2)",
    ];
    refused(
        &Module::good().with_modinfo(""),
        &kernel("6.18.0"),
        "ENOENT",
        &lines,
    );
    loads(
        &Module::good().with_modinfo("license=Dual MPL/GPL\0"),
        &kernel("6.18.0"),
        &[],
    );
}

#[test]
fn namespaces() {
    let target = kernel("6.18.0");
    let lines = [
        "demo: module uses symbol (spaced) from namespace SPACE, but does not import it.",
        "demo: Unknown symbol spaced (err -22)",
    ];
    refused(&listed("spaced", 4), &target, "EINVAL", &lines);
    loads(
        &listed("spaced", 4).with_modinfo("license=GPL\0import_ns=SPACE\0"),
        &target,
        &[],
    );
    loads(&listed("for_demo", 5), &target, &[]);
    let lines = [
        "demo: module uses symbol (for_other) from namespace module:other, but does not import it.",
        "demo: Unknown symbol for_other (err -22)",
    ];
    refused(&listed("for_other", 6), &target, "EINVAL", &lines);
    let line = ["demo: module tries to import module namespace: module:other"];
    refused(
        &Module::good().with_modinfo("license=GPL\0import_ns=module:other\0"),
        &target,
        "EPERM",
        &line,
    );
    let lenient = kernel_with("CONFIG_MODULE_ALLOW_MISSING_NAMESPACE_IMPORTS=y\n");
    loads(
        &listed("spaced", 4),
        &lenient,
        &["demo: module uses symbol (spaced) from namespace SPACE, but does not import it."],
    );
}

#[test]
fn the_last_bad_symbol_decides_the_errno() {
    let target = kernel("6.18.0");
    let mut module = listed("spaced", 4);
    module.symbols.push(Symbol("missing", 0, 1));
    assert_eq!(verdict(&module, &target).0, Some("ENOENT"));
    module.symbols.rotate_right(1);
    let (errno, log) = verdict(&module, &target);
    assert_eq!(errno, Some("EINVAL"));
    assert_eq!(log[0], "demo: Unknown symbol missing (err -2)");
}

#[test]
fn weak_and_special_symbols() {
    let target = kernel("6.18.0");
    let mut module = Module::good();
    module.symbols.push(Symbol("missing", 0, 2));
    module.symbols.push(Symbol("absolute", 0xfff1, 1));
    loads(&module, &target, &[]);
    module.symbols.push(Symbol("common", SHN_COMMON, 1));
    refused(
        &module,
        &target,
        "ENOEXEC",
        &["demo: please compile with -fno-common"],
    );
}

#[test]
fn a_symbol_in_no_section_is_checked_by_7_2_alone() {
    let mut module = Module::good();
    module.symbols.push(Symbol("stray", 100, 1));
    let findings = judge(&module.write(), &kernel("6.18.0"), &Alone);
    assert!(findings
        .iter()
        .any(|finding| finding.rule == "symbol-section" && finding.errno.is_none()));
    let line = ["demo: Symbol stray has an invalid section index 100 (max 12)"];
    refused(&module, &kernel("7.2.0"), "ENOEXEC", &line);
}

#[test]
fn relocations() {
    let target = kernel("6.18.0");
    let unknown = Module::good().with(".rela.text", relocation(0, 999, 1));
    refused(
        &unknown,
        &target,
        "ENOEXEC",
        &["Modules: module demo: unsupported RELA relocation: 999"],
    );
    let mut plain = Module::good();
    plain.section(".rela.text").kind = SHT_REL;
    refused(
        &plain,
        &target,
        "ENOEXEC",
        &["module demo: REL relocation unsupported"],
    );
    for (offset, symbol, rule) in [
        (14, 1, "relocation-offset"),
        (u64::MAX, 1, "relocation-offset"),
        (0, 77, "relocation-symbol"),
    ] {
        let module = Module::good().with(".rela.text", relocation(offset, 283, symbol));
        let findings = judge(&module.write(), &target, &Alone);
        let finding = findings
            .iter()
            .find(|finding| finding.effect == Effect::Refused)
            .unwrap();
        assert_eq!((finding.rule, finding.errno), (rule, None));
    }
}

#[test]
fn x86_64_wants_zeros_where_it_relocates() {
    let vermagic = Some(String::from("6.18.0 SMP mod_unload modversions "));
    let target = Target {
        machine: Some(&X86_64),
        vermagic,
        ..kernel("6.18.0")
    };
    let modinfo = "name=demo\0license=GPL\0vermagic=6.18.0 SMP mod_unload modversions \0";
    let mut module = Module::good()
        .with(".modinfo", modinfo)
        .with(".rela.text", relocation(4, 4, 1));
    module.machine = &X86_64;
    loads(&module, &target, &[]);
    module.section(".text").data[5] = 1;
    let line =
        "module: x86/modules: Invalid relocation target, existing value is nonzero for type 4, …";
    refused(&module, &target, "ENOEXEC", &[line]);
    module.section(".rela.text").data = relocation(0, 42, 1);
    refused(
        &module,
        &target,
        "ENOEXEC",
        &["module: demo: Unknown rela relocation: 42"],
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

#[test]
fn what_the_kernel_was_told() {
    let told = |command_line: &str| Target {
        command_line: Some(command_line.into()),
        ..kernel("6.18.0")
    };
    refused(
        &Module::good(),
        &told("module_blacklist=a,demo"),
        "EPERM",
        &["Module demo is blacklisted"],
    );
    loads(&Module::good(), &told("module_blacklist=dem,demo2"), &[]);
    refused(&Module::good(), &told("nomodule"), "EPERM", &[]);
}

#[test]
fn unsigned_modules() {
    let target = kernel_with("CONFIG_MODULE_SIG=y\n");
    loads(&Module::good(), &target, &[]);
    let enforcing = kernel_with("CONFIG_MODULE_SIG=y\nCONFIG_MODULE_SIG_FORCE=y\n");
    refused(
        &Module::good(),
        &enforcing,
        "EKEYREJECTED",
        &["Loading of unsigned module is rejected"],
    );
}

#[test]
fn what_is_not_known_is_told() {
    let findings = judge(&Module::good().write(), &Target::default(), &Alone);
    let unknown: Vec<_> = findings
        .iter()
        .filter(|finding| finding.effect == Effect::Unknown)
        .map(|finding| finding.rule)
        .collect();
    assert_eq!(
        unknown,
        ["signature", "this-module-size", "vermagic", "exports"]
    );
}

#[test]
fn the_first_step_that_refuses_decides() {
    let module = Module::good()
        .with_modinfo("license=BSD\0")
        .with("__version_ext_crcs", [9; 12]);
    let lines = ["demo: disagrees about version of symbol module_layout"];
    refused(&module, &kernel("6.18.0"), "ENOEXEC", &lines);
}
