// SPDX-License-Identifier: GPL-2.0

//! The demo client sees what the GPU wrote, and sees it when the GPU wrote something else.

use std::process::{Command, Output};

use crate::client::NODE;
use crate::module::Module;
use crate::suite::Suite;

/// The suite.
pub(super) const SUITE: Suite = Suite {
    name: "demo",
    groups: &[crate::tests![
        the_gpu_writes_what_it_has_to,
        a_wrong_value_is_noticed,
        a_wrong_address_is_noticed,
        a_wrong_header_is_noticed,
        every_chip_runs_it,
    ]],
};

/// The first value of MEM_WRITE, and dwords that are no values: its low address and its header.
const VALUE: usize = 3;
const ADDRESS: usize = 1;
const HEADER: usize = 0;

fn demo(arguments: &[&str]) -> Output {
    Command::new("/bin/demo")
        .args(arguments)
        .output()
        .expect("the demo starts")
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn demo_with_mutated_dword(index: usize) -> String {
    let output = demo(&[&format!("--mutate={index}")]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    text(&output)
}

fn the_gpu_writes_what_it_has_to() {
    let output = demo(&[]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert!(
        text(&output).ends_with("The GPU wrote what it had to.\n"),
        "{}",
        text(&output)
    );
}

fn a_wrong_value_is_noticed() {
    let text = demo_with_mutated_dword(VALUE);
    assert!(text.contains("not 600df00d"), "{text}");
}

fn a_wrong_address_is_noticed() {
    let text = demo_with_mutated_dword(ADDRESS);
    assert!(text.contains("waiting for timestamp"), "{text}");
}

fn a_wrong_header_is_noticed() {
    let text = demo_with_mutated_dword(HEADER);
    assert!(text.contains("waiting for timestamp"), "{text}");
}

/// An identity of each generation, and the newest.
fn every_chip_runs_it() {
    for (chip, model) in [
        ("a618", "Adreno618"),
        ("a740", "Adreno740"),
        ("a750", "Adreno750"),
        ("a840", "Adreno840"),
    ] {
        let module = Module::named("kgsl_shim");
        module.remove().unwrap_or_else(|errno| {
            panic!("removing the module, while nobody has {NODE} open: {errno}")
        });
        module
            .clone()
            .with(&format!("chip={chip}"))
            .insert()
            .expect("the module is inserted");
        let output = demo(&[]);
        assert_eq!(output.status.code(), Some(0), "{chip}: {}", text(&output));
        assert!(
            text(&output).starts_with(model),
            "{chip}: {}",
            text(&output)
        );
    }
}
