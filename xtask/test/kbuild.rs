// SPDX-License-Identifier: GPL-2.0

//! The module compiles without a warning, those of clippy included, with the kernel's own list of lints; and what comes
//! out has no path that panics.

mod panics;

use std::path::Path;

use anyhow::Context;
use xshell::Shell;

use super::case::Outcome;
use super::selection;
use crate::host::{self, Need};
use crate::manifest::Manifest;
use crate::process;
use crate::progress::Step;
use crate::project;
use crate::target::Profile;
use crate::vm::Workshop;

/// Compiles all of it for the kernel, in a directory of its own: what the real build has compiled would be left out.
pub(super) fn run(sh: &Shell, workshop: &Workshop) -> anyhow::Result<Outcome> {
    host::ensure(sh, &[Need::Lints])?;
    let target = &workshop.target;
    let output = project::target()
        .join("clippy")
        .join(target.to_string().replace(' ', "-"));
    sh.remove_path(&output)
        .context("emptying the directory for clippy's build")?;
    sh.create_dir(&output)
        .context("creating the directory for clippy's build")?;
    let make = workshop
        .tree()
        .make(sh)
        .arg(format!("M={}", project::root().display()));
    let make = make
        .arg(format!("MO={}", output.display()))
        .arg("CLIPPY=1")
        .arg("modules");
    // Clippy would compare what cargo says of our own package with the kernel's clippy.toml.
    let make = make.env_remove("CARGO_PKG_RUST_VERSION");
    let mut warnings = Vec::new();
    let step = Step::start(format!("compiling the module for {target} under clippy"));
    let observe = |step: &Step, line: &str| {
        step.advance(line);
        warnings.extend((is_warning(line) || is_place(line)).then(|| line.to_owned()));
    };
    process::run_observed(&step, make, &format!("clippy-{}", target.arch), observe)?;
    step.done();
    let options = selection::options(target);
    let compiled = outcome(&warnings, &options);
    match target.profile {
        // Overflow checks are panics, and asked for.
        Profile::Sanitize => Ok(compiled),
        _ => Ok(compiled.and(without_panics(&output, &options)?)),
    }
}

/// Examines the Rust object of the module, in the directory that it was built in.
fn without_panics(output: &Path, options: &str) -> anyhow::Result<Outcome> {
    let manifest = Manifest::load()?;
    let sources = &manifest.module.objects;
    let root = sources.iter().find(|source| source.ends_with(".rs"));
    let root = root.context("the manifest names no Rust object")?;
    let object = output
        .join(project::MODULE_DIR)
        .join(root)
        .with_extension("o");
    let references = panics::references(&object)?;
    Ok(match references.is_empty() {
        true => Outcome::passed("kbuild.no-panics"),
        false => Outcome::failed(
            "kbuild.no-panics",
            format!("the module panics somewhere:\n{}", references.join("\n")),
            format!("cargo xtask test kbuild {options}"),
        ),
    })
}

/// Where rustc and clippy see what they warn of.
fn is_place(line: &str) -> bool {
    line.trim_start().starts_with("--> ")
}

/// Warnings of rustc, clippy, the C compiler and modpost.
fn is_warning(line: &str) -> bool {
    line.starts_with("warning") || line.starts_with("WARNING: ") || line.contains(": warning: ")
}

fn outcome(warnings: &[String], options: &str) -> Outcome {
    match warnings.is_empty() {
        true => Outcome::passed("kbuild.no-warnings"),
        false => Outcome::failed(
            "kbuild.no-warnings",
            warnings.join("\n"),
            format!("cargo xtask test kbuild {options}"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_of_every_tool_are_seen() {
        for line in [
            "warning: unused import: `a`",
            "a.c:1:2: warning: unused variable 'x' [-Wunused-variable]",
            "WARNING: modpost: missing MODULE_DESCRIPTION() in a.o",
        ] {
            assert!(is_warning(line), "{line}");
            assert_eq!(outcome(&[line.to_owned()], "").tally.failed, 1);
        }
        assert!(is_place("   --> /kmod/abi/mod.rs:1:1"));
        assert!(!is_warning("  RUSTC [M] kmod/kgsl_shim_main.o"));
        assert_eq!(outcome(&[], "").tally.passed, 1);
    }
}
