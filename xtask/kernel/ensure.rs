// SPDX-License-Identifier: GPL-2.0

//! A kernel for whoever needs one: from the cache, or built into it.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::Context;
use fd_lock::{RwLock, RwLockWriteGuard};
use xshell::Shell;

use crate::arch::Arch;
use crate::host::{self, Need};
use crate::kernel::build;
use crate::kernel::key::Key;
use crate::kernel::make::Make;
use crate::kernel::series;
use crate::kernel::source::{self, Source};
use crate::kernel::stamp::Stamp;
use crate::kernel::tree::Tree;
use crate::progress;
use crate::project;
use crate::target::{Profile, Target};
use crate::toolchain::{Family, Toolchain};

/// Where built kernels are kept.
pub fn directory() -> anyhow::Result<PathBuf> {
    Ok(project::cache()?.join("kernels"))
}

/// The kernel of the series for the architecture and profile; fetched and built when the cache does not have it.
pub fn ensure(sh: &Shell, arch: Arch, series: &str, profile: Profile) -> anyhow::Result<Tree> {
    let target = Target {
        arch,
        series: series.to_owned(),
        profile,
    };
    ensure_by(sh, &target, Family::default())
}

/// As [`ensure`], built by the C compiler.
pub fn ensure_by(sh: &Shell, target: &Target, compiler: Family) -> anyhow::Result<Tree> {
    let (arch, profile) = (target.arch, target.profile);
    host::ensure(sh, needs(arch, compiler))?;
    let toolchain = Toolchain::of(compiler, arch)?;
    let source = source::ensure_source(sh, &target.series)?;
    let key = Key::new(sh, &source.version, arch, profile, &toolchain)?;
    let directory = directory()?.join(&key.directory);
    if let Some(stamp) = Stamp::matching(&directory, &key) {
        return Ok(tree(arch, source, directory, stamp, toolchain));
    }
    let _lock = lock(&self::directory()?, &key.directory)?;
    let make = Make {
        source: &source.directory,
        build: &directory,
        arch,
        toolchain: &toolchain,
    };
    let stamp = match Stamp::matching(&directory, &key) {
        Some(stamp) => stamp,
        None => build::build(sh, &make, &key).with_context(|| {
            format!("building the {arch} {} kernel ({profile})", source.version)
        })?,
    };
    Ok(tree(arch, source, directory, stamp, toolchain))
}

/// What a host needs to build the kernel.
fn needs(arch: Arch, compiler: Family) -> &'static [Need] {
    match (compiler, arch) {
        (Family::Llvm, _) => &[Need::Kernel],
        (Family::Gcc, Arch::Arm64) => &[Need::Kernel, Need::Guest(Arch::Arm64)],
        (Family::Gcc, Arch::X86_64) => &[Need::Kernel, Need::Guest(Arch::X86_64)],
    }
}

/// The build directory of a kernel that the cache has already; nothing is fetched, installed or built.
pub fn find(sh: &Shell, target: &Target) -> anyhow::Result<Option<PathBuf>> {
    find_by(sh, target, Family::default())
}

/// As [`find`], built by the C compiler.
pub fn find_by(sh: &Shell, target: &Target, compiler: Family) -> anyhow::Result<Option<PathBuf>> {
    let Some(key) = key(sh, target, compiler)? else {
        return Ok(None);
    };
    let directory = directory()?.join(&key.directory);
    Ok(Stamp::matching(&directory, &key).map(|_| directory))
}

/// The key of the kernel with today's inputs; none as long as its source is not here, which is one of them.
pub fn key(sh: &Shell, target: &Target, compiler: Family) -> anyhow::Result<Option<Key>> {
    let Target {
        arch,
        series,
        profile,
    } = target;
    let Some(source) = source::find(series)? else {
        return Ok(None);
    };
    let toolchain = Toolchain::of(compiler, *arch)?;
    Key::new(sh, &source.version, *arch, *profile, &toolchain).map(Some)
}

fn tree(arch: Arch, source: Source, build: PathBuf, stamp: Stamp, toolchain: Toolchain) -> Tree {
    Tree {
        arch,
        series: series::of_release(&source.version),
        release: stamp.release,
        source: source.directory,
        image: build.join(arch.image_path()),
        build,
        toolchain,
    }
}

/// A lock that is held until it is dropped or the process ends.
pub struct Lock {
    _guard: RwLockWriteGuard<'static, File>,
}

/// Takes the lock of the name in the directory, so that two processes do not build the same thing at once.
pub fn lock(directory: &Path, name: &str) -> anyhow::Result<Lock> {
    std::fs::create_dir_all(directory)
        .with_context(|| format!("creating {}", directory.display()))?;
    let path = directory.join(format!(".{name}.lock"));
    let file = File::create(&path).with_context(|| format!("creating {}", path.display()))?;
    // A guard borrows its lock; this one lives as long as the process, which takes a handful of locks in all.
    let lock: &'static mut RwLock<File> = Box::leak(Box::new(RwLock::new(file)));
    if lock.try_write().is_err() {
        progress::note(format!("waiting for another process that works on {name}"));
    }
    let guard = lock
        .write()
        .with_context(|| format!("locking {}", path.display()))?;
    Ok(Lock { _guard: guard })
}
