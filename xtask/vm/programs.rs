// SPDX-License-Identifier: GPL-2.0

//! Builds the programs that run in the virtual machine: static, so that they need nothing else there, save for those
//! that load a driver.

use std::path::{Path, PathBuf};

use anyhow::Context;
use xshell::{cmd, Shell};

use super::cargo::Build;
use crate::arch::Arch;
use crate::host::{self, Need};
use crate::project;
use crate::toolchain::Toolchain;

/// The package of the programs.
const PACKAGE: &str = "guest";

/// Variables of an outer cargo, or of the user's, that would change what is built.
const UNWANTED: [&str; 5] = [
    "RUSTFLAGS",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_BUILD_TARGET",
    "CARGO_TARGET_DIR",
    "CARGO_MANIFEST_DIR",
];

/// The built programs of one architecture.
#[derive(Clone, Debug)]
pub struct Programs {
    directory: PathBuf,
}

impl Programs {
    /// The file of the program of that name.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// The programs in the directory.
    pub fn at(directory: &Path) -> Self {
        Self {
            directory: directory.to_path_buf(),
        }
    }
}

/// How programs are linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Linkage {
    /// With everything in them.
    Static,
    /// With the machine's own libraries, without which a program cannot load others.
    Dynamic,
}

/// Builds all programs for the architecture, as far as they are not built.
pub fn ensure(sh: &Shell, arch: Arch) -> anyhow::Result<Programs> {
    build(sh, arch, PACKAGE, Linkage::Static)
}

/// The same for the programs of another package, which use the machine's shared libraries.
pub fn ensure_dynamic(sh: &Shell, arch: Arch, package: &str) -> anyhow::Result<Programs> {
    build(sh, arch, package, Linkage::Dynamic)
}

fn build(sh: &Shell, arch: Arch, package: &str, linkage: Linkage) -> anyhow::Result<Programs> {
    host::ensure(sh, &[Need::Guest(arch)])?;
    let target_directory = project::target().join(package);
    let target = arch.rust_target();
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let mut command = cmd!(
        sh,
        "{cargo} build --quiet --release --package {package} --bins --target {target} --target-dir {target_directory}"
    );
    for variable in UNWANTED {
        command = command.env_remove(variable);
    }
    for (variable, value) in environment(arch, linkage)? {
        command = command.env(variable, value);
    }
    let directory = target_directory.join(target).join("release");
    let build = Build {
        command: command.into(),
        programs: vec![Toolchain::find()?.rustc, arch.c_compiler().into()],
        directory: &directory,
    };
    build
        .ensure()
        .with_context(|| format!("building the programs for {arch} virtual machines"))?;
    super::client32::build(sh, arch, &directory)?;
    Ok(Programs { directory })
}

/// The distribution's rustc, because only that has a standard library for both architectures.
fn environment(arch: Arch, linkage: Linkage) -> anyhow::Result<Vec<(String, String)>> {
    let of_target = arch.rust_target().replace('-', "_").to_uppercase();
    let rustc = Toolchain::find()?.rustc;
    let variables = [
        ("RUSTC".to_owned(), rustc.display().to_string()),
        (
            format!("CARGO_TARGET_{of_target}_LINKER"),
            arch.c_compiler(),
        ),
        (
            format!("CARGO_TARGET_{of_target}_RUSTFLAGS"),
            match linkage {
                // At a fixed address: what QEMU has translated for one process then serves the next.
                Linkage::Static => "-Ctarget-feature=+crt-static -Crelocation-model=static",
                Linkage::Dynamic => "-Ctarget-feature=-crt-static",
            }
            .to_owned(),
        ),
        ("CARGO_PROFILE_RELEASE_STRIP".to_owned(), "true".to_owned()),
        (
            "CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS".to_owned(),
            "true".to_owned(),
        ),
    ];
    Ok(variables.into())
}
