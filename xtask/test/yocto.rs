// SPDX-License-Identifier: GPL-2.0

//! The Yocto layer, as far as it can be shown without Yocto: BitBake's own parser reads it with stand-ins for the layers
//! that it builds on, and runs its tasks against a real kernel, with the command lines of OpenEmbedded's classes.

mod build;
mod checks;
mod configuration;
mod gcc;
mod layer;
mod lint;
mod module;
mod packaged;
mod recipes;
mod staging;
mod tools;

use std::path::PathBuf;

use anyhow::Context;
use xshell::Shell;

use self::tools::Tools;
use super::case::Outcome;
use super::usual::Part;
use crate::manifest::Manifest;
use crate::project;

/// What every case works with.
struct Bench<'s> {
    sh: &'s Shell,
    tools: Tools,
    /// Whose layer it is.
    manifest: Manifest,
    /// Where the cases leave what they make.
    directory: PathBuf,
}

impl<'s> Bench<'s> {
    /// With an empty directory of the name.
    fn open(sh: &'s Shell, name: &str) -> anyhow::Result<Bench<'s>> {
        let directory = project::target().join(name);
        sh.remove_path(&directory)
            .context("emptying the directory of the last run")?;
        sh.create_dir(&directory)?;
        let tools = Tools::ensure(sh)?;
        Ok(Bench {
            sh,
            tools,
            manifest: Manifest::load()?,
            directory,
        })
    }
}

/// Everything but what takes a kernel that GCC built; its core builds the module once.
pub(super) fn run(sh: &Shell, part: Part) -> anyhow::Result<Outcome> {
    let bench = Bench::open(sh, "yocto")?;
    let module = match part {
        Part::Whole => module::run,
        Part::Core | Part::Nothing => module::run_core,
    };
    let cases = [
        recipes::run,
        packaged::run,
        lint::run,
        configuration::run,
        module,
    ];
    let mut outcome = Outcome::default();
    for case in cases {
        outcome.join(case(&bench)?);
    }
    Ok(outcome)
}

/// From a kernel that GCC built to a module that it loads, through every task that Yocto would run.
pub(super) fn run_gcc(sh: &Shell) -> anyhow::Result<Outcome> {
    gcc::run(&Bench::open(sh, "yocto-gcc")?)
}
