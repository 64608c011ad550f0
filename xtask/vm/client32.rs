// SPDX-License-Identifier: GPL-2.0

//! Builds the 32-bit client: a C program without a C library, so that clang, which knows every machine, and the header for
//! C users are all that it takes.

use std::path::Path;

use anyhow::Context;
use xshell::{cmd, Shell};

use crate::arch::Arch;
use crate::host::{self, Need};
use crate::project;
use crate::toolchain::LLVM_MAJOR;

/// The name of the program.
const NAME: &str = "client32";

/// Builds it into the directory.
pub(super) fn build(sh: &Shell, arch: Arch, directory: &Path) -> anyhow::Result<()> {
    host::ensure(sh, &[Need::Kernel])?;
    let target = match arch {
        Arch::Arm64 => "arm-linux-gnueabihf",
        Arch::X86_64 => "i686-linux-gnu",
    };
    let root = project::root();
    let (source, include) = (
        root.join("tests/compat/client.c"),
        root.join("include/uapi"),
    );
    // What the kernel's headers say of integers holds for every machine.
    let headers = format!("/usr/include/{}-linux-gnu", std::env::consts::ARCH);
    let compiler = format!("clang-{LLVM_MAJOR}");
    let output = directory.join(NAME);
    cmd!(
        sh,
        "{compiler} --target={target} -std=gnu11 -Os -Wall -Wextra -Werror -ffreestanding -fno-stack-protector -fno-pic
            -nostdlib -static -fuse-ld=lld -isystem {headers} -I {include} -o {output} {source}"
    )
    .quiet()
    .run()
    .with_context(|| format!("building the 32-bit client for {arch} virtual machines"))
}
