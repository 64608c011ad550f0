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
    let (system, header) = (
        root.join("tests/compat/system.h"),
        include.join("kgsl_shim.h"),
    );
    // What the kernel's headers say of integers holds for every machine.
    let headers = format!("/usr/include/{}-linux-gnu", std::env::consts::ARCH);
    let compiler = format!("clang-{LLVM_MAJOR}");
    for (name, source) in PROGRAMS {
        let (output, source) = (directory.join(name), root.join(source));
        if is_fresh(&output, &[&source, &system, &header])? {
            continue;
        }
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

/// Whether a program is younger than all that it is made of, and than this one, which knows how.
fn is_fresh(program: &Path, sources: &[&Path]) -> anyhow::Result<bool> {
    let Ok(built) = fs::metadata(program).and_then(|it| it.modified()) else {
        return Ok(false);
    };
    let tool = std::env::current_exe().context("finding this program")?;
    for source in sources.iter().copied().chain([tool.as_path()]) {
        let changed = fs::metadata(source).and_then(|it| it.modified());
        if changed.with_context(|| format!("reading the date of {}", source.display()))? > built {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_younger_than_its_sources_is_fresh() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        let (program, source) = (path("program"), path("source"));
        fs::write(&source, "").unwrap();
        assert!(!is_fresh(&program, &[&source]).unwrap());
        fs::write(&program, "").unwrap();
        assert!(is_fresh(&program, &[&source]).unwrap());
        let later = std::time::SystemTime::now() + std::time::Duration::from_secs(9);
        let file = fs::File::options().write(true).open(&source).unwrap();
        file.set_modified(later).unwrap();
        assert!(!is_fresh(&program, &[&source]).unwrap());
        assert!(is_fresh(&program, &[&path("missing")]).is_err());
    }
}
