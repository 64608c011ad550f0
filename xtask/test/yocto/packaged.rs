// SPDX-License-Identifier: GPL-2.0

//! The layer as a package: what its recipes fetch, and that all else is as in a checkout.

use super::build::Build;
use super::checks::Checks;
use super::layer::{self, COMMIT};
use super::recipes::{self, RUST};
use super::Bench;
use crate::test::case::Outcome;

const VARIABLES: &[&str] = &[
    "B",
    "DEPENDS",
    "EXTERNALSRC",
    "EXTRA_OEMAKE",
    "FILES:${PN}",
    "HOMEPAGE",
    "KERNEL_MODULE_AUTOLOAD",
    "KERNEL_MODULE_PROBECONF",
    "LICENSE",
    "PV",
    "S",
    "SRCREV",
    "SRC_URI",
    "modprobedir",
    "module_conf_${RUST_MODULE_CHECK}",
    "modulesloaddir",
];

/// With a tag and without one.
pub(super) fn run(bench: &Bench<'_>) -> anyhow::Result<Outcome> {
    let version = &bench.manifest.version;
    let mut outcome = case(bench, true, version, &format!("tag=v{version}"))?;
    outcome.join(case(
        bench,
        false,
        &format!("{version}+git"),
        "branch=main",
    )?);
    Ok(outcome)
}

fn case(bench: &Bench<'_>, tagged: bool, version: &str, last: &str) -> anyhow::Result<Outcome> {
    let name = if tagged { "tagged" } else { "untagged" };
    let layer = layer::packaged(
        bench.sh,
        &bench.directory.join(format!("meta-{name}")),
        tagged,
    )?;
    let build = Build::new(bench, name, &[layer.as_path()], RUST)?;
    let seen = build.module(VARIABLES, &[])?;
    let mut checks = Checks::of("yocto", "packaged");
    checks.equal("version", seen.value("PV"), version);
    checks.equal("commit", seen.value("SRCREV"), COMMIT);
    checks.equal(
        "no sources but those that are fetched",
        seen.value("EXTERNALSRC"),
        "",
    );
    let uri = seen.value("SRC_URI");
    checks.contains(
        "repository",
        uri,
        "git://git.example.org/module.git;protocol=https;",
    );
    checks.that("what pins it", uri.ends_with(last), || uri.to_owned());
    checks.that(
        "S is where git unpacks",
        seen.value("S")
            .ends_with(&format!("/sources/{}-{version}", bench.manifest.package)),
        || seen.value("S").to_owned(),
    );
    checks.equal("B is S", seen.value("B"), seen.value("S"));
    recipes::boots(bench, &seen, &mut checks);
    recipes::dependencies(bench, &seen, &mut checks);
    recipes::order(&seen, &mut checks);
    let checker = build.checker(&["SRCREV", "PV"])?;
    checks.equal(
        "the judge is of the same commit",
        checker.value("SRCREV"),
        COMMIT,
    );
    Ok(checks.outcome())
}
