// SPDX-License-Identifier: GPL-2.0

//! The kernel's configuration: with the fragment, the defconfig of a real arm64 kernel ends up with Rust and symbol
//! versions; and an option that does not survive fails the build.

use anyhow::Context;

use super::build::{assignment, Build};
use super::checks::Checks;
use super::recipes::RUST;
use super::{staging, Bench};
use crate::kernel::config::Config;
use crate::kernel::{self, series};
use crate::project;
use crate::test::case::Outcome;

/// The options that the module could not do without.
const WANTED: &[&str] = &[
    "RUST",
    "MODVERSIONS",
    "GENDWARFKSYMS",
    "EXTENDED_MODVERSIONS",
    "SYNC_FILE",
];

/// Both.
pub(super) fn run(bench: &Bench<'_>) -> anyhow::Result<Outcome> {
    let source = kernel::ensure_source(bench.sh, series::DEFAULT)?.directory;
    let configuration = [
        RUST.to_owned(),
        staging::gnu_tools(),
        assignment("STAGING_KERNEL_DIR", source),
    ]
    .concat();
    let recipes = project::root().join("recipes");
    let build = Build::new(bench, "configuration", &[recipes.as_path()], &configuration)?;
    staging::native_programs(&build)?;
    let mut checks = Checks::of("yocto", "configuration");
    survives(&build, &mut checks)?;
    lost(bench, &build, &mut checks)?;
    unavailable(&build, &mut checks)?;
    Ok(checks.outcome())
}

/// The kernel's own Kconfig, merge_config.sh and tools, as linux-qcom's do_configure calls them.
fn survives(build: &Build<'_>, checks: &mut Checks) -> anyhow::Result<()> {
    let seen = build.bitbake(
        "linux-qcom",
        &["B"],
        &["do_unpack", "do_configure", "do_check_kernel_config"],
    )?;
    checks.that("every option survives", seen.failed.is_none(), || {
        seen.said.clone()
    });
    checks.contains(
        "rustc and bindgen are asked for",
        &seen.said,
        "Rust is available!",
    );
    let text = std::fs::read_to_string(format!("{}/.config", seen.value("B")))
        .context("reading the kernel's .config")?;
    let config = Config::parse(&text);
    for option in WANTED {
        checks.that(option, config.is_set(option), || {
            format!("CONFIG_{option} is not set")
        });
    }
    checks.that(
        "debugging information is complete",
        !config.is_set("DEBUG_INFO_REDUCED"),
        || "CONFIG_DEBUG_INFO_REDUCED is set".to_owned(),
    );
    Ok(())
}

/// Without rustc, Kconfig says nothing and leaves CONFIG_RUST out.
fn lost(bench: &Bench<'_>, build: &Build<'_>, checks: &mut Checks) -> anyhow::Result<()> {
    let seen = build.bitbake("linux-qcom", &["B"], &[])?;
    let path = format!("{}/.config", seen.value("B"));
    let text = bench.sh.read_file(&path)?;
    let without = text
        .replace("CONFIG_RUST=y\n", "# CONFIG_RUST is not set\n")
        .replace("CONFIG_GENDWARFKSYMS=y\n", "");
    bench.sh.write_file(&path, without)?;
    let seen = build.bitbake("linux-qcom", &[], &["do_check_kernel_config"])?;
    checks.equal(
        "a lost option fails the build",
        seen.failed.as_deref(),
        Some("do_check_kernel_config"),
    );
    checks.contains(
        "it is named",
        &seen.said,
        "CONFIG_RUST=y became n (rust-modules.cfg)",
    );
    checks.contains("all are named", &seen.said, "lost 2 of the options");
    Ok(())
}

/// The kernel's own words on what is missing.
fn unavailable(build: &Build<'_>, checks: &mut Checks) -> anyhow::Result<()> {
    let bindgen = build.native_programs().join("bindgen");
    std::fs::remove_file(&bindgen).context("taking bindgen away")?;
    build.provide("bindgen", "/bin/false".as_ref())?;
    let seen = build.bitbake("linux-qcom", &[], &["do_configure"])?;
    checks.equal(
        "without bindgen nothing is configured",
        seen.failed.as_deref(),
        Some("do_configure"),
    );
    checks.contains("the kernel says why", &seen.said, "bindgen");
    Ok(())
}
