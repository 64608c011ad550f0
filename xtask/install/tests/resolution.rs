// SPDX-License-Identifier: GPL-2.0

//! modprobe's own answer on an installed module, and each way to spoil it.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use xshell::Shell;

use super::Fixture;
use crate::check::fixture::{section, Module};
use crate::install::index::View;
use crate::install::verification::Subject;

const RELEASE: &str = "6.18.0";
const MODULE: &str = "lib/modules/6.18.0/updates/demo.ko";

/// A module that claims an alias.
fn module(name: &str) -> Vec<u8> {
    let modinfo = format!("license=GPL\0name={name}\0alias=of:N*T*Cacme,gpu\0vermagic=6.18.0\0");
    let mut module = Module::good();
    *module.section(".modinfo") = section(".modinfo", modinfo);
    module.write()
}

/// A root with the module, its autoload entry and an index.
fn installed() -> Fixture {
    let fixture = Fixture::new();
    fixture.write(MODULE, module("demo"));
    fixture.write("etc/modules-load.d/demo.conf", "demo\n");
    index(&fixture);
    fixture
}

fn index(fixture: &Fixture) {
    let root = fixture.root();
    let sh = Shell::new().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let view = View {
        root: &root,
        release: RELEASE,
        without: &[],
        with: None,
    };
    for file in view.index(&sh, directory.path()).unwrap() {
        let place = fixture.path.join("lib/modules").join(RELEASE);
        fs::copy(&file, place.join(file.file_name().unwrap())).unwrap();
    }
}

fn verify(fixture: &Fixture) -> Result<(), String> {
    let root = fixture.root();
    let module: PathBuf = root.directory().join(MODULE);
    let subject = Subject {
        root: &root,
        release: RELEASE,
        name: "demo",
        module: &module,
        autoload: true,
    };
    let verdict = subject.verify(&Shell::new().unwrap());
    verdict.map_err(|error| format!("{error:#}"))
}

fn assert_refused(fixture: &Fixture, reason: &str) {
    let verdict = verify(fixture);
    assert!(
        verdict.as_ref().is_err_and(|error| error.contains(reason)),
        "{verdict:?}"
    );
}

#[test]
fn an_installed_module_is_found_by_name_and_by_alias() {
    assert_eq!(verify(&installed()), Ok(()));
}

#[test]
fn a_module_without_an_index_is_not_found() {
    let fixture = installed();
    fs::remove_file(fixture.path.join("lib/modules/6.18.0/modules.dep.bin")).unwrap();
    assert_refused(&fixture, "modprobe finds no file for demo");
}

#[test]
fn another_file_of_the_name_that_wins_is_named() {
    let fixture = installed();
    fixture.write("lib/modules/6.18.0/first/demo.ko", module("demo"));
    fixture.write("etc/depmod.d/a.conf", "search first updates built-in\n");
    index(&fixture);
    assert_refused(
        &fixture,
        "lib/modules/6.18.0/first/demo.ko, not what was installed",
    );
}

#[test]
fn a_blacklist_of_the_module_itself_is_named() {
    let fixture = installed();
    fixture.write("usr/lib/modprobe.d/other.conf", "blacklist demo\n");
    assert_refused(&fixture, "other.conf blacklists it");
}

#[test]
fn an_install_command_is_named() {
    let fixture = installed();
    fixture.write("etc/modprobe.d/other.conf", "install demo /bin/false\n");
    assert_refused(&fixture, "`install demo /bin/false`");
}

#[test]
fn an_autoload_entry_that_is_masked_is_noticed() {
    let fixture = installed();
    fixture.write("usr/lib/modules-load.d/demo.conf", "demo\n");
    let masked = fixture.path.join("etc/modules-load.d/demo.conf");
    fs::remove_file(&masked).unwrap();
    symlink("/dev/null", &masked).unwrap();
    assert_refused(&fixture, "hides the new one");
}

#[test]
fn an_alias_that_modprobe_d_gives_away_is_noticed() {
    let fixture = installed();
    fixture.write("lib/modules/6.18.0/kernel/rival.ko", module("rival"));
    index(&fixture);
    assert_eq!(
        verify(&fixture),
        Ok(()),
        "both claim the alias, and both are loaded"
    );
    fixture.write(
        "etc/modprobe.d/other.conf",
        "alias of:N*T*Cacme,gpu rival\n",
    );
    assert_refused(&fixture, "kernel/rival.ko, not what was installed");
}

#[test]
fn the_configuration_of_this_machine_does_not_count() {
    // A root without any modprobe.d: kmod would read this machine's.
    let fixture = installed();
    let sh = Shell::new().unwrap();
    let command = crate::install::kmod::command(&sh, "modprobe", &fixture.root(), "modprobe.d");
    assert!(command.unwrap().to_string().contains("--config /dev/null"));
}
