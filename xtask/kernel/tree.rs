// SPDX-License-Identifier: GPL-2.0

//! A kernel that modules can be built for.

use std::path::PathBuf;

use xshell::{Cmd, Shell};

use crate::arch::Arch;
use crate::kernel::make::Make;
use crate::toolchain::Toolchain;

/// A configured and built kernel.
#[derive(Clone, Debug)]
pub struct Tree {
    /// The architecture that it is for.
    pub arch: Arch,
    /// Its series, such as `6.18`.
    pub series: String,
    /// Its release, as `uname -r` prints it.
    pub release: String,
    /// The source tree.
    pub source: PathBuf,
    /// The build directory, which holds `.config`; the source tree itself when the kernel is built in place.
    pub build: PathBuf,
    /// The image that QEMU boots.
    pub image: PathBuf,
    /// The compilers that built it.
    pub toolchain: Toolchain,
}

impl Tree {
    /// The kernel's make in this tree, without a target.
    pub fn make<'s>(&self, sh: &'s Shell) -> Cmd<'s> {
        let Tree {
            source,
            build,
            arch,
            toolchain,
            ..
        } = self;
        Make {
            source,
            build,
            arch: *arch,
            toolchain,
        }
        .command(sh)
    }
}
