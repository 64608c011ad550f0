// SPDX-License-Identifier: GPL-2.0

//! Each kind of target, laid out in a directory of its own.

use std::fs;
use std::path::Path;

use super::open::Options;
use super::Target;
use crate::check::fixture::{Module, CONFIG, MAGIC, MODULE_SIZE};
use crate::check::machine::ARM64;
use crate::check::{batch, Report};

const SYMVERS: &str = "0x00000001\tmodule_layout\tvmlinux\tEXPORT_SYMBOL\t\n\
                       0x00000002\tprintk\tvmlinux\tEXPORT_SYMBOL\t\n\
                       0x00000003\thelper\tlib/helper\tEXPORT_SYMBOL_GPL\t\n";

fn write(root: &Path, name: &str, contents: impl AsRef<[u8]>) {
    let path = root.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, contents).unwrap();
}

fn open(path: &Path, options: &Options) -> anyhow::Result<Target> {
    let sh = xshell::Shell::new().unwrap();
    Target::open(&sh, path.to_str().unwrap(), options)
}

fn tree(root: &Path) {
    write(root, "Makefile", "");
    write(root, ".config", format!("CONFIG_ARM64=y\n{CONFIG}"));
    write(root, "include/config/kernel.release", "6.18.0\n");
    write(root, "Module.symvers", SYMVERS);
}

fn sysroot(root: &Path) {
    write(
        root,
        "boot/config-6.18.0",
        format!("CONFIG_ARM64=y\n{CONFIG}"),
    );
    write(root, "usr/src/linux-headers-6.18.0/Module.symvers", SYMVERS);
    write(
        root,
        "lib/modules/6.18.0/kernel/lib/helper.ko",
        Module::good().write(),
    );
    write(
        root,
        "lib/modules/6.18.0/modules.builtin",
        "kernel/net/tcp_cubic.ko\n",
    );
    write(
        root,
        "lib/modules/6.18.0/modules.alias",
        "alias of:demo other\n",
    );
    write(root, "etc/modprobe.d/a.conf", "blacklist demo\n");
    write(root, "etc/modules-load.d/a.conf", "demo\n");
}

/// The verdict on the good module, in a file beside the target.
fn verdict(target: &Target) -> Report {
    let directory = tempfile::tempdir().unwrap();
    write(directory.path(), "demo.ko", Module::good().write());
    batch::verdict(&directory.path().join("demo.ko"), target).unwrap()
}

#[test]
fn a_tree_tells_all_but_its_modules() {
    let directory = tempfile::tempdir().unwrap();
    tree(directory.path());
    let target = Target::from_tree(directory.path()).unwrap();
    assert_eq!(
        (target.release.as_deref(), target.machine),
        (Some("6.18.0"), Some(&ARM64))
    );
    assert_eq!(target.magic().as_deref(), Some(MAGIC));
    assert!(target.exports.is_complete && verdict(&target).loads());
}

#[test]
fn a_headers_tree_tells_its_release_in_a_header() {
    let directory = tempfile::tempdir().unwrap();
    tree(directory.path());
    fs::remove_file(directory.path().join("include/config/kernel.release")).unwrap();
    write(
        directory.path(),
        "include/generated/utsrelease.h",
        "#define UTS_RELEASE \"6.18.7-x\"\n",
    );
    assert_eq!(
        Target::from_tree(directory.path())
            .unwrap()
            .release
            .as_deref(),
        Some("6.18.7-x")
    );
}

#[test]
fn a_damaged_symvers_is_told_by_its_line() {
    let directory = tempfile::tempdir().unwrap();
    tree(directory.path());
    write(
        directory.path(),
        "Module.symvers",
        format!("{SYMVERS}nonsense\n"),
    );
    let error = Target::from_tree(directory.path()).unwrap_err();
    assert!(
        format!("{error:#}").contains("Module.symvers:4:"),
        "{error:#}"
    );
}

#[test]
fn a_root_directory_tells_what_modprobe_does() {
    let directory = tempfile::tempdir().unwrap();
    sysroot(directory.path());
    let target = open(directory.path(), &Options::default()).unwrap();
    assert_eq!(
        (target.kind, target.module_size),
        ("root directory", Some(MODULE_SIZE))
    );
    let report = verdict(&target);
    assert!(report.loads(), "{report}");
    assert!(report
        .findings
        .iter()
        .any(|finding| finding.rule == "autoload-blacklisted"));
}

#[test]
fn a_module_whose_exporter_is_absent_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    sysroot(directory.path());
    let helper = directory
        .path()
        .join("lib/modules/6.18.0/kernel/lib/helper.ko");
    fs::write(&helper, b"damaged").unwrap();
    let report = verdict(&open(directory.path(), &Options::default()).unwrap());
    assert!(
        report
            .findings
            .iter()
            .any(|finding| finding.cause.contains("refuses itself")),
        "{report}"
    );
    fs::remove_file(&helper).unwrap();
    let report = verdict(&open(directory.path(), &Options::default()).unwrap());
    assert_eq!(report.errno.map(|errno| errno.name), Some("ENOENT"));
    assert!(
        report
            .findings
            .iter()
            .any(|finding| finding.cause.contains("not installed")),
        "{report}"
    );
}

#[test]
fn several_kernels_must_be_told_apart() {
    let directory = tempfile::tempdir().unwrap();
    sysroot(directory.path());
    write(directory.path(), "lib/modules/6.18.1/modules.builtin", "");
    let error = open(directory.path(), &Options::default()).unwrap_err();
    assert!(format!("{error:#}").contains("6.18.0, 6.18.1"), "{error:#}");
    let release = Some(String::from("6.18.0"));
    assert!(open(
        directory.path(),
        &Options {
            release,
            ..Options::default()
        }
    )
    .is_ok());
}

#[test]
fn a_bare_symvers_compares_checksums() {
    let directory = tempfile::tempdir().unwrap();
    write(
        directory.path(),
        "Module.symvers",
        SYMVERS.replace("0x00000002", "0x00000009"),
    );
    let options = Options {
        release: Some("6.18.0".into()),
        machine: Some(&ARM64),
        ..Options::default()
    };
    let report = verdict(&open(&directory.path().join("Module.symvers"), &options).unwrap());
    let symbol = report
        .findings
        .iter()
        .find_map(|finding| finding.symbol.clone())
        .unwrap();
    assert_eq!(
        (
            symbol.name.as_str(),
            symbol.wanted.as_deref(),
            symbol.had.as_deref()
        ),
        ("printk", Some("0x00000002"), Some("0x00000009"))
    );
    assert_eq!(report.errno.map(|errno| errno.name), Some("EINVAL"));
}

#[test]
fn modules_tell_what_their_kernel_exports() {
    let directory = tempfile::tempdir().unwrap();
    write(directory.path(), "a/other.ko", Module::good().write());
    let target = open(directory.path(), &Options::default()).unwrap();
    assert_eq!(
        (target.kind, target.magic().as_deref()),
        ("directory of modules", Some(MAGIC))
    );
    assert!(verdict(&target).loads());
    let flipped = Module::good().with("__version_ext_crcs", [9; 12]).write();
    write(directory.path(), "a/other.ko", flipped);
    assert!(!verdict(&open(directory.path(), &Options::default()).unwrap()).loads());
}

#[test]
fn compressed_modules_are_read() {
    let directory = tempfile::tempdir().unwrap();
    tree(directory.path());
    let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 1);
    std::io::Write::write_all(&mut encoder, &Module::good().write()).unwrap();
    write(directory.path(), "demo.ko.xz", encoder.finish().unwrap());
    let target = Target::from_tree(directory.path()).unwrap();
    assert!(
        batch::verdict(&directory.path().join("demo.ko.xz"), &target)
            .unwrap()
            .loads()
    );
}

#[test]
fn modules_that_are_named_together_may_need_each_other() {
    let directory = tempfile::tempdir().unwrap();
    tree(directory.path());
    let symvers = SYMVERS.lines().take(2).collect::<Vec<_>>().join("\n");
    write(directory.path(), "Module.symvers", symvers);
    let mut lender = Module::good();
    lender.symbols = vec![crate::check::fixture::Symbol("__ksymtab_helper", 10, 0)];
    lender.section(".rela.text").data.clear();
    lender
        .sections
        .push(crate::check::fixture::section("__ksymtab", [0; 12]));
    lender.sections.push(crate::check::fixture::section(
        "__kcrctab",
        3u32.to_le_bytes(),
    ));
    write(directory.path(), "lender.ko", lender.write());
    write(directory.path(), "demo.ko", Module::good().write());
    let target = Target::from_tree(directory.path()).unwrap();
    let files = ["demo.ko", "lender.ko"].map(|name| directory.path().join(name));
    assert!(!batch::verdict(&files[0], &target).unwrap().loads());
    let reports = batch::verdicts(&files, target).unwrap();
    assert!(
        reports.iter().all(Report::loads),
        "{}{}",
        reports[0],
        reports[1]
    );
}

#[test]
fn what_is_no_target_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let error = open(directory.path(), &Options::default()).unwrap_err();
    assert!(
        format!("{error:#}").contains("neither a kernel tree"),
        "{error:#}"
    );
    write(directory.path(), "text", "hello");
    let error = open(&directory.path().join("text"), &Options::default()).unwrap_err();
    assert!(format!("{error:#}").contains("is no kernel"), "{error:#}");
}
