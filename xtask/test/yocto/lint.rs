// SPDX-License-Identifier: GPL-2.0

//! oelint-adv has neither an error nor a warning for the layer, in a checkout and packaged, for the release of Qualcomm
//! Linux 2.0; and the digest of the licence is what bitbake will compute.

use std::path::{Path, PathBuf};

use anyhow::Context;
use xshell::cmd;

use super::checks::Checks;
use super::{layer, Bench};
use crate::manifest::Manifest;
use crate::project;
use crate::test::case::Outcome;

/// Rules that do not fit. The first wants changes of other layers' recipes bound to a machine or a distribution; ours
/// are bound to KERNEL_FEATURES, which keeps everybody else's signatures as they are just so. The second asks the network.
const SUPPRESSED: &[&str] = &["oelint.vars.noncoreoverride", "oelint.vars.homepageping"];

/// A checkout has no homepage; a package has.
const SUPPRESSED_IN_CHECKOUT: &[&str] = &[
    "oelint.vars.noncoreoverride",
    "oelint.var.mandatoryvar.HOMEPAGE",
];

/// Both forms of the layer.
pub(super) fn run(bench: &Bench<'_>) -> anyhow::Result<Outcome> {
    let mut checks = Checks::of("yocto", "lint");
    let known = bench.directory.join("known.json");
    bench.sh.write_file(&known, known_variables()?)?;
    let packaged = layer::packaged(bench.sh, &bench.directory.join("meta-lint"), true)?;
    for (name, layer, suppressed) in [
        (
            "checkout",
            project::root().join("recipes"),
            SUPPRESSED_IN_CHECKOUT,
        ),
        ("package", packaged, SUPPRESSED),
    ] {
        let (clean, said) = lint(bench, &layer, &known, suppressed)?;
        checks.that(name, clean, || said);
    }
    licence(bench, &mut checks)?;
    Ok(checks.outcome())
}

/// Variables that are real, and that the linter has not heard of.
fn known_variables() -> anyhow::Result<String> {
    let name = Manifest::load()?.module.name;
    let known = [
        format!("module_conf_{name}"),
        "EXTERNALSRC_SYMLINKS".to_owned(),
    ];
    Ok(serde_json::json!({"variables": {"known": known}}).to_string())
}

fn lint(
    bench: &Bench<'_>,
    layer: &Path,
    known: &Path,
    suppressed: &[&str],
) -> anyhow::Result<(bool, String)> {
    let mut files = Vec::new();
    metadata(layer, &mut files)?;
    let (sh, oelint) = (bench.sh, &bench.tools.oelint);
    let enough = files.len() > 5;
    let suppressed = suppressed.iter().flat_map(|rule| ["--suppress", rule]);
    let output = cmd!(sh, "{oelint} --release=wrynose --noinfo --quiet --constantmods=+{known} {suppressed...} -- {files...}")
        .quiet()
        .ignore_status()
        .output()
        .context("running oelint-adv")?;
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    Ok((output.status.success() && enough, said))
}

/// The files that oelint-adv reads.
fn metadata(directory: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    for entry in directory.read_dir()? {
        let path = entry?.path();
        let suffix = path.extension().unwrap_or_default();
        if path.is_dir() {
            metadata(&path, files)?;
        } else if ["bb", "bbappend", "inc", "bbclass", "conf"]
            .iter()
            .any(|known| suffix == *known)
        {
            files.push(path);
        }
    }
    Ok(())
}

/// The first line of the module's root is what the recipe says it is.
fn licence(bench: &Bench<'_>, checks: &mut Checks) -> anyhow::Result<()> {
    let manifest = Manifest::load()?;
    let recipe = format!("recipes/recipes-kernel/{0}/{0}_git.bb", manifest.package);
    let recipe = bench.sh.read_file(project::root().join(recipe))?;
    let root = manifest.module.objects.first().map(String::as_str);
    let files = [(project::MODULE_DIR, root), ("xtask", Some("main.rs"))];
    for (directory, file) in files {
        let path = project::root()
            .join(directory)
            .join(file.unwrap_or_default());
        let text = bench.sh.read_file(&path)?;
        let line = text.split_inclusive('\n').next().unwrap_or_default();
        let sh = bench.sh;
        let digest = cmd!(sh, "md5sum").stdin(line).quiet().read()?;
        let digest = digest.split_whitespace().next().unwrap_or_default();
        checks.contains("the licence's digest", &recipe, &format!("md5={digest}"));
    }
    Ok(())
}
