// SPDX-License-Identifier: GPL-2.0

//! Builds the 32-bit programs: in C and without a C library, so that clang, which knows every machine, and the header for
//! C users are all that it takes.

use std::fs;
use std::path::Path;

use anyhow::Context;
use xshell::{cmd, Shell};

use crate::arch::Arch;
use crate::host::{self, Need};
use crate::project;
use crate::toolchain::LLVM_MAJOR;

/// The programs and their sources: the client, and the fuzzer's part that makes calls of 32-bit programs.
const PROGRAMS: [(&str, &str); 2] = [
    ("client32", "tests/compat/client.c"),
    ("fuzz32", "tests/compat/fuzz.c"),
];

/// Builds them into the directory.
pub(super) fn build(sh: &Shell, arch: Arch, directory: &Path) -> anyhow::Result<()> {
    host::ensure(sh, &[Need::Kernel])?;
    let target = match arch {
        Arch::Arm64 => "arm-linux-gnueabihf",
        Arch::X86_64 => "i686-linux-gnu",
    };
    let root = project::root();
    let include = root.join("include/uapi");
    // What the kernel's headers say of integers holds for every machine.
    let headers = format!("/usr/include/{}-linux-gnu", std::env::consts::ARCH);
    let compiler = format!("clang-{LLVM_MAJOR}");
    for (name, source) in PROGRAMS {
        let (output, source) = (directory.join(name), root.join(source));
        let partial = directory.join(format!("{name}.partial"));
        cmd!(
            sh,
            "{compiler} --target={target} -std=gnu11 -Os -Wall -Wextra -Werror -ffreestanding -fno-stack-protector -fno-pic
                -nostdlib -static -fuse-ld=lld -isystem {headers} -I {include} -o {partial} {source}"
        )
        .quiet()
        .run()
        .with_context(|| format!("building {name} for {arch} virtual machines"))?;
        // Another thread may be packing the one that is there.
        fs::rename(&partial, &output).with_context(|| format!("writing {}", output.display()))?;
    }
    Ok(())
}
