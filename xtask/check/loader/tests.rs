// SPDX-License-Identifier: GPL-2.0

//! Each rule of the loader on a hand-made module: errno and log, as the kernel's source has them.

mod structure;
mod symbols;
mod versions;

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
