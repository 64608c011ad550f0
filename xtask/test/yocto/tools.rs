// SPDX-License-Identifier: GPL-2.0

//! BitBake's parser and oelint-adv, in an environment of Python's in the cache.

use std::path::PathBuf;

use xshell::Shell;

use crate::python::Environment;

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
        let lines = REQUIREMENTS.lines();
        let requirements: Vec<String> = lines
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(str::to_owned)
            .collect();
        let programs = Environment {
            name: "yocto",
            about: "BitBake's parser and oelint-adv",
            requirements: &requirements,
        }
        .ensure(sh)?;
        Ok(Tools {
            python: programs.join("python"),
            oelint: programs.join("oelint-adv"),
        })
    }
}
