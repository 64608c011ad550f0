// SPDX-License-Identifier: GPL-2.0

//! The index that modprobe searches, made by depmod beside the root directory: depmod sees the modules that the root
//! will have, and nothing in the root changes yet.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use xshell::Shell;

use crate::check::target::packed;
use crate::install::{kmod, Root};
use crate::process;
use crate::progress::Step;

/// What a kernel's own `modules_install` leaves there for depmod to read.
const INPUTS: [&str; 4] = [
    "modules.order",
    "modules.builtin",
    "modules.builtin.modinfo",
    "modules.builtin.ranges",
];

/// The modules that a release directory will have.
pub struct View<'a> {
    /// The root.
    pub root: &'a Root,
    /// The kernel's release.
    pub release: &'a str,
    /// Modules of the root that will be gone.
    pub without: &'a [PathBuf],
    /// A module that will be there: its file here, and its place in the root.
    pub with: Option<(&'a Path, &'a Path)>,
}

impl View<'_> {
    /// Runs depmod on the modules, linked into the directory; the files that it made.
    pub fn index(&self, sh: &Shell, directory: &Path) -> Result<Vec<PathBuf>> {
        let target = self.root.modules()?.join(self.release);
        let view = directory.join("lib/modules").join(self.release);
        // A kmod that was built for /usr/lib/modules finds the same.
        fs::create_dir_all(&view)
            .and_then(|()| symlink(".", directory.join("usr")))
            .with_context(|| format!("creating {}", view.display()))?;
        self.link_modules(&target, &view)?;
        for name in INPUTS.iter().filter(|name| target.join(name).exists()) {
            link(&target.join(name), &view.join(name))?;
        }
        let depmod = kmod::command(sh, "depmod", self.root, "depmod.d")?
            .arg("--basedir")
            .arg(directory)
            .arg(self.release);
        let step = Step::start("running depmod");
        process::run_logged(&step, depmod, "depmod").context("running depmod")?;
        step.done();
        made(&view)
    }

    fn link_modules(&self, target: &Path, view: &Path) -> Result<()> {
        for module in packed::modules_under(target) {
            let inside = module.strip_prefix(target).unwrap_or(&module);
            if !self.without.contains(&module) {
                link(&module, &view.join(inside))?;
            }
        }
        match self.with {
            Some((file, place)) => {
                let inside = place.strip_prefix(target).unwrap_or(place);
                let _ = fs::remove_file(view.join(inside));
                link(file, &view.join(inside))
            }
            None => Ok(()),
        }
    }
}

fn link(from: &Path, to: &Path) -> Result<()> {
    let parent = to.parent().context("a module has no directory")?;
    fs::create_dir_all(parent)
        .and_then(|()| symlink(from, to))
        .with_context(|| format!("linking {}", to.display()))
}

/// The files that depmod made: all that are no links.
fn made(view: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(view).with_context(|| format!("reading {}", view.display()))?;
    let files = entries.flatten().map(|entry| entry.path());
    let mut files: Vec<PathBuf> = files
        .filter(|path| path.is_file() && !path.is_symlink())
        .collect();
    files.sort();
    Ok(files)
}

/// Whether a file name is one that depmod writes.
pub fn is_index(name: &str) -> bool {
    name.starts_with("modules.") && !INPUTS.contains(&name)
}
