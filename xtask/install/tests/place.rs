// SPDX-License-Identifier: GPL-2.0

//! What a root directory must be, and where things are in it.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::Fixture;
use crate::advice;
use crate::arch::Arch;
use crate::install::root::expect_release;
use crate::install::{Layout, Root};

fn refusal(path: &Path) -> String {
    advice::describe(&Root::open(path).unwrap_err())
}

#[test]
fn what_is_no_root_directory_is_refused_with_the_reason() {
    let fixture = Fixture::new();
    assert!(refusal(&fixture.path.join("absent")).contains("cannot be opened: No such file"));
    assert!(refusal(&fixture.write("etc/file", "")).contains("is not a directory"));
    let home = fixture.path.join("home");
    fs::create_dir(&home).unwrap();
    assert!(Root::open(&home).is_ok(), "an empty directory");
    fixture.write("home/letter", "");
    assert!(refusal(&home).contains("neither etc, usr nor lib"));
}

#[test]
fn a_link_that_leaves_the_root_is_not_followed() {
    let fixture = Fixture::new();
    symlink("/usr/lib", fixture.path.join("lib")).unwrap();
    let error = fixture.root().place("lib/modules").unwrap_err();
    assert!(error.to_string().contains("outside of the root"), "{error}");
    assert!(!fixture.root().has("lib/modules"));
    fs::remove_file(fixture.path.join("lib")).unwrap();
    fs::create_dir_all(fixture.path.join("usr/lib")).unwrap();
    symlink("usr/lib", fixture.path.join("lib")).unwrap();
    let place = fixture.root().place("lib/modules/x").unwrap();
    assert!(place.ends_with("usr/lib/modules/x"), "{place:?}");
}

#[test]
fn the_layout_is_that_of_the_target() {
    let fixture = Fixture::new();
    let root = fixture.root();
    assert_eq!(Layout::of(&root), Layout::Etc);
    fixture.write("usr/lib/systemd/systemd", "");
    assert_eq!(Layout::of(&root), Layout::Systemd);
    let merged = Layout::Systemd.directories(&root);
    assert_eq!(
        (merged.modprobe, merged.udev),
        ("usr/lib/modprobe.d", "usr/lib/udev/rules.d")
    );
    fixture.write("lib/modprobe.d/a.conf", "");
    fixture.write("lib/udev/rules.d/a.rules", "");
    let split = Layout::Systemd.directories(&root);
    assert_eq!(
        (split.modprobe, split.udev),
        ("lib/modprobe.d", "lib/udev/rules.d")
    );
    assert_eq!(split.modules_load, "usr/lib/modules-load.d");
}

#[test]
fn a_root_of_another_architecture_is_refused() {
    let fixture = Fixture::new();
    let mut header = [0; 20];
    header[..4].copy_from_slice(b"\x7fELF");
    header[18] = 62;
    fixture.write("sbin/init", header);
    fixture.root().expect_architecture(Arch::X86_64).unwrap();
    let error = fixture.root().expect_architecture(Arch::Arm64).unwrap_err();
    assert!(
        advice::describe(&error).contains("--arch x86_64"),
        "{error:#}"
    );
    // A 32-bit system on a 64-bit kernel is a usual thing.
    header[18] = 40;
    fixture.write("sbin/init", header);
    fixture.root().expect_architecture(Arch::Arm64).unwrap();
}

#[test]
fn modules_of_other_kernels_or_half_of_them_are_refused() {
    let fixture = Fixture::new();
    let root = fixture.root();
    assert!(!expect_release(&root, "6.18.1", false).unwrap());
    fixture.write("lib/modules/6.18.0/modules.dep", "");
    let error = expect_release(&root, "6.18.1", false).unwrap_err();
    assert!(error.to_string().contains("but of 6.18.0"), "{error}");
    assert!(expect_release(&root, "6.18.0", false).unwrap());
    fs::remove_file(fixture.path.join("lib/modules/6.18.0/modules.dep")).unwrap();
    fixture.write("lib/modules/6.18.0/kernel/a.ko", "");
    let error = expect_release(&root, "6.18.0", false).unwrap_err();
    assert!(error.to_string().contains("half installed"), "{error}");
    assert!(expect_release(&root, "6.18.0", true).unwrap());
}
