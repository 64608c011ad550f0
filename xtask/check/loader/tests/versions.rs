// SPDX-License-Identifier: GPL-2.0

//! Version tables and version magic.

use super::*;

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
