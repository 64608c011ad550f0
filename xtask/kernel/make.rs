// SPDX-License-Identifier: GPL-2.0

//! The command line of the kernel's own build system.

use std::path::Path;

use xshell::{Cmd, Shell};

use crate::arch::Arch;
use crate::parallel;
use crate::toolchain::Toolchain;

/// Variables of the environment that would change what the kernel's make does.
const FOREIGN_VARIABLES: &[&str] = &[
    "ARCH",
    "CC",
    "CROSS_COMPILE",
    "KBUILD_OUTPUT",
    "KBUILD_EXTMOD",
    "KBUILD_EXTRA_SYMBOLS",
    "KCFLAGS",
    "KRUSTFLAGS",
    "LD",
    "LLVM",
    "LOCALVERSION",
    "MAKEFLAGS",
    "MAKELEVEL",
    "MFLAGS",
    "RUSTFLAGS",
];

/// A kernel's make in one tree.
#[derive(Clone, Copy, Debug)]
pub struct Make<'a> {
    /// The source tree.
    pub source: &'a Path,
    /// The build directory; the source tree itself when the kernel is built in place.
    pub build: &'a Path,
    /// The architecture that the kernel is for.
    pub arch: Arch,
    /// The compilers.
    pub toolchain: &'a Toolchain,
}

impl Make<'_> {
    /// The command, without a target.
    pub fn command<'s>(&self, sh: &'s Shell) -> Cmd<'s> {
        let mut cmd = sh
            .cmd("make")
            .arg(format!("--jobs={}", parallel::processors()))
            .arg("--no-print-directory")
            .arg("-C")
            .arg(self.source);
        if self.build != self.source {
            cmd = cmd.arg(format!("O={}", self.build.display()));
        }
        cmd = cmd
            .arg(format!("ARCH={}", self.arch.kernel()))
            .args(self.toolchain.make_arguments());
        for name in FOREIGN_VARIABLES {
            cmd = cmd.env_remove(name);
        }
        if let Some(directory) = self.toolchain.libclang_directory() {
            cmd = cmd.env("LIBCLANG_PATH", directory);
        }
        cmd.env("LC_ALL", "C").quiet()
    }
}
