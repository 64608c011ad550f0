// SPDX-License-Identifier: GPL-2.0

//! What a command can need of the host.

use std::fmt;

use crate::arch::Arch;

/// A purpose that takes host packages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Building kernels and modules.
    Kernel,
    /// rustfmt and clippy of the kernel's rustc.
    Lints,
    /// Trying packages with those who take them: dkms and lintian.
    Packages,
    /// Running virtual machines of the architecture.
    Qemu(Arch),
    /// Building programs, in Rust and C, that run in virtual machines of the architecture.
    Guest(Arch),
    /// Running programs in Python, each with packages of its own.
    Python,
    /// Building Mesa's Vulkan driver for virtual machines of the architecture.
    Mesa(Arch),
    /// Putting operating systems for virtual machines together, and talking to them.
    System,
}

impl Need {
    /// Everything that `setup` installs.
    pub const ALL: [Need; 11] = [
        Need::Kernel,
        Need::Lints,
        Need::Packages,
        Need::Qemu(Arch::Arm64),
        Need::Qemu(Arch::X86_64),
        Need::Guest(Arch::Arm64),
        Need::Guest(Arch::X86_64),
        Need::Python,
        Need::Mesa(Arch::Arm64),
        Need::Mesa(Arch::X86_64),
        Need::System,
    ];

    /// Programs that show, on a distribution whose packages we do not know, that the need is met.
    pub fn programs(self) -> Vec<String> {
        let names: &[&str] = match self {
            Need::Kernel => &[
                "make",
                "gcc",
                "flex",
                "bison",
                "bc",
                "xz",
                "zstd",
                "cpio",
                "rsync",
                "python3",
                "depmod",
                "rustc",
                "bindgen",
                "clang-19",
                "ld.lld-19",
                "llvm-objcopy-19",
            ],
            Need::Lints => &["clippy-driver", "rustfmt"],
            Need::Packages => &["dkms", "dpkg", "lintian"],
            Need::Python => &["python3"],
            Need::Qemu(arch) => return vec![arch.qemu().to_owned()],
            Need::Guest(arch) => return vec![arch.c_compiler()],
            Need::Mesa(arch) => return mesa_programs(arch),
            Need::System => &["mmdebstrap", "mke2fs", "ssh", "ssh-keygen"],
        };
        names.iter().map(|name| (*name).to_owned()).collect()
    }
}

fn mesa_programs(arch: Arch) -> Vec<String> {
    let compiler = format!("{}-g++", arch.gnu_triple());
    let tools = ["ninja", "flex", "bison", "glslangValidator", "python3"];
    let names = tools.into_iter().chain([compiler.as_str()]);
    names.map(str::to_owned).collect()
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Need::Kernel => write!(f, "kernels and modules"),
            Need::Lints => write!(f, "rustfmt and clippy"),
            Need::Packages => write!(f, "trying packages"),
            Need::Qemu(arch) => write!(f, "{arch} virtual machines"),
            Need::Guest(arch) => write!(f, "{arch} guest programs"),
            Need::Python => write!(f, "programs in Python"),
            Need::Mesa(arch) => write!(f, "Mesa for {arch}"),
            Need::System => write!(f, "operating systems for virtual machines"),
        }
    }
}
