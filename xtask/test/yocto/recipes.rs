// SPDX-License-Identifier: GPL-2.0

//! The recipes as BitBake sees them when the layer lies in a checkout: for whom they are, and the values that decide
//! what reaches an image.

use std::path::PathBuf;

use super::build::{Build, Seen};
use super::checks::Checks;
use super::{layer, Bench};
use crate::project;
use crate::test::case::Outcome;

/// What a user writes into local.conf.
pub(super) const RUST: &str = "KERNEL_FEATURES:append = \" rust\"\n";

/// The variables that are looked at.
const VARIABLES: &[&str] = &[
    "B",
    "DEPENDS",
    "EXTRA_OEMAKE",
    "FILES:${PN}",
    "KERNEL_MODULE_AUTOLOAD",
    "KERNEL_MODULE_PROBECONF",
    "LICENSE",
    "RDEPENDS:${PN}",
    "S",
    "SRC_URI",
    "SRCREV",
    "modprobedir",
    "module_conf_${RUST_MODULE_CHECK}",
    "modulesloaddir",
];

/// Every case.
pub(super) fn run(bench: &Bench<'_>) -> anyhow::Result<Outcome> {
    let recipes = project::root().join("recipes");
    let build = |name: &str, configuration: &str| {
        Build::new(bench, name, &[recipes.as_path()], configuration)
    };
    let mut outcome = module(&build("checkout", RUST)?)?;
    outcome.join(checker(&build("checkout", RUST)?)?);
    outcome.join(audience(&build)?);
    outcome.join(kernels(&build)?);
    Ok(outcome)
}

/// The module's recipe.
fn module(build: &Build<'_>) -> anyhow::Result<Outcome> {
    let seen = build.module(VARIABLES, &[])?;
    let mut checks = Checks::of("yocto", "recipe");
    let root = project::root().display().to_string();
    checks.equal("S is the checkout", seen.value("S"), &root);
    checks.contains(
        "make builds outside the checkout",
        seen.value("EXTRA_OEMAKE"),
        &format!("-C {root} MO={}", seen.value("B")),
    );
    boots(build.bench, &seen, &mut checks);
    dependencies(build.bench, &seen, &mut checks);
    order(&seen, &mut checks);
    Ok(checks.outcome())
}

/// What makes the module load at boot, and the other one not.
pub(super) fn boots(bench: &Bench<'_>, seen: &Seen, checks: &mut Checks) {
    let module = &bench.manifest.module;
    let name = [module.name.as_str()];
    checks.equal(
        "autoload",
        seen.words("KERNEL_MODULE_AUTOLOAD"),
        name.to_vec(),
    );
    checks.equal(
        "probe configuration",
        seen.words("KERNEL_MODULE_PROBECONF"),
        name.to_vec(),
    );
    let blacklist: Vec<String> = module
        .blacklist
        .iter()
        .map(|other| format!("blacklist {other}"))
        .collect();
    let told = seen.value("module_conf_${RUST_MODULE_CHECK}").lines();
    checks.equal(
        "modprobe is told",
        told.collect::<Vec<_>>(),
        blacklist.iter().map(String::as_str).collect(),
    );
    checks.equal(
        "where systemd looks",
        seen.value("modulesloaddir"),
        "/usr/lib/modules-load.d",
    );
    checks.equal(
        "where modprobe looks",
        seen.value("modprobedir"),
        "/usr/lib/modprobe.d",
    );
    checks.equal(
        "the package has the udev rule",
        seen.value("FILES:${PN}").trim(),
        "/usr/lib/udev/rules.d",
    );
    checks.equal(
        "the licence is SPDX's",
        seen.value("LICENSE"),
        "GPL-2.0-only",
    );
}

/// The kernel comes by the class alone: its own version is what module.bbclass makes packages depend on.
pub(super) fn dependencies(bench: &Bench<'_>, seen: &Seen, checks: &mut Checks) {
    let checker = format!("{}-xtask-native", bench.manifest.package);
    let mut depends = seen.words("DEPENDS");
    depends.sort_unstable();
    checks.equal(
        "what is built before",
        depends,
        vec![checker.as_str(), "pkgconfig-native", "rust-native"],
    );
    checks.equal(
        "no dependency of our own pins the kernel",
        seen.value("RDEPENDS:${PN}"),
        "",
    );
    let staged = seen
        .tasks
        .get("do_configure")
        .map(|task| task.depends.clone());
    checks.equal(
        "the staged kernel is prepared before",
        staged,
        Some(vec!["make-mod-scripts:do_compile".to_owned()]),
    );
}

/// The tasks that prove something come before what they would spare.
pub(super) fn order(seen: &Seen, checks: &mut Checks) {
    for (first, second) in [
        ("do_configure", "do_preflight"),
        ("do_preflight", "do_compile"),
        ("do_install", "do_check_module"),
        ("do_check_module", "do_package"),
        ("do_check_module", "do_deploy"),
        ("do_deploy", "do_build"),
    ] {
        let what = format!("{first} comes before {second}");
        checks.that(&what, seen.comes_before(first, second), || {
            format!("{:?}", seen.tasks)
        });
    }
}

/// The recipe of the program that judges.
fn checker(build: &Build<'_>) -> anyhow::Result<Outcome> {
    let seen = build.checker(&["S", "SRC_URI", "CARGO_BUILD_FLAGS", "DEPENDS", "do_install"])?;
    let mut checks = Checks::of("yocto", "checker");
    checks.equal(
        "S is the checkout",
        seen.value("S"),
        &project::root().display().to_string(),
    );
    checks.contains(
        "cargo builds one program",
        seen.value("CARGO_BUILD_FLAGS"),
        "--frozen",
    );
    checks.contains(
        "cargo builds the xtask",
        seen.value("CARGO_BUILD_FLAGS"),
        " --package xtask",
    );
    checks.contains(
        "it has a name of its own",
        seen.value("do_install"),
        &format!("/usr/bin/{}-xtask", build.bench.manifest.package),
    );
    checks.contains("rustc is native", seen.value("DEPENDS"), "rust-native");
    let crates = seen
        .words("SRC_URI")
        .iter()
        .filter(|uri| uri.starts_with("crate://crates.io/"))
        .count();
    checks.that("the crates are fetched beforehand", crates > 20, || {
        format!("{crates} crates")
    });
    Ok(checks.outcome())
}

/// Who gets the recipes, and who is left alone.
fn audience<'b>(
    build: &impl Fn(&str, &str) -> anyhow::Result<Build<'b>>,
) -> anyhow::Result<Outcome> {
    let mut checks = Checks::of("yocto", "audience");
    let skipped = |name: &str, configuration: &str| -> anyhow::Result<Option<String>> {
        Ok(build(name, configuration)?.module(&[], &[])?.skipped)
    };
    let machine = |arch: &str| format!("{RUST}TARGET_ARCH = \"{arch}\"\n");
    for arch in ["aarch64", "x86_64"] {
        checks.equal(arch, skipped(arch, &machine(arch))?, None);
    }
    let arm = skipped("arm", &machine("arm"))?;
    checks.that("32-bit machines are kept out", arm.is_some(), || {
        "arm is let in".to_owned()
    });
    let without = skipped("without-rust", "")?.unwrap_or_default();
    checks.contains(
        "a kernel without Rust is kept out",
        &without,
        "'rust' is not enabled",
    );
    let old = build("old", "")?;
    std::fs::write(old.directory.join("conf/series.conf"), "")?;
    let (accepted, said) = with_series(&old, "scarthgap")?;
    checks.that(
        "an older Yocto is told",
        !accepted && said.contains("not compatible"),
        || said,
    );
    let (accepted, said) = with_series(&build("new", RUST)?, "blacksail")?;
    checks.that("master is served", accepted, || said);
    Ok(checks.outcome())
}

/// What BitBake says when the core layer is of another series.
fn with_series(build: &Build<'_>, series: &str) -> anyhow::Result<(bool, String)> {
    let layers = build.directory.join("conf/bblayers.conf");
    let text = std::fs::read_to_string(&layers)?;
    std::fs::write(
        &layers,
        format!("LAYERSERIES_CORENAMES = \"{series}\"\n{text}"),
    )?;
    build.run(&build.bench.manifest.package, &[], &[])
}

/// Qualcomm's kernels are changed for those who ask for Rust, and for nobody else.
fn kernels<'b>(
    build: &impl Fn(&str, &str) -> anyhow::Result<Build<'b>>,
) -> anyhow::Result<Outcome> {
    let mut checks = Checks::of("yocto", "kernels");
    let variables = [
        "SRC_URI",
        "DEPENDS",
        "EXTRA_OEMAKE",
        "CCACHE_DISABLE",
        "REQUIRED_KERNEL_CONFIG",
    ];
    let (with, without) = (build("kernels", RUST)?, build("kernels-without", "")?);
    for kernel in ["linux-qcom", "linux-qcom-next"] {
        let seen = with.bitbake(kernel, &variables, &[])?;
        checks.equal("one file appends", seen.appends.len(), 1);
        checks.contains(
            "the fragment",
            seen.value("SRC_URI"),
            "file://rust-modules.cfg",
        );
        checks.that(
            "the fragment is required",
            seen.value("REQUIRED_KERNEL_CONFIG")
                .ends_with("/sources/rust-modules.cfg"),
            || seen.value("REQUIRED_KERNEL_CONFIG").to_owned(),
        );
        for tool in [
            "rust-native",
            "clang-native",
            "bindgen-cli-native",
            "elfutils-native",
            "zlib-native",
        ] {
            checks.that(tool, seen.words("DEPENDS").contains(&tool), || {
                seen.value("DEPENDS").to_owned()
            });
        }
        checks.contains(
            "paths are remapped",
            seen.value("EXTRA_OEMAKE"),
            "KRUSTFLAGS='--remap-path-prefix=",
        );
        checks.equal("no ccache", seen.value("CCACHE_DISABLE"), "1");
        checks.that(
            "the options are compared",
            seen.comes_before("do_configure", "do_check_kernel_config")
                && seen.comes_before("do_check_kernel_config", "do_compile"),
            || format!("{:?}", seen.tasks),
        );
        let seen = without.bitbake(kernel, &variables, &[])?;
        checks.that(
            "nothing for others",
            !seen.value("SRC_URI").contains("rust-modules")
                && !seen.tasks.contains_key("do_check_kernel_config"),
            || format!("{seen:?}"),
        );
    }
    let scripts = |build: &Build<'_>| -> anyhow::Result<bool> {
        Ok(build
            .bitbake("make-mod-scripts", &["DEPENDS"], &[])?
            .words("DEPENDS")
            .contains(&"elfutils-native"))
    };
    checks.equal(
        "make-mod-scripts links libdw",
        (scripts(&with)?, scripts(&without)?),
        (true, false),
    );
    Ok(checks.outcome())
}

/// The layer in a checkout of its own, with everything that it takes.
pub(super) fn checkout(bench: &Bench<'_>, name: &str) -> anyhow::Result<PathBuf> {
    layer::checkout(bench.sh, &bench.directory.join(name))
}
