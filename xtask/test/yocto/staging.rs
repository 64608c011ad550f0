// SPDX-License-Identifier: GPL-2.0

//! What Yocto has made when a module's turn comes: the staged kernel, and the compilers that built it.

use std::path::{Path, PathBuf};

use anyhow::Context;
use xshell::{cmd, Shell};

use super::build::{assignment, Build};
use crate::arch::Arch;
use crate::kernel::Tree;
use crate::process;
use crate::toolchain::{Compiler, Toolchain};

/// GCC and binutils, as the class of kernels names them.
pub(super) fn gnu_tools() -> String {
    format!("TARGET_PREFIX = \"{}\"\n", Arch::Arm64.cross_compile())
}

/// Clang and LLVM's utilities, as the class names them for kernels that Clang built.
fn llvm_tools(suffix: &str) -> String {
    let tools = [
        ("CC", "clang", " ${PREFIX_MAP}"),
        ("LD", "ld.lld", ""),
        ("AR", "llvm-ar", ""),
        ("OBJCOPY", "llvm-objcopy", ""),
        ("STRIP", "llvm-strip", ""),
    ];
    let lines = tools.map(|(name, program, options)| {
        format!("KERNEL_{name} = \"{program}{suffix}{options}\"\n")
    });
    lines.concat()
}

/// The compilers that built the kernel.
fn tools(toolchain: &Toolchain) -> String {
    match &toolchain.compiler {
        Compiler::Llvm { value } => gnu_tools() + &llvm_tools(value),
        Compiler::Gnu { .. } => gnu_tools(),
    }
}

/// The configuration that points recipes to a staged kernel.
pub(super) fn configuration(tree: &Tree, staged: &Path) -> String {
    [
        tools(&tree.toolchain),
        assignment("STAGING_KERNEL_DIR", &tree.source),
        assignment("STAGING_KERNEL_BUILDDIR", staged),
    ]
    .concat()
}

/// Puts rustc, bindgen and our own program where native recipes would.
pub(super) fn native_programs(build: &Build<'_>) -> anyhow::Result<()> {
    let Toolchain { rustc, bindgen, .. } = Toolchain::find()?;
    build.provide("rustc", &rustc)?;
    build.provide("bindgen", &bindgen.context("there is no bindgen")?)?;
    build.provide(
        &format!("{}-xtask", build.bench.manifest.package),
        &process::this_program(),
    )
}

/// The build directory of a kernel as a directory of links, beside what the class of kernels adds to it.
pub(super) fn linked(sh: &Shell, tree: &Tree, directory: &Path) -> anyhow::Result<PathBuf> {
    sh.create_dir(directory)?;
    for entry in tree
        .build
        .read_dir()
        .context("reading the kernel's build directory")?
    {
        let entry = entry?;
        std::os::unix::fs::symlink(entry.path(), directory.join(entry.file_name()))
            .context("linking to the kernel's build directory")?;
    }
    versions(sh, tree, directory)?;
    Ok(directory.to_owned())
}

/// What do_shared_workdir copies of a kernel's build directory, and nothing else: no compiled crate is among it.
pub(super) fn copied(sh: &Shell, tree: &Tree, directory: &Path) -> anyhow::Result<PathBuf> {
    let arch = tree.arch.kernel();
    let generated = format!("arch/{arch}/include/generated");
    sh.create_dir(directory)?;
    let _in = sh.push_dir(&tree.build);
    let files = [
        "Module.symvers",
        ".config",
        "include/config/kernel.release",
        "include/config/auto.conf",
        "include/generated",
        &generated,
        "scripts/basic",
        "scripts/module.lds",
        "certs/signing_key.pem",
        "certs/signing_key.x509",
    ];
    cmd!(
        sh,
        "cp --recursive --parents --target-directory {directory} {files...}"
    )
    .quiet()
    .run()
    .context("copying what the class of kernels stages")?;
    let release = &tree.release;
    sh.copy_file(
        "System.map",
        directory.join(format!("System.map-{release}")),
    )?;
    versions(sh, tree, directory)?;
    Ok(directory.to_owned())
}

fn versions(sh: &Shell, tree: &Tree, directory: &Path) -> anyhow::Result<()> {
    sh.write_file(
        directory.join("kernel-abiversion"),
        format!("{}\n", tree.release),
    )?;
    Ok(sh.write_file(directory.join("kernel-localversion"), "\n")?)
}
