// SPDX-License-Identifier: GPL-2.0

//! The operating system of a board, as a directory until its disk is written.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use xshell::Shell;

use super::keys::Keys;
use super::running::Board;
use crate::process;
use crate::progress::Step;
use crate::project;
use crate::rootfs;
use crate::vm::device_tree::Overlay;
use crate::vm::Workshop;

/// The logins that the tests use, with their home directories.
const LOGINS: &[(&str, &str)] = &[
    ("root", "root"),
    ("developer", "home/developer"),
    ("member", "home/member"),
    ("stranger", "home/stranger"),
];

/// What systemd is told of a host that is busy: that a service which takes long has not failed.
const PATIENCE: &[(&str, &str)] = &[
    (
        "etc/systemd/system/service.d/patience.conf",
        "[Service]\nTimeoutStartSec=30min\nWatchdogSec=0\n",
    ),
    (
        "etc/systemd/system.conf.d/patience.conf",
        "[Manager]\nDefaultTimeoutStartSec=30min\nDefaultDeviceTimeoutSec=30min\n",
    ),
];

/// An operating system.
pub(in crate::test) struct System<'w> {
    workshop: &'w Workshop,
    name: String,
    directory: PathBuf,
    keys: Keys,
}

impl<'w> System<'w> {
    /// A fresh system with the kernel's own modules and a login for everybody.
    pub(in crate::test) fn new(
        sh: &Shell,
        workshop: &'w Workshop,
        name: &str,
    ) -> Result<System<'w>> {
        let rootfs = rootfs::ensure(sh, workshop)?;
        let directory = project::target()
            .join("board")
            .join(format!("{name}-{}", workshop.target.arch));
        sh.remove_path(&directory)?;
        let root = directory.join("root");
        sh.create_dir(&root)?;
        rootfs.unpack(sh, &root)?;
        let keys = Keys::make(sh, &directory, &root)?;
        for (login, home) in LOGINS {
            keys.admit(sh, &root, login, home)?;
        }
        let system = System {
            workshop,
            name: name.to_owned(),
            directory,
            keys,
        };
        for (place, text) in PATIENCE {
            system.write(place, text)?;
        }
        system.install_kernel_modules(sh)?;
        Ok(system)
    }

    /// Its root directory.
    pub(in crate::test) fn root(&self) -> PathBuf {
        self.directory.join("root")
    }

    /// Writes a file into it.
    pub(in crate::test) fn write(&self, place: &str, text: &str) -> Result<()> {
        let path = self.root().join(place);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, text).with_context(|| format!("writing {}", path.display()))
    }

    /// Takes a file out of it.
    pub(in crate::test) fn remove(&self, place: &str) -> Result<()> {
        let path = self.root().join(place);
        fs::remove_file(&path).with_context(|| format!("removing {}", path.display()))
    }

    /// Copies a program into it.
    pub(in crate::test) fn add_program(&self, name: &str) -> Result<()> {
        let program = self.workshop.program(name);
        let to = self.root().join("usr/bin").join(name);
        fs::copy(&program, &to).with_context(|| format!("copying {}", program.display()))?;
        Ok(())
    }

    /// Writes its disk, as it is now; an earlier one is gone.
    pub(in crate::test) fn write_disk(&self, sh: &Shell) -> Result<()> {
        rootfs::write(sh, &self.root(), &self.disk())
    }

    /// Starts a board from the disk, with the nodes of a device tree overlay added to its own, and waits until it has come
    /// up.
    pub(in crate::test) fn boot(&self, sh: &Shell, overlay: Option<&Path>) -> Result<Board> {
        let mut run = self.workshop.system(&self.name, &self.disk());
        let tree = self.workshop.tree();
        run.device_tree = overlay.map(|source| Overlay::new(source, tree));
        Board::start(sh, run, &self.keys)
    }

    /// The keys of the board.
    pub(in crate::test) fn keys(&self) -> &Keys {
        &self.keys
    }

    fn disk(&self) -> PathBuf {
        self.directory.join("disk.img")
    }

    fn install_kernel_modules(&self, sh: &Shell) -> Result<()> {
        let step = Step::start("installing the kernel's own modules");
        let target = format!("INSTALL_MOD_PATH={}", usr(&self.root()).display());
        let cmd =
            self.workshop
                .tree()
                .make(sh)
                .args([&target, "INSTALL_MOD_STRIP=1", "modules_install"]);
        process::run_logged(&step, cmd, "board-modules")?;
        step.done();
        Ok(())
    }
}

impl Drop for System<'_> {
    fn drop(&mut self) {
        // Logs are elsewhere; what is left here is large and can be made again.
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// Where `lib` of a merged system is: Kbuild would put a directory in the place of the link.
fn usr(root: &Path) -> PathBuf {
    root.join("usr")
}
