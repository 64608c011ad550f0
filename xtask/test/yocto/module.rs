// SPDX-License-Identifier: GPL-2.0

//! The module, built by the recipe's tasks with the class's command lines against the cached arm64 kernel: twice, as a
//! changed recipe is, from fetched sources; and once from a checkout, which stays as it was.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Context;
use xshell::cmd;

use super::build::{self, Build, Seen};
use super::checks::Checks;
use super::recipes::RUST;
use super::{layer, recipes, staging, Bench};
use crate::arch::Arch;
use crate::kernel::{self, series, Tree};
use crate::manifest::Manifest;
use crate::target::Profile;
use crate::test::case::Outcome;

/// Every task from the configuration to the deploy directory.
pub(super) const TASKS: &[&str] = &[
    "do_configure",
    "do_preflight",
    "do_compile",
    "do_install",
    "do_check_module",
    "split_kernel_module_packages",
    "do_deploy",
];

/// The directories that are looked into.
const DIRECTORIES: &[&str] = &["S", "B", "D", "DEPLOYDIR", "DEPLOY_DIR_IMAGE"];

/// Both ways to the sources, of which the fetched ones are built twice.
pub(super) fn run(bench: &Bench<'_>) -> anyhow::Result<Outcome> {
    let (tree, configuration) = staged(bench)?;
    let mut checks = Checks::of("yocto", "module");
    let (build, seen) = fetched(bench, &tree, &configuration, &mut checks)?;
    rebuilt(&build, &seen, &mut checks)?;
    checkout(bench, &tree, &configuration, &mut checks)?;
    refused(bench, &configuration, &mut checks)?;
    Ok(checks.outcome())
}

/// The fetched sources, built once.
pub(super) fn run_core(bench: &Bench<'_>) -> anyhow::Result<Outcome> {
    let (tree, configuration) = staged(bench)?;
    let mut checks = Checks::of("yocto", "module");
    fetched(bench, &tree, &configuration, &mut checks)?;
    refused(bench, &configuration, &mut checks)?;
    Ok(checks.outcome())
}

/// The kernel, and the configuration that points to it.
fn staged(bench: &Bench<'_>) -> anyhow::Result<(Tree, String)> {
    let tree = kernel::ensure(bench.sh, Arch::Arm64, series::DEFAULT, Profile::Default)?;
    let staged = staging::linked(bench.sh, &tree, &bench.directory.join("staged"))?;
    let configuration = RUST.to_owned() + &staging::configuration(&tree, &staged);
    Ok((tree, configuration))
}

/// A build directory for the packaged layer, with the sources where git would have unpacked them.
pub(super) fn unpacked<'b>(
    bench: &'b Bench<'b>,
    name: &str,
    configuration: &str,
) -> anyhow::Result<Build<'b>> {
    let meta = bench.directory.join(format!("meta-{name}"));
    let meta = layer::packaged(bench.sh, &meta, true)?;
    let build = Build::new(bench, name, &[meta.as_path()], configuration)?;
    staging::native_programs(&build)?;
    let seen = build.module(&["S"], &[])?;
    layer::checkout(bench.sh, Path::new(seen.value("S")))?;
    Ok(build)
}

fn fetched<'b>(
    bench: &'b Bench<'b>,
    tree: &Tree,
    configuration: &str,
    checks: &mut Checks,
) -> anyhow::Result<(Build<'b>, Seen)> {
    let build = unpacked(bench, "fetched", configuration)?;
    let seen = build.module(DIRECTORIES, TASKS)?;
    complete(bench, tree, &seen, checks)?;
    Ok((build, seen))
}

/// Everything is where the packages are made from, and the reports are in the deploy directory.
pub(super) fn complete(
    bench: &Bench<'_>,
    tree: &Tree,
    seen: &Seen,
    checks: &mut Checks,
) -> anyhow::Result<()> {
    checks.that("every task succeeds", seen.failed.is_none(), || {
        seen.said.clone()
    });
    let Manifest {
        module, package, ..
    } = &bench.manifest;
    let (name, release) = (&module.name, &tree.release);
    let image = PathBuf::from(seen.value("D"));
    let read = |path: &str| build::text(bench.sh, &image.join(path));
    let modules = format!("usr/lib/modules/{release}");
    checks.that(
        "the module is below updates/",
        image.join(format!("{modules}/updates/{name}.ko")).is_file(),
        || listing(bench, &image),
    );
    checks.equal(
        "it loads at boot",
        read(&format!("usr/lib/modules-load.d/{name}.conf")).trim(),
        name,
    );
    let probe = read(&format!("usr/lib/modprobe.d/{name}.conf"));
    for other in &module.blacklist {
        checks.contains("others do not", &probe, &format!("blacklist {other}\n"));
    }
    checks.contains(
        "udev has its rule",
        &read(&format!("usr/lib/udev/rules.d/60-{name}.rules")),
        "GROUP=\"render\"",
    );
    checks.that(
        "depmod's files are left to the image",
        !image.join(format!("{modules}/modules.dep")).exists(),
        || listing(bench, &image),
    );
    checks.that(
        "other modules see its symbols",
        image
            .join(format!("usr/include/{package}/Module.symvers"))
            .is_file(),
        || listing(bench, &image),
    );
    let reports = PathBuf::from(seen.value("DEPLOYDIR"));
    let report = |suffix: &str| {
        build::text(
            bench.sh,
            &reports.join(format!("{name}-{release}.check.{suffix}")),
        )
    };
    checks.contains("the report is deployed", &report("txt"), "loads");
    let json: serde_json::Value = serde_json::from_str(&report("json")).unwrap_or_default();
    let verdict = json
        .pointer("/modules/0/verdict")
        .and_then(|verdict| verdict.as_str());
    checks.equal("and for programs", verdict, Some("loads"));
    Ok(())
}

/// A second build starts with the recipe's own `make clean`.
fn rebuilt(build: &Build<'_>, first: &Seen, checks: &mut Checks) -> anyhow::Result<()> {
    let product =
        PathBuf::from(first.value("B")).join(format!("{}.ko", build.bench.manifest.module.name));
    let cleaned = build.module(&[], &["do_configure"])?;
    checks.contains("the second configuration cleans", &cleaned.said, " clean");
    checks.that(
        "and succeeds",
        cleaned.failed.is_none() && !product.exists(),
        || cleaned.said.clone(),
    );
    let again = build.module(&[], &["do_compile", "do_install", "do_check_module"])?;
    checks.that(
        "the second build succeeds",
        again.failed.is_none() && product.exists(),
        || again.said.clone(),
    );
    Ok(())
}

/// The same from a checkout, in which not a file appears.
fn checkout(
    bench: &Bench<'_>,
    tree: &Tree,
    configuration: &str,
    checks: &mut Checks,
) -> anyhow::Result<()> {
    let recipes = recipes::checkout(bench, "sources")?;
    let root = bench.directory.join("sources");
    let before = listing(bench, &root);
    let build = Build::new(bench, "from-checkout", &[recipes.as_path()], configuration)?;
    staging::native_programs(&build)?;
    let seen = build.module(DIRECTORIES, TASKS)?;
    complete(bench, tree, &seen, checks)?;
    let after = listing(bench, &root);
    let changes = difference(&before, &after);
    checks.that("the checkout is as it was", changes.is_empty(), || {
        format!("came or went: {changes:?}")
    });
    Ok(())
}

/// A module that the kernel would not load becomes no package; the report tells why.
fn refused(bench: &Bench<'_>, configuration: &str, checks: &mut Checks) -> anyhow::Result<()> {
    let build = Build::new(
        bench,
        "refused",
        &[&bench.directory.join("meta-fetched")],
        configuration,
    )?;
    staging::native_programs(&build)?;
    let seen = build.module(&["D", "DEPLOY_DIR_IMAGE"], &[])?;
    let built = bench.directory.join("fetched/tmp/work");
    let image = Path::new(seen.value("D"));
    let sh = bench.sh;
    let module = listing(bench, &built)
        .lines()
        .find(|path| path.contains("/image/") && path.ends_with(".ko"))
        .map(str::to_owned);
    let module = module.context("no module was installed")?;
    let relative = module.split("/image/").nth(1).unwrap_or_default();
    let copy = image.join(relative);
    sh.create_dir(copy.parent().unwrap_or(image))?;
    sh.copy_file(&module, &copy)?;
    foreign(bench, &copy)?;
    let seen = build.module(&["DEPLOY_DIR_IMAGE"], &["do_check_module"])?;
    checks.equal(
        "a refused module fails the build",
        seen.failed.as_deref(),
        Some("do_check_module"),
    );
    let told = format!("will refuse {}", bench.manifest.module.name);
    checks.contains("it is named", &seen.said, &told);
    checks.contains(
        "the report is there all the same",
        &listing(bench, Path::new(seen.value("DEPLOY_DIR_IMAGE"))),
        ".check.txt",
    );
    Ok(())
}

/// Makes the module one of another kernel: vermagic of one that does not preempt.
fn foreign(bench: &Bench<'_>, module: &Path) -> anyhow::Result<()> {
    let bytes = std::fs::read(module)?;
    let needle = b" SMP preempt ";
    let position = bytes
        .windows(needle.len())
        .position(|window| window == needle);
    let position = position.context("the module has no vermagic")?;
    let mut changed = bytes;
    if let Some(part) = changed.get_mut(position..position + needle.len()) {
        part.copy_from_slice(b" SMP preempX ");
    }
    Ok(bench.sh.write_file(module, changed)?)
}

/// Every file below the directory.
fn listing(bench: &Bench<'_>, directory: &Path) -> String {
    let sh = bench.sh;
    let found = cmd!(sh, "find {directory} -not -type d")
        .quiet()
        .ignore_stderr()
        .read();
    let mut files: Vec<String> = found
        .unwrap_or_default()
        .lines()
        .map(str::to_owned)
        .collect();
    files.sort();
    files.join("\n")
}

/// The lines that only one of two texts has.
fn difference<'a>(one: &'a str, other: &'a str) -> BTreeSet<&'a str> {
    let one: BTreeSet<&str> = one.lines().collect();
    let other = other.lines().collect();
    one.symmetric_difference(&other).copied().collect()
}
