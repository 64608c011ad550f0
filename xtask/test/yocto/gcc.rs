// SPDX-License-Identifier: GPL-2.0

//! What Yocto builds: a kernel by GCC, of which do_shared_workdir stages a part; make-mod-scripts, which compiles the
//! kernel's crates anew in what was staged; and the module, which that very kernel must load.

use super::build::Build;
use super::checks::Checks;
use super::recipes::RUST;
use super::{module, staging, Bench};
use crate::arch::Arch;
use crate::check;
use crate::check::Target as Loader;
use crate::kernel::ensure::ensure_by;
use crate::kernel::series;
use crate::project;
use crate::target::{Profile, Target};
use crate::test::case::Outcome;
use crate::toolchain::Family;

/// The whole road.
pub(super) fn run(bench: &Bench<'_>) -> anyhow::Result<Outcome> {
    let target = Target {
        arch: Arch::Arm64,
        series: series::DEFAULT.to_owned(),
        profile: Profile::Default,
    };
    let tree = ensure_by(bench.sh, &target, Family::Gcc)?;
    let staged = staging::copied(bench.sh, &tree, &bench.directory.join("staged"))?;
    let configuration = RUST.to_owned() + &staging::configuration(&tree, &staged);
    let mut checks = Checks::of("yocto-gcc", "module");
    let recipes = project::root().join("recipes");
    let scripts = Build::new(bench, "scripts", &[recipes.as_path()], &configuration)?;
    staging::native_programs(&scripts)?;
    let seen = scripts.bitbake("make-mod-scripts", &[], &["do_configure"])?;
    checks.that("make-mod-scripts", seen.failed.is_none(), || {
        seen.said.clone()
    });
    let build = module::unpacked(bench, "fetched", &configuration)?;
    let seen = build.module(&["B", "D", "DEPLOYDIR"], module::TASKS)?;
    module::complete(bench, &tree, &seen, &mut checks)?;
    let name = &bench.manifest.module.name;
    let file = std::path::Path::new(seen.value("B")).join(format!("{name}.ko"));
    let report = check::verdict(&file, &Loader::from_tree(&tree.build)?)?;
    checks.that(
        "the kernel itself agrees with what was staged of it",
        report.loads(),
        || report.to_string(),
    );
    Ok(checks.outcome())
}
