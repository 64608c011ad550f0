// SPDX-License-Identifier: GPL-2.0

//! The architectures: what each is called by the kernel, by Rust, by GNU, by Debian and by QEMU.

use std::fmt;

use clap::ValueEnum;

/// An architecture that a kernel and a module can be built for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, ValueEnum)]
pub enum Arch {
    /// 64-bit Arm, the architecture of a Qualcomm board.
    #[default]
    #[value(name = "arm64")]
    Arm64,
    /// 64-bit x86.
    #[value(name = "x86_64")]
    X86_64,
}

impl Arch {
    /// Every architecture.
    pub const ALL: [Arch; 2] = [Arch::Arm64, Arch::X86_64];

    /// The name on our own command line and in paths.
    pub fn name(self) -> &'static str {
        match self {
            Arch::Arm64 => "arm64",
            Arch::X86_64 => "x86_64",
        }
    }

    /// The architecture of this machine, if it is one of ours.
    pub fn host() -> Option<Arch> {
        match std::env::consts::ARCH {
            "aarch64" => Some(Arch::Arm64),
            "x86_64" => Some(Arch::X86_64),
            _ => None,
        }
    }

    /// Whether this machine runs programs of the architecture.
    pub fn is_host(self) -> bool {
        Arch::host() == Some(self)
    }

    /// The kernel's `ARCH=`, which is also the directory under `arch/`.
    pub fn kernel(self) -> &'static str {
        match self {
            Arch::Arm64 => "arm64",
            Arch::X86_64 => "x86",
        }
    }

    /// The kernel's make target for the image that boot loaders take.
    pub fn image_target(self) -> &'static str {
        match self {
            Arch::Arm64 => "Image",
            Arch::X86_64 => "bzImage",
        }
    }

    /// What QEMU boots, from the kernel's build directory: code that need not be unpacked. On x86_64 that is the kernel by
    /// its PVH entry, since a `bzImage` spends a quarter of an emulated machine's instructions on unpacking itself.
    pub fn image_path(self) -> &'static str {
        match self {
            Arch::Arm64 => "arch/arm64/boot/Image",
            Arch::X86_64 => "vmlinux",
        }
    }

    /// The option that a `.config` of the architecture sets.
    pub fn config_option(self) -> &'static str {
        match self {
            Arch::Arm64 => "ARM64",
            Arch::X86_64 => "X86_64",
        }
    }

    /// The Rust target of programs that run in the virtual machine.
    pub fn rust_target(self) -> &'static str {
        match self {
            Arch::Arm64 => "aarch64-unknown-linux-gnu",
            Arch::X86_64 => "x86_64-unknown-linux-gnu",
        }
    }

    /// The GNU triple, as in the name of a cross compiler.
    pub fn gnu_triple(self) -> &'static str {
        match self {
            Arch::Arm64 => "aarch64-linux-gnu",
            Arch::X86_64 => "x86_64-linux-gnu",
        }
    }

    /// The kernel's `CROSS_COMPILE=` prefix.
    pub fn cross_compile(self) -> String {
        format!("{}-", self.gnu_triple())
    }

    /// The C compiler for programs that run in the virtual machine, also their linker.
    pub fn c_compiler(self) -> String {
        format!("{}-gcc", self.gnu_triple())
    }

    /// Debian's name of the architecture.
    pub fn debian(self) -> &'static str {
        match self {
            Arch::Arm64 => "arm64",
            Arch::X86_64 => "amd64",
        }
    }

    /// The QEMU program that emulates the architecture.
    pub fn qemu(self) -> &'static str {
        match self {
            Arch::Arm64 => "qemu-system-aarch64",
            Arch::X86_64 => "qemu-system-x86_64",
        }
    }

    /// `e_machine` of an ELF file of the architecture.
    pub fn elf_machine(self) -> u16 {
        match self {
            Arch::Arm64 => object::elf::EM_AARCH64,
            Arch::X86_64 => object::elf::EM_X86_64,
        }
    }
}

impl fmt::Display for Arch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
