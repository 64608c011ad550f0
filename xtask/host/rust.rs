// SPDX-License-Identifier: GPL-2.0

//! Rust for kernels where the distribution's own does not serve: Debian 12 has the right version, but its security
//! updates put a newer one in front of it, and only one can be installed. So the right one is unpacked into the cache,
//! and the Rust that the user has installed, of whichever origin, stays as it is.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::Context;
use xshell::Shell;

use crate::arch::Arch;
use crate::debian::{Apt, Source};
use crate::host::distribution::Distribution;
use crate::host::need::Need;
use crate::process;
use crate::project;
use crate::room::{self, Bytes};

/// The version that builds every supported kernel: that of Debian 12's packages.
const VERSION: &str = "1.85.0+dfsg3-1~deb12u3";

/// What it takes, with the packages that it is unpacked from.
const ROOM: Bytes = Bytes::mib(1100);

/// Where Debian 12 has it.
const SOURCE: Source = Source {
    archive: "",
    suites: "bookworm",
    sources: false,
};

/// The packages of the compiler and what belongs to it, for the host.
const COMPILER: [&str; 5] = [
    "rustc-web",
    "libstd-rust-web-1.85",
    "libstd-rust-web-dev",
    "rustfmt-web",
    "rust-web-clippy",
];

/// Whether the needs take a Rust that is unpacked, and it is not there.
pub fn is_lacking(distribution: &Distribution, needs: &[Need]) -> bool {
    let uses_rust = |need: &Need| !matches!(need, Need::Qemu(_));
    *distribution == Distribution::Debian12 && needs.iter().any(uses_rust) && find().is_none()
}

/// The directory that it is unpacked into.
fn directory() -> anyhow::Result<PathBuf> {
    let version = VERSION.split('+').next().unwrap_or(VERSION);
    Ok(project::cache()?
        .join("tools")
        .join(format!("rust-{version}")))
}

/// The unpacked rustc, when it is there; `clippy-driver` and the rest stand beside it.
pub fn find() -> Option<PathBuf> {
    let rustc = directory().ok()?.join("bin/rustc");
    process::is_executable(&rustc).then_some(rustc)
}

/// Fetches and unpacks it. It appears under its name when it is complete.
pub fn unpack(sh: &Shell) -> anyhow::Result<()> {
    let directory = directory()?;
    room::expect(sh, &directory, ROOM, "Rust for kernels")?;
    let partial = directory.with_extension("partial");
    sh.remove_path(&partial)?;
    sh.create_dir(&partial)?;
    let apt = Apt::open(
        sh,
        &project::cache()?.join("tools/apt"),
        "Rust for kernels",
        &[SOURCE],
        &Arch::ALL,
    )?;
    apt.unpack(&packages()?, &partial)?;
    write_wrappers(&partial, &directory)?;
    fs::rename(&partial, &directory)
        .with_context(|| format!("moving the unpacked Rust to {}", directory.display()))
}

/// What is fetched: the compiler for the host, its source for the kernel, and the standard library of every
/// architecture for the programs of the virtual machines.
fn packages() -> anyhow::Result<Vec<String>> {
    let host = Arch::host().context("Debian 12's Rust is unpacked on arm64 and x86_64 only")?;
    let compiler = COMPILER.map(|name| (name, host.debian()));
    let foreign = Arch::ALL.into_iter().filter(|arch| !arch.is_host());
    let library = foreign.map(|arch| ("libstd-rust-web-dev", arch.debian()));
    Ok(compiler
        .into_iter()
        .chain(library)
        .chain([("rust-web-src", host.debian())])
        .map(|(name, arch)| format!("{name}:{arch}={VERSION}"))
        .collect())
}

/// The programs look for their library where the package would have put it, so each gets a script that says where it
/// is. The scripts name the final directory.
fn write_wrappers(partial: &Path, directory: &Path) -> anyhow::Result<()> {
    let host = Arch::host().unwrap_or(Arch::X86_64);
    let root = directory.join("usr");
    let libraries = root.join("lib").join(host.gnu_triple());
    let bin = partial.join("bin");
    fs::create_dir_all(&bin)?;
    for program in fs::read_dir(partial.join("usr/bin")).context("finding the unpacked programs")? {
        let name = program?.file_name();
        let script = format!(
            "#!/bin/sh\nLD_LIBRARY_PATH='{}'${{LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}} exec '{}' \"$@\"\n",
            libraries.display(),
            root.join("bin").join(&name).display()
        );
        let wrapper = bin.join(&name);
        fs::write(&wrapper, script)?;
        fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_package_has_architecture_and_version() {
        let packages = packages().unwrap();
        let pinned = format!("={VERSION}");
        assert!(packages
            .iter()
            .all(|package| package.contains(':') && package.ends_with(&pinned)));
        for arch in Arch::ALL {
            let library = format!("libstd-rust-web-dev:{}{pinned}", arch.debian());
            assert!(packages.contains(&library), "{packages:?}");
        }
    }

    #[test]
    fn a_program_is_wrapped_with_the_final_directory() {
        let sh = Shell::new().unwrap();
        let scratch = sh.create_temp_dir().unwrap();
        let partial = scratch.path().join("rust.partial");
        fs::create_dir_all(partial.join("usr/bin")).unwrap();
        fs::write(partial.join("usr/bin/rustc"), "").unwrap();
        write_wrappers(&partial, &scratch.path().join("rust-1.85.0")).unwrap();
        let wrapper = partial.join("bin/rustc");
        assert!(process::is_executable(&wrapper));
        let script = fs::read_to_string(wrapper).unwrap();
        assert!(script.contains("rust-1.85.0/usr/bin/rustc"), "{script}");
        assert!(!script.contains("partial"), "{script}");
    }
}
