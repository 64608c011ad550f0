// SPDX-License-Identifier: GPL-2.0

//! The header against the Rust sources that it was made from, and against Qualcomm's own: every size, offset, ioctl number
//! and constant, as compilers of both languages see them.

mod compile;
mod probe;

use std::collections::BTreeMap;

use super::model::Abi;
use super::{read, PATH};
use crate::project;

/// What the header of Mesa's source says, in the probe's own words; lines that start with `#` tell where it is from.
const MSM_KGSL: &str = include_str!("tests/msm_kgsl.txt");

/// Where a copy of that header is, for who wants to make the table again.
const MSM_KGSL_FILE: &str = "MSM_KGSL_H";

/// Structures that the header of Mesa 25.0 does not have.
const NEWER: [&str; 2] = [
    "kgsl_read_calibrated_timestamps",
    "READ_CALIBRATED_TIMESTAMPS",
];

fn abi() -> Abi {
    read::read(&project::root().join("kmod/abi")).unwrap()
}

/// Facts by their names.
fn facts(text: &str) -> BTreeMap<&str, &str> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.rsplit_once(' ').unwrap()).collect()
}

/// Fails with everything that differs.
fn assert_same(ours: &str, theirs: &str) {
    let (ours, theirs) = (facts(ours), facts(theirs));
    let differing: Vec<_> = theirs
        .iter()
        .filter(|(name, value)| ours.get(**name) != Some(value))
        .map(|(name, value)| format!("{name}: {value}, and {:?}", ours.get(name)))
        .collect();
    assert!(differing.is_empty(), "{}", differing.join("\n"));
    assert!(theirs.len() > 100, "there are only {} facts", theirs.len());
}

/// What C says of our header.
fn in_c(abi: &Abi) -> String {
    let header = project::root().join(PATH);
    compile::run_c(&probe::c(abi, &header, |_| true), &[])
}

#[test]
fn c_and_rust_see_the_same() {
    let abi = abi();
    let (rust, c) = (compile::run_rust(&probe::rust(&abi)), in_c(&abi));
    assert_same(&c, &rust);
    assert_same(&rust, &c);
}

#[test]
fn what_the_c_driver_has_is_the_same() {
    let abi = abi();
    let ours = in_c(&abi);
    assert_same(&ours, MSM_KGSL);
    let theirs = facts(MSM_KGSL);
    for name in facts(&ours)
        .keys()
        .filter(|name| !name.starts_with("constant "))
    {
        let newer = NEWER.iter().any(|newer| name.contains(newer));
        assert_ne!(theirs.contains_key(name), newer, "{name}");
    }
}

/// The table above is what a compiler says of the header itself, where there is one.
#[test]
fn the_table_is_what_the_header_says() {
    let Ok(header) = std::env::var(MSM_KGSL_FILE) else {
        return;
    };
    let known = |name: &str| !NEWER.contains(&name);
    let said = compile::run_c(&probe::c(&abi(), header.as_ref(), known), &["-D__user="]);
    assert_same(&said, MSM_KGSL);
    assert_same(MSM_KGSL, &said);
}

/// 32-bit programs: the compilers that build the kernel for either architecture know these, too.
#[test]
fn thirty_two_bit_programs_see_what_the_driver_expects() {
    let abi = abi();
    let expected = compile::run_rust(&probe::rust_compat(&abi));
    let header = project::root().join(PATH);
    let asserted = probe::c_assertions(&header, &facts(&expected));
    for target in ["i686-linux-gnu", "arm-linux-gnueabihf"] {
        compile::check_c(&asserted, target).unwrap();
    }
    let broken = asserted.replacen(" == ", " != ", 1);
    assert!(compile::check_c(&broken, "arm-linux-gnueabihf").is_err());
}

/// A C++ program can use it, too, and no other header has to come first.
#[test]
fn it_stands_alone() {
    let header = project::root().join(PATH);
    let program = format!("#include \"{0}\"\n#include \"{0}\"\n", header.display());
    for options in [["-x", "c", "-std=c99"], ["-x", "c++", "-std=c++11"]] {
        let options: Vec<_> = options.into_iter().chain(["-fsyntax-only"]).collect();
        compile::compile_c(&program, &options).unwrap();
    }
}
