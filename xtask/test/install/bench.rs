// SPDX-License-Identifier: GPL-2.0

//! A root directory for one test, and what can be done with it.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{symlink, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{ensure, Context, Result};
use xshell::{Shell, TempDir};

use crate::advice;
use crate::install::{self, Installed, Options, Request};
use crate::kernel::Tree;
use crate::process::this_program;
use crate::uninstall::{self, Removed};
use crate::vm::Workshop;

/// Everything below a directory: mode, modification time in nanoseconds where it is a file, and content or target.
pub(super) type Snapshot = BTreeMap<PathBuf, (u32, i64, Vec<u8>)>;

/// A root directory, a kernel and the module for it.
pub(super) struct Bench<'w> {
    pub(super) sh: &'w Shell,
    pub(super) workshop: &'w Workshop,
    pub(super) module: PathBuf,
    directory: TempDir,
}

impl<'w> Bench<'w> {
    /// A bench with an empty root directory.
    pub(super) fn new(sh: &'w Shell, workshop: &'w Workshop, module: &Path) -> Result<Bench<'w>> {
        let bench = Bench {
            sh,
            workshop,
            module: module.to_owned(),
            directory: sh.create_temp_dir().context("creating a directory")?,
        };
        fs::create_dir(bench.root())?;
        Ok(bench)
    }

    /// The root directory.
    pub(super) fn root(&self) -> PathBuf {
        self.directory.path().join("root")
    }

    /// A path outside of the root directory.
    pub(super) fn beside(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The kernel.
    pub(super) fn tree(&self) -> &'w Tree {
        self.workshop.tree()
    }

    /// `lib/modules/RELEASE` of the root.
    pub(super) fn modules(&self) -> PathBuf {
        self.root().join("lib/modules").join(&self.tree().release)
    }

    /// Writes a file below the root.
    pub(super) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> Result<PathBuf> {
        let path = self.root().join(name);
        fs::create_dir_all(path.parent().context("no directory")?)?;
        fs::write(&path, content)?;
        Ok(path)
    }

    /// A root as systemd demands it, with /lib in /usr and the kernel's own modules.
    pub(super) fn furnish(&self) -> Result<()> {
        self.write("usr/lib/systemd/systemd", "")?;
        self.write("etc/group", "root:x:0:\nrender:x:104:\n")?;
        symlink("usr/lib", self.root().join("lib"))?;
        let make = self
            .tree()
            .make(self.sh)
            .arg(format!("INSTALL_MOD_PATH={}", self.root().display()));
        make.arg("modules_install")
            .ignore_stdout()
            .run()
            .context("installing the kernel's modules")
    }

    /// Installs with these options.
    pub(super) fn install(&self, options: Options) -> Result<Installed> {
        self.install_for(self.tree(), options)
    }

    /// Installs for another kernel than the bench's.
    pub(super) fn install_for(&self, tree: &Tree, options: Options) -> Result<Installed> {
        let request = Request {
            tree,
            module: &self.module,
            root: &self.root(),
            options,
        };
        install::install(self.sh, &request)
    }

    /// Uninstalls.
    pub(super) fn uninstall(&self) -> Result<Removed> {
        uninstall::uninstall(self.sh, &self.root(), None)
    }

    /// The command line of `install` for the bench's kernel, up to `--root`.
    pub(super) fn command_line(&self, subcommand: &str) -> Result<Vec<String>> {
        let mut words = vec![this_program().display().to_string(), subcommand.to_owned()];
        if subcommand == "install" {
            let options = self.workshop.target.options();
            words.extend(options.split(' ').map(String::from));
        }
        words.push("--root".to_owned());
        Ok(words)
    }

    /// Runs this program; its exit status, and everything that it said.
    pub(super) fn run(&self, words: &[String]) -> Result<(Option<i32>, String)> {
        let (program, arguments) = words.split_first().context("no program")?;
        let Output {
            status,
            stdout,
            stderr,
        } = Command::new(program).args(arguments).output()?;
        let text = [stdout, stderr].concat();
        Ok((status.code(), String::from_utf8_lossy(&text).into_owned()))
    }

    /// What the root directory holds.
    pub(super) fn snapshot(&self) -> Result<Snapshot> {
        snapshot(&self.root())
    }

    /// Writes a shell script that stands in for a program.
    pub(super) fn script(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.beside(name);
        fs::write(&path, format!("#!/bin/sh\n{text}\n"))?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
        Ok(path)
    }
}

fn snapshot(directory: &Path) -> Result<Snapshot> {
    let mut found = Snapshot::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let metadata = path.symlink_metadata()?;
        let (time, content) = match (metadata.is_file(), metadata.is_symlink()) {
            (true, _) => (modified(&metadata), fs::read(&path)?),
            (_, true) => (0, path_bytes(&fs::read_link(&path)?)),
            _ => (0, Vec::new()),
        };
        if metadata.is_dir() {
            found.extend(snapshot(&path)?);
        }
        found.insert(path, (metadata.mode(), time, content));
    }
    Ok(found)
}

fn modified(metadata: &fs::Metadata) -> i64 {
    metadata
        .mtime()
        .saturating_mul(1_000_000_000)
        .saturating_add(metadata.mtime_nsec())
}

fn path_bytes(path: &Path) -> Vec<u8> {
    path.as_os_str().as_encoded_bytes().to_vec()
}

/// Fails when two snapshots differ; names the paths that do.
pub(super) fn expect_same(before: &Snapshot, after: &Snapshot) -> Result<()> {
    let differs = |path: &&PathBuf| before.get(*path) != after.get(*path);
    let mut paths: Vec<String> = before
        .keys()
        .chain(after.keys())
        .filter(differs)
        .map(|path| path.display().to_string())
        .collect();
    paths.dedup();
    ensure!(paths.is_empty(), "these differ:\n{}", paths.join("\n"));
    Ok(())
}

/// As [`expect_same`], but for the times: what was written again is the same.
pub(super) fn expect_same_content(before: &Snapshot, after: &Snapshot) -> Result<()> {
    let timeless = |snapshot: &Snapshot| -> Snapshot {
        let entries = snapshot.iter();
        entries
            .map(|(path, (mode, _, content))| (path.clone(), (*mode, 0, content.clone())))
            .collect()
    };
    expect_same(&timeless(before), &timeless(after))
}

/// Fails unless the result is an error whose text, as users see it, holds the words.
pub(super) fn expect_error<T>(result: Result<T>, words: &str) -> Result<()> {
    let Err(error) = result else {
        anyhow::bail!("nothing failed, and this was expected: {words}");
    };
    let text = advice::describe(&error);
    ensure!(text.contains(words), "expected {words:?} in:\n{text}");
    Ok(())
}
