// SPDX-License-Identifier: GPL-2.0

//! The Python programs that build Mesa, in an environment of their own: Debian 12's meson is too old, and one way for
//! every host is one way that is tested.

use std::path::{Path, PathBuf};

use anyhow::Context;
use xshell::{cmd, Shell};

use super::lock::Lock;
use crate::advice::Advise;
use crate::kernel::digest;
use crate::process;
use crate::progress::Step;
use crate::project;

/// The directory of the environment's programs; made when the cache does not have it.
pub(super) fn ensure(sh: &Shell, lock: &Lock) -> anyhow::Result<PathBuf> {
    let requirements = lock.requirements();
    let interpreter = cmd!(sh, "python3 --version")
        .quiet()
        .read()
        .context("asking for Python's version")?;
    let key = digest::of_text(sh, &format!("{interpreter} {}", requirements.join(" ")))?;
    let name = format!("python-{}", key.get(..8).unwrap_or(&key));
    let directory = project::cache()?.join("tools").join(name);
    let complete = directory.join("complete");
    if !complete.is_file() {
        create(sh, &directory, &requirements)
            .context("preparing the Python programs that build Mesa")?;
        sh.write_file(complete, "")?;
    }
    Ok(directory.join("bin"))
}

fn create(sh: &Shell, directory: &Path, requirements: &[String]) -> anyhow::Result<()> {
    sh.remove_path(directory)?;
    let step = Step::start("fetching meson and its companions");
    let venv = cmd!(sh, "python3 -m venv {directory}");
    process::run_logged(&step, venv, "mesa-venv").advise("cargo xtask setup")?;
    let python = directory.join("bin/python3");
    let pip = cmd!(
        sh,
        "{python} -m pip --disable-pip-version-check install --no-deps {requirements...}"
    );
    process::run_logged(&step, pip, "mesa-pip")
        .advise("pip needs a way to PyPI: set PIP_INDEX_URL or a proxy")?;
    step.done();
    Ok(())
}
