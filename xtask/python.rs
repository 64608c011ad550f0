// SPDX-License-Identifier: GPL-2.0

//! Programs from the Python package index, in environments of their own in the cache.

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

/// What an environment has in it.
pub struct Environment<'a> {
    /// How the names of its directory and of its logs begin.
    pub name: &'a str,
    /// What of it a user would know, for the step that installs it.
    pub about: &'a str,
    /// Packages with their versions, `NAME==VERSION`; with everything that they draw in, since nothing else comes.
    pub requirements: &'a [String],
}

impl Environment<'_> {
    /// The directory of its programs; installed when the cache does not have it.
    pub fn ensure(&self, sh: &Shell) -> anyhow::Result<PathBuf> {
        host::ensure(sh, &[Need::Python])?;
        let name = self.directory(sh)?;
        let tools = project::cache()?.join("tools");
        let directory = tools.join(&name);
        let _lock = lock(&tools, &name)?;
        // Moving an environment breaks its programs, so it is marked as complete instead.
        let complete = directory.join("complete");
        if !complete.is_file() {
            self.install(sh, &directory)
                .with_context(|| format!("installing {}", self.about))?;
            sh.write_file(&complete, "")?;
        }
        Ok(directory.join("bin"))
    }

    /// The name of its directory: it serves one version of Python only.
    fn directory(&self, sh: &Shell) -> anyhow::Result<String> {
        let interpreter = cmd!(sh, "python3 --version")
            .quiet()
            .read()
            .context("asking for Python's version")?;
        let key = format!("{interpreter} {}", self.requirements.join(" "));
        let digest = digest::of_text(sh, &key)?;
        let short = digest.get(..8).unwrap_or(&digest);
        Ok(format!("{}-{short}", self.name))
    }

    fn install(&self, sh: &Shell, directory: &Path) -> anyhow::Result<()> {
        let Environment {
            name,
            about,
            requirements,
        } = self;
        sh.remove_path(directory)?;
        let step = Step::start(format!("installing {about}"));
        let create = cmd!(sh, "python3 -m venv {directory}").quiet();
        process::run_logged(&step, create, &format!("{name}-venv"))
            .context("making a Python environment")
            .advise("cargo xtask setup")?;
        let pip = directory.join("bin/pip");
        let requirements = requirements.iter();
        let install = cmd!(
            sh,
            "{pip} --disable-pip-version-check install --no-deps {requirements...}"
        );
        process::run_logged(&step, install.quiet(), &format!("{name}-pip"))
            .context("installing Python packages")
            .advise("pip needs a way to PyPI: set PIP_INDEX_URL or a proxy, and run this again")?;
        step.done();
        Ok(())
    }
}
