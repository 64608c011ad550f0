// SPDX-License-Identifier: GPL-2.0

//! Symbols, licences, namespaces and relocations.

use super::*;

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
fn a_rust_symbol_of_another_build_is_told_as_such() {
    let mut target = kernel("6.18.0");
    let name = b"_RNvCsAAA_6kernel5print";
    let line = crate::check::exports::Line {
        name,
        crc: Some(1),
        owner: "vmlinux",
        gpl_only: true,
        namespace: "",
    };
    target.exports.insert(line);
    let module = with_symbol("_RNvCsBBB_6kernel5print");
    let findings = judge(&module.write(), &target, &Alone);
    let cause = &findings.last().unwrap().cause;
    assert!(
        cause.contains("_RNvCsAAA_6kernel5print: the same item"),
        "{cause}"
    );
}

#[test]
fn a_kernel_without_its_modules_cannot_tell_what_dependencies_export() {
    let mut target = kernel("6.18.0");
    target.exports.has_modules = false;
    let needy = with_symbol("of_another");
    assert_eq!(verdict(&needy, &target).0, Some("ENOENT"));
    loads(
        &needy.with_modinfo("license=GPL\0depends=another\0"),
        &target,
        &[],
    );
}
