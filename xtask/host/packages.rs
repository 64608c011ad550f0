// SPDX-License-Identifier: GPL-2.0

//! The package tables: which packages meet which need on which distribution.

use crate::arch::Arch;
use crate::host::distribution::Distribution;
use crate::host::need::Need;

/// What Debian 12's Rust, which [`super::rust`] unpacks, must find installed.
const DEBIAN_12_RUST: &[&str] = &["libllvm19", "libstdc++6"];

/// What both releases call the same, for building kernels.
const KERNEL: &[&str] = &[
    "make",
    "gcc",
    "libc6-dev",
    "flex",
    "bison",
    "bc",
    "libelf-dev",
    "libssl-dev",
    "libdw-dev",
    "cpio",
    "rsync",
    "xz-utils",
    "zstd",
    "python3",
    "kmod",
    "clang-19",
    "lld-19",
    "llvm-19",
];

/// What both releases call the same, for programs in Python.
const PYTHON: &[&str] = &["python3", "python3-venv"];

/// What both releases call the same, for building Mesa.
const MESA: &[&str] = &[
    "ninja-build",
    "flex",
    "bison",
    "glslang-tools",
    "python3-venv",
    "xz-utils",
];

/// What tries our own packages, in both releases.
const PACKAGES: &[&str] = &["dkms", "lintian"];

/// What both releases call the same, for operating systems of virtual machines.
const SYSTEM: &[&str] = &["mmdebstrap", "e2fsprogs", "openssh-client"];

/// A package of the distribution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its architecture, when that is not the host's own.
    pub foreign: Option<Arch>,
}

impl Package {
    fn plain(name: impl Into<String>) -> Package {
        Package {
            name: name.into(),
            foreign: None,
        }
    }

    fn of(self, arch: Arch) -> Package {
        Package {
            foreign: (!arch.is_host()).then_some(arch),
            ..self
        }
    }

    /// The name that dpkg and apt-get take: with the architecture when it is a foreign one.
    pub fn qualified(&self) -> String {
        match self.foreign {
            Some(arch) => format!("{}:{}", self.name, arch.debian()),
            None => self.name.clone(),
        }
    }
}

/// The packages that meet the need; none for a distribution that has no table.
pub fn packages(distribution: &Distribution, need: Need) -> Vec<Package> {
    match distribution {
        Distribution::Debian12 => debian_12(need),
        Distribution::Debian13 => debian_13(need),
        Distribution::Other(_) => Vec::new(),
    }
}

fn debian_12(need: Need) -> Vec<Package> {
    match need {
        // The release's own bindgen is too old; ours is built, and loads this library.
        Need::Kernel => plain(KERNEL)
            .chain(plain(DEBIAN_12_RUST))
            .chain([Package::plain("libclang-19-dev")])
            .collect(),
        Need::Lints => plain(DEBIAN_12_RUST).collect(),
        Need::Packages => plain(PACKAGES).collect(),
        Need::Qemu(arch) => vec![qemu(arch)],
        Need::Python => plain(PYTHON).collect(),
        Need::Guest(arch) => guest(arch).chain(plain(DEBIAN_12_RUST)).collect(),
        Need::Mesa(arch) => mesa(arch),
        Need::System => plain(SYSTEM).collect(),
    }
}

fn debian_13(need: Need) -> Vec<Package> {
    match need {
        Need::Kernel => plain(KERNEL)
            .chain(plain(&["rustc", "rust-src", "bindgen"]))
            .collect(),
        Need::Lints => plain(&["rust-clippy", "rustfmt"]).collect(),
        Need::Packages => plain(PACKAGES).collect(),
        Need::Qemu(arch) => vec![qemu(arch)],
        Need::Python => plain(PYTHON).collect(),
        Need::Guest(arch) => guest(arch)
            .chain([Package::plain("libstd-rust-dev").of(arch)])
            .collect(),
        Need::Mesa(arch) => mesa(arch),
        Need::System => plain(SYSTEM).collect(),
    }
}

fn plain(names: &'static [&'static str]) -> impl Iterator<Item = Package> {
    names.iter().map(|name| Package::plain(*name))
}

fn qemu(arch: Arch) -> Package {
    Package::plain(match arch {
        Arch::Arm64 => "qemu-system-arm",
        Arch::X86_64 => "qemu-system-x86",
    })
}

/// The C compiler and library for programs of the architecture.
fn guest(arch: Arch) -> impl Iterator<Item = Package> {
    let gnu = arch.gnu_triple().replace('_', "-");
    let c = match arch.is_host() {
        true => ["gcc".to_owned(), "libc6-dev".to_owned()],
        false => [
            format!("gcc-{gnu}"),
            format!("libc6-dev-{}-cross", arch.debian()),
        ],
    };
    c.into_iter().map(Package::plain)
}

/// The programs that build Mesa, and the C++ compiler for the architecture.
fn mesa(arch: Arch) -> Vec<Package> {
    let compiler = match arch.is_host() {
        true => "g++".to_owned(),
        false => format!("g++-{}", arch.gnu_triple().replace('_', "-")),
    };
    plain(MESA).chain([Package::plain(compiler)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debian_12_installs_no_rust() {
        for need in Need::ALL {
            let rust = debian_12(need)
                .into_iter()
                .find(|package| package.name.contains("rust"));
            assert_eq!(rust, None, "{need:?}");
        }
    }

    #[test]
    fn a_foreign_package_is_asked_for_with_its_architecture() {
        let foreign = Arch::ALL.into_iter().find(|arch| !arch.is_host()).unwrap();
        let requests: Vec<String> = debian_13(Need::Guest(foreign))
            .iter()
            .map(Package::qualified)
            .collect();
        let std = format!("libstd-rust-dev:{}", foreign.debian());
        assert!(requests.contains(&std), "{requests:?}");
    }

    #[test]
    fn every_need_has_packages_on_every_known_release() {
        for distribution in [Distribution::Debian12, Distribution::Debian13] {
            for need in Need::ALL {
                assert!(
                    !packages(&distribution, need).is_empty(),
                    "{distribution:?} {need:?}"
                );
            }
        }
    }
}
