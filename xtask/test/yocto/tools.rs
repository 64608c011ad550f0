// SPDX-License-Identifier: GPL-2.0

//! BitBake's parser and oelint-adv, in an environment of Python's in the cache.

use std::path::{Path, PathBuf};

use anyhow::Context;
use xshell::{cmd, Shell};

use crate::advice::Advise;
use crate::host::{self, Need};
use crate::kernel::digest;
use crate::kernel::ensure::lock;
use crate::process;
use crate::progress::Step;
use crate::project;

/// The packages and their versions.
const REQUIREMENTS: &str = include_str!("requirements.txt");

/// Where the programs are.
pub(super) struct Tools {
    /// Python with BitBake's `bb`.
    pub(super) python: PathBuf,
    /// The linter of recipes.
    pub(super) oelint: PathBuf,
}

impl Tools {
    /// Installs them unless the cache has these versions.
    pub(super) fn ensure(sh: &Shell) -> anyhow::Result<Tools> {
        host::ensure(sh, &[Need::Python])?;
        let digest = digest::of_text(sh, REQUIREMENTS)?;
        let name = format!("yocto-{}", digest.get(..8).unwrap_or(&digest));
        let tools = project::cache()?.join("tools");
        let directory = tools.join(&name);
        let _lock = lock(&tools, &name)?;
        // Moving an environment breaks its programs, so it is marked as complete instead.
        let complete = directory.join("complete");
        if !complete.is_file() {
            install(sh, &directory)?;
            sh.write_file(&complete, "")?;
        }
        let program = |name: &str| directory.join("bin").join(name);
        Ok(Tools {
            python: program("python"),
            oelint: program("oelint-adv"),
        })
    }
}

fn install(sh: &Shell, directory: &Path) -> anyhow::Result<()> {
    sh.remove_path(directory)?;
    let requirements = project::root().join("xtask/test/yocto/requirements.txt");
    let step = Step::start("installing BitBake's parser and oelint-adv");
    let create = cmd!(sh, "python3 -m venv {directory}").quiet();
    process::run_logged(&step, create, "yocto-venv").context("making a Python environment")?;
    let pip = directory.join("bin/pip");
    let install = cmd!(
        sh,
        "{pip} --disable-pip-version-check install --no-deps --requirement {requirements}"
    )
    .quiet();
    process::run_logged(&step, install, "yocto-pip")
        .context("installing Python packages")
        .advise("make the Python package index reachable, and run this again")?;
    step.done();
    Ok(())
}
