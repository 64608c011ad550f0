// SPDX-License-Identifier: GPL-2.0

//! What is sent to the other machine: the module, and the files of its installation.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use xshell::{cmd, Shell, TempDir};

use super::installation::Installation;
use super::probe::{expect_release, Machine};
use crate::advice::{misuse, Advise};
use crate::build;
use crate::check::elf::Elf;
use crate::check::modinfo::{normalize, Modinfo};
use crate::check::target::packed;
use crate::install::receipt::Receipt;
use crate::install::{self, Layout, Options, Request, Root};
use crate::kernel::Tree;
use crate::manifest::Manifest;

/// The section that holds the identity of a build, which a running kernel shows too.
const BUILD_ID: &[u8] = b".note.gnu.build-id";

/// What is sent.
pub(super) struct Package {
    /// The module's file.
    pub(super) module: PathBuf,
    /// The identity of the build.
    pub(super) build_id: Option<Vec<u8>>,
    /// The modules that it needs.
    pub(super) depends: Vec<String>,
    /// The files of the installation: where each is here, and where it goes, from the root.
    files: Vec<(PathBuf, String)>,
    /// The receipt of the installation into the directory that was staged.
    pub(super) receipt: Option<Receipt>,
    /// Holds the files.
    _staging: Option<TempDir>,
}

impl Package {
    /// A module that the user has built.
    pub(super) fn of_file(module: &Path) -> Result<Package> {
        let bytes = packed::read(module)
            .map_err(|error| misuse(error, "name the .ko file that Kbuild left"))?;
        Ok(Package {
            module: module.to_path_buf(),
            build_id: build_id(&bytes),
            depends: depends(&bytes),
            files: Vec::new(),
            receipt: None,
            _staging: None,
        })
    }

    /// The module for a kernel, installed into a directory that is laid out as the machine is.
    pub(super) fn build(
        sh: &Shell,
        tree: &Tree,
        machine: &Machine,
        parameters: &[String],
        persist: bool,
    ) -> Result<Package> {
        if persist {
            expect_release(machine, &tree.release)
                .advise("name the machine's own kernel with --kernel-src")?;
        }
        let built = build::module(sh, tree)?;
        let staging = sh
            .create_temp_dir()
            .context("creating a staging directory")?;
        let root = staging.path();
        lay_out(root, machine)?;
        let request = Request {
            tree,
            module: &built,
            root,
            options: Options {
                layout: Some(match machine.has_systemd {
                    true => Layout::Systemd,
                    false => Layout::Etc,
                }),
                strip: true,
                parameters: parameters.to_vec(),
                is_staging: true,
                ..Options::default()
            },
        };
        let installed = install::install(sh, &request).context("staging the installation")?;
        let files = destinations(root, &installed.files)?;
        let is_module = |(file, _): &&(PathBuf, String)| packed::is_module(file);
        let (module, _) = files
            .iter()
            .find(is_module)
            .context("the installation has no module")?;
        let bytes = packed::read(module).context("reading the staged module")?;
        Ok(Package {
            module: module.clone(),
            build_id: build_id(&bytes),
            depends: depends(&bytes),
            files,
            receipt: Receipt::read(&Root::open(root)?, &Manifest::load()?, &tree.release)?,
            _staging: Some(staging),
        })
    }

    /// Everything as one archive: the module as `module.ko`, unpacked, and what is to be installed below `files`. The
    /// list has a line a file, with its name there and its place, and a line `- PLACE` for each that is to go.
    pub(super) fn archive(
        &self,
        sh: &Shell,
        installation: Option<&Installation>,
    ) -> Result<Vec<u8>> {
        let directory = sh
            .create_temp_dir()
            .context("creating a directory for the archive")?;
        let directory = directory.path();
        let module = packed::read(&self.module).context("reading the module")?;
        fs::write(directory.join("module.ko"), module).context("copying the module")?;
        fs::create_dir(directory.join("files"))?;
        let list = installation.map(|installation| self.fill(directory, installation));
        fs::write(
            directory.join("list"),
            list.transpose()?.unwrap_or_default(),
        )?;
        let output = cmd!(
            sh,
            "tar --create --owner=0 --group=0 --directory={directory} module.ko files list"
        )
        .quiet()
        .output()
        .context("packing what is sent")?;
        Ok(output.stdout)
    }

    /// Puts the files of the installation below the directory; the list of them.
    fn fill(&self, directory: &Path, installation: &Installation) -> Result<String> {
        let mut list = String::new();
        let is_written = |(_, place): &&(PathBuf, String)| installation.written.contains(place);
        for (index, (file, place)) in self.files.iter().filter(is_written).enumerate() {
            fs::copy(file, directory.join(format!("files/{index}")))
                .with_context(|| format!("copying {}", file.display()))?;
            list.push_str(&format!("{index} {place}\n"));
        }
        for place in &installation.stale {
            list.push_str(&format!("- {place}\n"));
        }
        fs::write(
            directory.join("files/receipt"),
            installation.receipt.text()?,
        )?;
        list.push_str(&format!("receipt {}\n", installation.receipt_place));
        Ok(list)
    }

    /// Where the module is installed, from the root.
    pub(super) fn module_place(&self) -> &str {
        let is_module = |(file, _): &&(PathBuf, String)| *file == self.module;
        self.files
            .iter()
            .find(is_module)
            .map_or("", |(_, place)| place)
    }
}

/// The directories by which the layout of the machine is told.
fn lay_out(root: &Path, machine: &Machine) -> Result<()> {
    let create = |place: &str| {
        let path = root.join(place.trim_start_matches('/'));
        fs::create_dir_all(&path).with_context(|| format!("creating {}", path.display()))
    };
    create("usr/lib")?;
    if machine.is_merged {
        return symlink("usr/lib", root.join("lib")).context("creating the link lib");
    }
    create("lib")?;
    machine
        .directories
        .iter()
        .try_for_each(|place| create(place))
}

/// Where the installed files go. The index of the modules is left out: the machine makes its own.
fn destinations(root: &Path, files: &[PathBuf]) -> Result<Vec<(PathBuf, String)>> {
    let root = root
        .canonicalize()
        .context("finding the staging directory")?;
    let mut destinations = Vec::new();
    for file in files {
        let place = file.strip_prefix(&root).unwrap_or(file);
        let place = place.to_str().context("a file's name is not Unicode")?;
        let is_index = file
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with("modules."));
        if !is_index {
            destinations.push((root.join(place), place.to_owned()));
        }
    }
    Ok(destinations)
}

/// The identity of a module's build, from its file, which may be packed.
pub(super) fn build_id(file: &[u8]) -> Option<Vec<u8>> {
    let bytes = packed::unpack(file.to_vec()).ok()?;
    Elf::parse(&bytes)?
        .section_named(BUILD_ID)
        .map(<[u8]>::to_vec)
}

/// The modules that a module needs, by their names in the kernel.
fn depends(module: &[u8]) -> Vec<String> {
    let modinfo = Elf::parse(module).and_then(|elf| elf.section_named(b".modinfo"));
    let depends = modinfo.map(|modinfo| Modinfo::parse(modinfo).depends());
    let names = depends.unwrap_or_default();
    names.iter().map(|name| normalize(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_of_the_modules_is_left_out() {
        let root = tempfile::tempdir().unwrap();
        let path = |name: &str| root.path().canonicalize().unwrap().join(name);
        let files = [
            path("lib/modules/6/modules.dep"),
            path("lib/modules/6/updates/x.ko"),
        ];
        let left = destinations(root.path(), &files).unwrap();
        assert_eq!(
            left,
            [(
                path("lib/modules/6/updates/x.ko"),
                "lib/modules/6/updates/x.ko".to_owned()
            )]
        );
    }

    #[test]
    fn what_is_no_module_has_no_identity() {
        assert_eq!(build_id(b"no module"), None);
    }
}
