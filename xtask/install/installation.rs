// SPDX-License-Identifier: GPL-2.0

//! The installation: everything is made and examined beside the root directory, then put into it at once.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use fd_lock::RwLock;
use xshell::Shell;

use crate::check::target::packed;
use crate::install::index::View;
use crate::install::journal::Journal;
use crate::install::receipt::Receipt;
use crate::install::root::expect_release;
use crate::install::staging::Staging;
use crate::install::transaction::Transaction;
use crate::install::verification::Subject;
use crate::install::{
    clashes, configuration, examination, groups, modules_install, Layout, Root, Signer,
};
use crate::kernel::{digest, Tree};
use crate::manifest::Manifest;
use crate::progress;

/// What is to be installed where.
pub struct Request<'a> {
    /// The kernel that the module was built for.
    pub tree: &'a Tree,
    /// The built module, in the directory where Kbuild left it.
    pub module: &'a Path,
    /// The root directory of the target.
    pub root: &'a Path,
    /// Everything that has a default.
    pub options: Options,
}

/// How it is to be installed.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The convention of the target; the root itself tells by default.
    pub layout: Option<Layout>,
    /// The key to sign with; that of the kernel's build by default.
    pub signer: Option<Signer>,
    /// Whether debugging information is stripped.
    pub strip: bool,
    /// Whether the module is left out of modules-load.d.
    pub no_autoload: bool,
    /// Parameters to set, as `NAME=VALUE`.
    pub parameters: Vec<String>,
    /// Whether the root directory is only laid out as the target is: nothing is told of what it lacks.
    pub is_staging: bool,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Installed {
    /// The kernel's release.
    pub release: String,
    /// The layout.
    pub layout: Layout,
    /// The files of the installation, in the root directory.
    pub files: Vec<PathBuf>,
    /// Whether anything was written.
    pub changed: bool,
}

/// Installs a module; all of it or nothing.
pub fn install(sh: &Shell, request: &Request<'_>) -> Result<Installed> {
    let root = Root::open(request.root)?;
    let mut lock = lock(&root)?;
    let _guard = lock
        .try_write()
        .context("another process changes this root directory")?;
    Journal::recover(&root)?;
    Installation::new(sh, request, &root)?.run()
}

/// A lock on the root directory, which leaves nothing in it.
pub fn lock(root: &Root) -> Result<RwLock<File>> {
    let directory = root.directory();
    let file = File::open(directory).with_context(|| format!("opening {}", directory.display()))?;
    Ok(RwLock::new(file))
}

struct Installation<'a> {
    sh: &'a Shell,
    request: &'a Request<'a>,
    root: &'a Root,
    manifest: Manifest,
    layout: Layout,
    receipts: Vec<Receipt>,
    staging: Staging,
}

impl<'a> Installation<'a> {
    fn new(sh: &'a Shell, request: &'a Request<'a>, root: &'a Root) -> Result<Installation<'a>> {
        let manifest = Manifest::load()?;
        Ok(Installation {
            sh,
            request,
            root,
            layout: request.options.layout.unwrap_or_else(|| Layout::of(root)),
            receipts: Receipt::all(root, &manifest)?,
            manifest,
            staging: Staging::new(sh)?,
        })
    }

    fn release(&self) -> &'a str {
        &self.request.tree.release
    }

    /// What an earlier installation for this kernel left.
    fn earlier(&self) -> Option<&Receipt> {
        self.receipts
            .iter()
            .find(|receipt| receipt.release == self.release())
    }

    fn run(mut self) -> Result<Installed> {
        self.root.expect_architecture(self.request.tree.arch)?;
        let has_release = expect_release(self.root, self.release(), self.earlier().is_some())?;
        let module = self.stage_module()?;
        self.stage_configuration()?;
        let staged = self
            .staging
            .files()
            .first()
            .map(|(staged, _)| staged.clone());
        let staged = staged.context("no module was staged")?;
        self.tell(has_release, &staged, &module)?;
        let ours = clashes::adoptable(self.sh, self.root, &self.receipts, self.staging.files())?;
        let index = self.stage_index(&staged, &module)?;
        let stale = self.stale(&ours)?;
        let transaction = self.transaction(&ours, &index, &stale)?;
        let changed = !transaction.is_empty();
        let subject = self.subject(&module);
        if changed {
            let committed = transaction.commit(|| subject.verify(self.sh));
            committed.with_context(|| self.failed())?;
        } else {
            subject
                .verify(self.sh)
                .context("verifying what is installed")?;
        }
        Ok(Installed {
            release: self.release().to_owned(),
            layout: self.layout,
            files: ours.into_iter().map(|(_, place)| place).collect(),
            changed,
        })
    }

    fn failed(&self) -> String {
        format!(
            "installing into {}, which is as it was before",
            self.root.directory().display()
        )
    }

    fn subject<'s>(&'s self, module: &'s Path) -> Subject<'s> {
        Subject {
            root: self.root,
            release: self.release(),
            name: &self.manifest.module.name,
            module,
            autoload: self.manifest.module.autoload && !self.request.options.no_autoload,
        }
    }

    /// Stages the module as Kbuild installs it; its place.
    fn stage_module(&mut self) -> Result<PathBuf> {
        let Request {
            tree,
            module,
            options,
            ..
        } = self.request;
        let directory = self.staging.workshop("modules_install")?;
        let signer = options.signer.as_ref();
        let file = modules_install::run(self.sh, tree, module, signer, options.strip, &directory)?;
        let name = file.file_name().context("the module has no name")?;
        let place = self.root.modules()?.join(self.release()).join("updates");
        let place = self
            .root
            .directory_place(&self.root.relative(&place)?)?
            .join(name);
        self.keep_signed(&file, &place)?;
        self.staging.file(self.root, &file, &place)?;
        Ok(place)
    }

    /// Some signatures differ each time. What is there already, of the same module and by the same signer, stays.
    fn keep_signed(&self, new: &Path, present: &Path) -> Result<()> {
        let owner = clashes::owner(self.sh, self.root, &self.receipts, present)?;
        let is_intact = owner == clashes::Owner::Installation;
        if is_intact && modules_install::is_signed_alike(new, present) {
            std::fs::copy(present, new).context("keeping the installed module")?;
        }
        Ok(())
    }

    fn stage_configuration(&mut self) -> Result<()> {
        let options = &self.request.options;
        for (place, text) in configuration::files(self.root, &self.manifest, self.layout, options)?
        {
            self.staging.text(self.root, &text, &place)?;
        }
        Ok(())
    }

    /// Tells what `check` finds; fails when the module would be refused.
    fn tell(&self, has_release: bool, staged: &Path, module: &Path) -> Result<()> {
        let tree = self.request.tree;
        let mut report = examination::examine(self.sh, tree, self.root, has_release, staged)?;
        if self.request.options.is_staging {
            return Ok(());
        }
        report.file = module.display().to_string();
        eprint!("{report}");
        for group in groups::missing(self.root, &self.manifest) {
            progress::note(format!(
                "the target has no group {group}: udev will leave the device node to root"
            ));
        }
        if !has_release {
            progress::note(format!(
                "{} has no modules of kernel {} yet; the kernel's own come by its `make modules_install`",
                self.root.directory().display(),
                tree.release
            ));
        }
        Ok(())
    }

    /// Stages what depmod makes of the modules that the root will have.
    fn stage_index(&mut self, staged: &Path, module: &Path) -> Result<Vec<(PathBuf, PathBuf)>> {
        let view = View {
            root: self.root,
            release: self.release(),
            without: &self.former_modules()?,
            with: Some((staged, module)),
        };
        let files = view.index(self.sh, &self.staging.workshop("depmod")?)?;
        let directory = self.root.modules()?.join(self.release());
        let mut index = Vec::new();
        for file in files {
            let place = directory.join(file.file_name().unwrap_or_default());
            index.push((file, place));
        }
        Ok(index)
    }

    /// Our own modules that are installed now, under whatever name.
    fn former_modules(&self) -> Result<Vec<PathBuf>> {
        let files = self
            .earlier()
            .into_iter()
            .flat_map(|receipt| receipt.files.keys());
        let paths = files.map(|file| self.root.directory().join(file));
        Ok(paths.filter(|path| packed::is_module(path)).collect())
    }

    /// What the earlier installation for this kernel had and this one has not, and no other kernel's has.
    fn stale(&self, ours: &[(PathBuf, PathBuf)]) -> Result<Vec<PathBuf>> {
        let Some(earlier) = self.earlier() else {
            return Ok(Vec::new());
        };
        let mut stale = Vec::new();
        for file in earlier.files.keys() {
            let path = self.root.directory().join(file);
            let others = self.receipts.iter().filter(|other| *other != earlier);
            let is_shared = others
                .into_iter()
                .any(|other| other.files.contains_key(file));
            let is_kept = is_shared || ours.iter().any(|(_, place)| *place == path);
            let owner = clashes::owner(self.sh, self.root, &self.receipts, &path)?;
            if !is_kept && owner == clashes::Owner::Installation {
                stale.push(path);
            }
        }
        Ok(stale)
    }

    fn transaction(
        &mut self,
        ours: &[(PathBuf, PathBuf)],
        index: &[(PathBuf, PathBuf)],
        stale: &[PathBuf],
    ) -> Result<Transaction<'a>> {
        let mut transaction = Transaction::new(self.root);
        for (staged, place) in ours.iter().chain(index) {
            transaction.write(staged, place)?;
        }
        for path in stale {
            transaction.remove(path);
        }
        let path = Receipt::path(self.root, &self.manifest, self.release())?;
        let receipt = self.receipt(ours, &transaction)?;
        let staged = self.staging.text(self.root, &receipt.text()?, &path)?;
        transaction.write(&staged, &path)?;
        Ok(transaction)
    }

    fn receipt(
        &self,
        ours: &[(PathBuf, PathBuf)],
        transaction: &Transaction<'_>,
    ) -> Result<Receipt> {
        let mut files = BTreeMap::new();
        for (staged, place) in ours {
            files.insert(
                self.root.relative(place)?,
                digest::of_file(self.sh, staged)?,
            );
        }
        let mut directories = transaction.new_directories()?;
        let earlier = self.earlier();
        directories.extend(
            earlier
                .into_iter()
                .flat_map(|receipt| receipt.directories.clone()),
        );
        let directory = self.root.modules()?.join(self.release());
        let lacks_index = !directory.join("modules.dep").exists();
        Ok(Receipt {
            release: self.release().to_owned(),
            version: self.manifest.version.clone(),
            files,
            directories,
            created_index: earlier.map_or(lacks_index, |receipt| receipt.created_index),
        })
    }
}
