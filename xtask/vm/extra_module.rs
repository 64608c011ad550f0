// SPDX-License-Identifier: GPL-2.0

//! Modules that are not the project's: those that tests and benchmarks have beside it in a virtual machine.

use std::path::PathBuf;

use anyhow::{Context, Result};
use xshell::Shell;

use super::Workshop;
use crate::process;
use crate::progress::Step;
use crate::project;

impl Workshop {
    /// Builds the module `name` of the sources in `tests/{sources}` for the machine's kernel; its file.
    pub fn build_extra_module(&self, sh: &Shell, sources: &str, name: &str) -> Result<PathBuf> {
        let output = project::target()
            .join("modules")
            .join(sources)
            .join(self.target.to_string().replace(' ', "-"));
        sh.create_dir(&output)?;
        let step = Step::start(format!("building {name}.ko for {}", self.target));
        let place = project::root().join("tests").join(sources);
        let make = self
            .tree()
            .make(sh)
            .arg(format!("M={}", place.display()))
            .arg(format!("MO={}", output.display()))
            .arg("modules");
        process::run_logged(&step, make, &format!("{sources}-module"))
            .with_context(|| format!("building {name}.ko"))?;
        step.done();
        Ok(output.join(format!("{name}.ko")))
    }
}
