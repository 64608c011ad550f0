// SPDX-License-Identifier: GPL-2.0

//! Tests of the generated files: their text, and what make says with them.

use std::path::Path;
use std::process::Command;

use super::command::{diff, stale};
use crate::manifest::Manifest;
use crate::project;

#[test]
fn the_committed_files_are_what_the_manifest_says() {
    let stale = stale(&project::root(), &Manifest::load().unwrap()).unwrap();
    let diffs: String = stale
        .iter()
        .map(|(file, present)| diff(file, present))
        .collect();
    assert!(stale.is_empty(), "run `cargo xtask generate`:\n{diffs}");
}

#[test]
fn a_changed_manifest_makes_files_stale() {
    let mut manifest = Manifest::load().unwrap();
    manifest.module.objects.push("extra.c".to_owned());
    let stale = stale(&project::root(), &manifest).unwrap();
    let diffs: String = stale
        .iter()
        .map(|(file, present)| diff(file, present))
        .collect();
    let added = diffs
        .lines()
        .any(|line| line.starts_with('+') && line.contains("kmod/extra.o"));
    assert!(added, "{diffs}");
}

#[test]
fn a_malformed_series_is_refused() {
    let mut manifest = Manifest::load().unwrap();
    manifest.module.series.push("latest".to_owned());
    assert!(stale(&project::root(), &manifest).is_err());
}

/// What make prints on stderr, and whether it succeeded, for a target and variables.
fn make(arguments: &[&str]) -> (bool, String) {
    let mut command = Command::new("make");
    command
        .arg("-C")
        .arg(project::root())
        .arg("--no-print-directory")
        .args(arguments);
    for name in [
        "KERNEL_SRC",
        "KBUILD_OUTPUT",
        "O",
        "MO",
        "MAKEFLAGS",
        "MAKELEVEL",
    ] {
        command.env_remove(name);
    }
    let output = command.output().unwrap();
    (
        output.status.success(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

/// The one line that make prints for a kernel that does not serve.
fn refusal(kernel: Option<&Path>) -> String {
    let variable = kernel.map(|kernel| format!("KERNEL_SRC={}", kernel.display()));
    let (success, stderr) = make(&variable.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(!success);
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    stderr
}

#[test]
fn make_names_what_is_wrong_with_the_kernel_in_one_line() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    assert!(refusal(None).contains("KERNEL_SRC is not set"));
    assert!(refusal(Some(&path.join("absent"))).contains("is not a kernel"));
    std::fs::write(path.join("Makefile"), "").unwrap();
    assert!(refusal(Some(path)).contains("is not configured"));
    std::fs::write(
        path.join(".config"),
        "CONFIG_MODULES=y\n# CONFIG_RUST is not set\n",
    )
    .unwrap();
    assert!(refusal(Some(path)).contains("lacks CONFIG_RUST"));
    let options = Manifest::load().unwrap().module.required_options;
    let mut config: String = options
        .iter()
        .flat_map(|name| ["CONFIG_", name, "=y\n"])
        .collect();
    config.push_str("CONFIG_RUSTC_VERSION_TEXT=\"rustc 0.1 (never)\"\n");
    std::fs::write(path.join(".config"), config).unwrap();
    assert!(refusal(Some(path)).contains("was built by `rustc 0.1 (never)`, and rustc is `"));
}

#[test]
fn make_installs_nothing_before_there_is_a_module() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    std::fs::write(path.join("Makefile"), "modules_install:\n").unwrap();
    let options = Manifest::load().unwrap().module.required_options;
    let config: String = options
        .iter()
        .flat_map(|name| ["CONFIG_", name, "=y\n"])
        .collect();
    std::fs::write(path.join(".config"), config).unwrap();
    let kernel = format!("KERNEL_SRC={}", path.display());
    let output = format!("MO={}", path.display());
    let install = || make(&["modules_install", &kernel, &output]);
    let (success, stderr) = install();
    assert!(!success);
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.contains("build it first"), "{stderr}");
    let name = Manifest::load().unwrap().module.name;
    std::fs::write(path.join(format!("{name}.ko")), "").unwrap();
    let (success, stderr) = install();
    assert!(success, "{stderr}");
}

#[test]
fn clean_and_help_need_no_kernel_and_clean_spares_what_it_did_not_make() {
    let directory = tempfile::tempdir().unwrap();
    let name = Manifest::load().unwrap().module.name;
    let (product, other) = (
        directory.path().join(format!("{name}.ko")),
        directory.path().join("other.o"),
    );
    std::fs::write(&product, "").unwrap();
    std::fs::write(&other, "").unwrap();
    let (success, stderr) = make(&["clean", &format!("MO={}", directory.path().display())]);
    assert!(success, "{stderr}");
    assert!(!product.exists() && other.exists());
    assert!(make(&["help"]).0);
}
