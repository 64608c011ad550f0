// SPDX-License-Identifier: GPL-2.0

//! The layer in its two forms: in a checkout, whose sources it builds, and as a package, which fetches a commit.

use std::path::{Path, PathBuf};

use anyhow::Context;
use xshell::{cmd, Shell};

use crate::package::yocto;
use crate::project;

/// The commit that the packaged layer fetches in the tests.
pub(super) const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// A copy of this checkout with everything that git knows or would take, and the layer in it.
pub(super) fn checkout(sh: &Shell, directory: &Path) -> anyhow::Result<PathBuf> {
    sh.create_dir(directory)?;
    let _in = sh.push_dir(project::root());
    let files = cmd!(sh, "git ls-files --cached --others --exclude-standard")
        .quiet()
        .read()
        .context("listing the files of the checkout")?;
    let files: Vec<&str> = files.lines().filter(|file| sh.path_exists(file)).collect();
    cmd!(sh, "cp --parents --target-directory {directory} {files...}")
        .quiet()
        .run()
        .context("copying the checkout")?;
    Ok(directory.join("recipes"))
}

/// The layer as a package, for a commit with the tag of its version or without one.
pub(super) fn packaged(sh: &Shell, directory: &Path, tagged: bool) -> anyhow::Result<PathBuf> {
    let source = yocto::Source {
        repository: "https://git.example.org/module.git".to_owned(),
        branch: Some("main".to_owned()),
        commit: COMMIT.to_owned(),
        tagged,
    };
    yocto::write(sh, directory, &source)?;
    Ok(directory.to_owned())
}
