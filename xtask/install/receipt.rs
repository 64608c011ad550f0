// SPDX-License-Identifier: GPL-2.0

//! What was installed for a kernel, kept beside its modules, so that uninstalling takes away that and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::advice::Advise;
use crate::install::Root;
use crate::manifest::Manifest;

/// The receipt of an installation.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// The kernel's release.
    pub release: String,
    /// The version that was installed.
    pub version: String,
    /// The files, from the root, each with the SHA-256 of what was written.
    pub files: BTreeMap<String, String>,
    /// The directories that were created, from the root.
    pub directories: BTreeSet<String>,
    /// Whether there was no index of modprobe before.
    pub created_index: bool,
}

impl Receipt {
    /// Where the receipt for a kernel is.
    pub fn path(root: &Root, manifest: &Manifest, release: &str) -> Result<PathBuf> {
        let directory = root.modules()?.join(release);
        Ok(directory.join(format!("{}.receipt.json", manifest.package)))
    }

    /// The receipt for a kernel, if there is one.
    pub fn read(root: &Root, manifest: &Manifest, release: &str) -> Result<Option<Receipt>> {
        let path = Receipt::path(root, manifest, release)?;
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            other => other.with_context(|| format!("reading {}", path.display()))?,
        };
        serde_json::from_str(&text)
            .map(Some)
            .with_context(|| format!("{} is damaged", path.display()))
            .advise("remove it and the files that it names, then install again")
    }

    /// The receipts for all kernels of a root.
    pub fn all(root: &Root, manifest: &Manifest) -> Result<Vec<Receipt>> {
        let releases = root.releases()?;
        let receipts = releases
            .iter()
            .filter_map(|release| Receipt::read(root, manifest, release).transpose());
        receipts.collect()
    }

    /// The receipt as a file's text.
    pub fn text(&self) -> Result<String> {
        let text = serde_json::to_string_pretty(self).context("writing the receipt")?;
        Ok(format!("{text}\n"))
    }
}
