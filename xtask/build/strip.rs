// SPDX-License-Identifier: GPL-2.0

//! A module without debug information, as `INSTALL_MOD_STRIP=1` installs it: the kernel copies all of a module's file
//! before it looks for what it needs, and nine parts in ten of ours are for debuggers.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use xshell::{cmd, Shell};

use crate::fingerprint::{self, Files, Fingerprint};
use crate::kernel::Tree;
use crate::project;

/// A copy of the module, built for the kernel, without debug information. Symbols stay, so that traces have names.
pub fn stripped(sh: &Shell, tree: &Tree, module: &Path) -> anyhow::Result<PathBuf> {
    let name = module.file_name().context("a module has no name")?;
    let build = module.parent().and_then(Path::file_name);
    let directory = project::target()
        .join("stripped")
        .join(build.context("a module has no directory")?);
    let copy = directory.join(name);
    let (partial, strip) = (
        copy.with_extension("partial"),
        tree.toolchain.compiler.strip(),
    );
    let cmd = || cmd!(sh, "{strip} --strip-debug -o {partial} {module}").quiet();
    let question = fingerprint::command_line(&cmd().into());
    let fingerprint = Fingerprint::at(copy.with_extension("fingerprint"), &question);
    let work = || {
        fs::create_dir_all(&directory)?;
        cmd().run()?;
        Ok(fs::rename(&partial, &copy)?)
    };
    let files = || {
        let strip = fingerprint::of_program(Path::new(&strip));
        Ok(strip.map(|mut inputs| {
            inputs.insert(module.to_path_buf());
            Files {
                inputs,
                outputs: [copy.clone()].into(),
            }
        }))
    };
    fingerprint
        .ensure(work, files)
        .with_context(|| format!("removing debug information from {}", module.display()))?;
    Ok(copy)
}
