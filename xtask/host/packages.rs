// SPDX-License-Identifier: GPL-2.0

//! The package tables: which packages meet which need on which distribution.

use crate::arch::Arch;
use crate::host::distribution::Distribution;
use crate::host::need::Need;

/// The one version of Rust in Debian 12 that builds every supported kernel; an unpinned install takes a newer one.
const DEBIAN_12_RUST: &str = "1.85.0+dfsg3-1~deb12u3";

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

/// A package of the distribution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its architecture, when that is not the host's own.
    pub foreign: Option<Arch>,
    /// The only version that serves, when not every one does.
    pub version: Option<&'static str>,
}

impl Package {
    fn plain(name: impl Into<String>) -> Package {
        Package {
            name: name.into(),
            foreign: None,
            version: None,
        }
    }

    fn pinned(name: impl Into<String>, version: &'static str) -> Package {
        Package {
            version: Some(version),
            ..Package::plain(name)
        }
    }

    fn of(self, arch: Arch) -> Package {
        Package {
            foreign: (!arch.is_host()).then_some(arch),
            ..self
        }
    }

    /// The name that dpkg prints and takes: with the architecture when it is a foreign one.
    pub fn qualified(&self) -> String {
        match self.foreign {
            Some(arch) => format!("{}:{}", self.name, arch.debian()),
            None => self.name.clone(),
        }
    }

    /// The argument for `apt-get install`.
    pub fn request(&self) -> String {
        match self.version {
            Some(version) => format!("{}={version}", self.qualified()),
            None => self.qualified(),
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
    let rust = |name: &str| Package::pinned(name, DEBIAN_12_RUST);
    match need {
        Need::Kernel => {
            let rust = ["rustc-web", "libstd-rust-web-dev", "rust-web-src"].map(rust);
            // The release's own bindgen is too old; ours is built, and loads this library.
            plain(KERNEL)
                .chain(rust)
                .chain([Package::plain("libclang-19-dev")])
                .collect()
        }
        Need::Lints => vec![rust("rust-web-clippy"), rust("rustfmt-web")],
        Need::Qemu(arch) => vec![qemu(arch)],
        Need::Guest(arch) => guest(arch, rust("libstd-rust-web-dev")),
    }
}

fn debian_13(need: Need) -> Vec<Package> {
    match need {
        Need::Kernel => plain(KERNEL)
            .chain(plain(&["rustc", "rust-src", "bindgen"]))
            .collect(),
        Need::Lints => plain(&["rust-clippy", "rustfmt"]).collect(),
        Need::Qemu(arch) => vec![qemu(arch)],
        Need::Guest(arch) => guest(arch, Package::plain("libstd-rust-dev")),
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

/// The compilers and libraries for programs of the architecture, with `std` as its Rust standard library.
fn guest(arch: Arch, std: Package) -> Vec<Package> {
    let gnu = arch.gnu_triple().replace('_', "-");
    let c = match arch.is_host() {
        true => ["gcc".to_owned(), "libc6-dev".to_owned()],
        false => [
            format!("gcc-{gnu}"),
            format!("libc6-dev-{}-cross", arch.debian()),
        ],
    };
    c.into_iter()
        .map(Package::plain)
        .chain([std.of(arch)])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debian_12_pins_rust() {
        for package in debian_12(Need::Kernel)
            .iter()
            .chain(&debian_12(Need::Lints))
        {
            assert_eq!(
                package.version.is_some(),
                package.name.contains("rust"),
                "{package:?}"
            );
        }
    }

    #[test]
    fn a_foreign_package_is_asked_for_with_architecture_and_version() {
        let foreign = Arch::ALL.into_iter().find(|arch| !arch.is_host()).unwrap();
        let requests: Vec<String> = debian_12(Need::Guest(foreign))
            .iter()
            .map(Package::request)
            .collect();
        let std = format!("libstd-rust-web-dev:{}={DEBIAN_12_RUST}", foreign.debian());
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
