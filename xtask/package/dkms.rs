// SPDX-License-Identifier: GPL-2.0

//! The source tree that dkms takes: `dkms add` copies it, and builds it for every kernel that it fits.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::generate::{outputs, render};
use crate::manifest::Manifest;
use crate::package::output::{copy, Partial};
use crate::package::sources;
use crate::project;

/// Makes the tree in the directory; its path.
pub fn package(output: &Path) -> Result<PathBuf> {
    let manifest = Manifest::load()?;
    let name = format!("{}-{}", manifest.package, manifest.version);
    let tree = Partial::new(output, &name)?;
    fill(&manifest, tree.path())?;
    tree.finish()
}

/// Fills a directory with the tree.
pub fn fill(manifest: &Manifest, directory: &Path) -> Result<()> {
    let root = project::root();
    for file in sources::list(&root)? {
        copy(&root, &file, directory)?;
    }
    let configuration = render::file(manifest, &outputs::DKMS)?;
    fs::write(directory.join("dkms.conf"), configuration.text).context("writing dkms.conf")
}
