// SPDX-License-Identifier: GPL-2.0

//! The removal: the files of a receipt, then an index without the module.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{anyhow, Context, Result};
use xshell::Shell;

use crate::advice::{advised, Advise};
use crate::check::target::packed;
use crate::install::clashes::{self, Owner};
use crate::install::index::{is_index, View};
use crate::install::installation::lock;
use crate::install::journal::Journal;
use crate::install::receipt::Receipt;
use crate::install::staging::Staging;
use crate::install::transaction::Transaction;
use crate::install::Root;
use crate::manifest::Manifest;

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Removed {
    /// The files that are gone.
    pub files: Vec<PathBuf>,
    /// The files that somebody has changed, and that stay.
    pub kept: Vec<PathBuf>,
}

/// Removes an installation; all of it or nothing.
pub fn uninstall(sh: &Shell, root: &Path, release: Option<&str>) -> Result<Removed> {
    let root = Root::open(root)?;
    let manifest = Manifest::load()?;
    let mut lock = lock(&root)?;
    let _guard = lock
        .try_write()
        .context("another process changes this root directory")?;
    Journal::recover(&root)?;
    let receipts = Receipt::all(&root, &manifest)?;
    let receipt = choose(&root, &manifest, &receipts, release)?;
    let removal = Removal {
        sh,
        root: &root,
        manifest: &manifest,
        receipts: &receipts,
        receipt,
    };
    removal.run()
}

/// The receipt for the release, or the only one.
fn choose<'r>(
    root: &Root,
    manifest: &Manifest,
    receipts: &'r [Receipt],
    release: Option<&str>,
) -> Result<&'r Receipt> {
    let releases: Vec<&str> = receipts.iter().map(|one| one.release.as_str()).collect();
    let (directory, name) = (root.directory().display(), &manifest.module.name);
    match (release, receipts) {
        (Some(release), _) => receipts
            .iter()
            .find(|receipt| receipt.release == release)
            .ok_or_else(|| anyhow!("{name} is not installed in {directory} for kernel {release}"))
            .advise(format!("the installed ones: {}", releases.join(", "))),
        (None, [only]) => Ok(only),
        (None, []) => Err(advised(
            anyhow!("{name} is not installed in {directory}, or not by `cargo xtask install`"),
            "nothing is left to undo here; what a package or `make modules_install` put there goes the way it came",
        )),
        (None, _) => Err(advised(
            anyhow!(
                "{name} is installed in {directory} for several kernels: {}",
                releases.join(", ")
            ),
            "name one with --release",
        )),
    }
}

struct Removal<'a> {
    sh: &'a Shell,
    root: &'a Root,
    manifest: &'a Manifest,
    receipts: &'a [Receipt],
    receipt: &'a Receipt,
}

impl Removal<'_> {
    fn run(&self) -> Result<Removed> {
        let mut removed = Removed::default();
        for file in self.receipt.files.keys() {
            let path = self.root.directory().join(file);
            match clashes::owner(self.sh, self.root, self.receipts, &path)? {
                _ if self.is_shared(file) => {}
                Owner::Installation => removed.files.push(path),
                Owner::Changed => removed.kept.push(path),
                Owner::Nobody | Owner::Foreign => {}
            }
        }
        let staging = Staging::new(self.sh)?;
        let mut transaction = Transaction::new(self.root);
        removed
            .files
            .iter()
            .for_each(|path| transaction.remove(path));
        self.index(&staging, &removed.files, &mut transaction)?;
        let receipt = Receipt::path(self.root, self.manifest, &self.receipt.release)?;
        transaction.remove(&receipt);
        transaction.commit(|| Ok(())).with_context(|| {
            let root = self.root.directory().display();
            format!("uninstalling from {root}, which is as it was before")
        })?;
        self.remove_directories();
        Ok(removed)
    }

    /// Whether the installation for another kernel has the file too.
    fn is_shared(&self, file: &str) -> bool {
        let others = self.receipts.iter().filter(|other| *other != self.receipt);
        others
            .into_iter()
            .any(|other| other.files.contains_key(file))
    }

    /// The index without the module; none where there was none and nothing is left to be found.
    fn index(
        &self,
        staging: &Staging,
        without: &[PathBuf],
        transaction: &mut Transaction<'_>,
    ) -> Result<()> {
        let directory = self.root.modules()?.join(&self.receipt.release);
        let modules = packed::modules_under(&directory);
        let is_last = modules.iter().all(|module| without.contains(module));
        if self.receipt.created_index && is_last {
            for path in index_files(&directory)? {
                transaction.remove(&path);
            }
            return Ok(());
        }
        let view = View {
            root: self.root,
            release: &self.receipt.release,
            without,
            with: None,
        };
        for file in view.index(self.sh, &staging.workshop("depmod")?)? {
            let name = file.file_name().unwrap_or_default();
            transaction.write(&file, &directory.join(name))?;
        }
        Ok(())
    }

    /// Removes the directories that the installation created, as far as they are empty now.
    fn remove_directories(&self) {
        for directory in self.receipt.directories.iter().rev() {
            let _ = fs::remove_dir(self.root.directory().join(directory));
        }
    }
}

fn index_files(directory: &Path) -> Result<Vec<PathBuf>> {
    let entries =
        fs::read_dir(directory).with_context(|| format!("reading {}", directory.display()))?;
    let names = entries.flatten().map(|entry| entry.path());
    Ok(names
        .filter(|path| {
            path.file_name()
                .is_some_and(|name| is_index(&name.to_string_lossy()))
        })
        .collect())
}
