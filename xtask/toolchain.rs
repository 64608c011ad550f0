// SPDX-License-Identifier: GPL-2.0

//! The compilers that build a kernel and its modules.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::Context;
use clap::ValueEnum;
use xshell::{cmd, Shell};

use crate::advice::Advise;
use crate::arch::Arch;
use crate::fingerprint::{self, Files, Fingerprint};
use crate::host;
use crate::process;

/// The major version of LLVM that builds our kernels.
pub const LLVM_MAJOR: &str = "19";

/// Which of the two C compilers builds a kernel of ours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Family {
    /// Clang and LLD.
    #[default]
    Llvm,
    /// GCC and GNU binutils, as distributions and Yocto build their kernels.
    Gcc,
}

impl Family {
    /// Both.
    pub const ALL: [Family; 2] = [Family::Llvm, Family::Gcc];

    /// The name on the command line and in paths.
    pub fn name(self) -> &'static str {
        match self {
            Family::Llvm => "llvm",
            Family::Gcc => "gcc",
        }
    }

    /// The name for people.
    pub fn title(self) -> &'static str {
        match self {
            Family::Llvm => "LLVM",
            Family::Gcc => "GCC",
        }
    }

    /// The compiler of this host for the architecture.
    fn compiler(self, arch: Arch) -> Compiler {
        match self {
            Family::Llvm => Compiler::Llvm {
                value: format!("-{LLVM_MAJOR}"),
            },
            Family::Gcc => Compiler::Gnu {
                cross_compile: arch.cross_compile(),
                cc: None,
            },
        }
    }
}

/// The C compiler and its binary utilities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Compiler {
    /// Clang and LLD; the suffix is what the kernel's `LLVM=` takes: `-19`, a directory that ends in `/`, or `1`.
    Llvm {
        /// The value of `LLVM=`.
        value: String,
    },
    /// GNU binutils, with GCC or another compiler.
    Gnu {
        /// The value of `CROSS_COMPILE=`; empty for a native build.
        cross_compile: String,
        /// The value of `CC=`, when the compiler is not the `gcc` of that prefix.
        cc: Option<String>,
    },
}

impl Compiler {
    /// The program that compiles C.
    pub fn program(&self) -> String {
        match self {
            Compiler::Llvm { value } if value.ends_with('/') => format!("{value}clang"),
            Compiler::Llvm { value } if value.starts_with('-') => format!("clang{value}"),
            Compiler::Llvm { .. } => "clang".to_owned(),
            Compiler::Gnu { cc: Some(cc), .. } => cc.clone(),
            Compiler::Gnu {
                cross_compile,
                cc: None,
            } => format!("{cross_compile}gcc"),
        }
    }

    /// The program that removes sections from object files.
    pub fn strip(&self) -> String {
        match self {
            Compiler::Llvm { value } if value.ends_with('/') => format!("{value}llvm-strip"),
            Compiler::Llvm { value } if value.starts_with('-') => format!("llvm-strip{value}"),
            Compiler::Llvm { .. } => "llvm-strip".to_owned(),
            Compiler::Gnu { cross_compile, .. } => format!("{cross_compile}strip"),
        }
    }

    /// The arguments for the kernel's make.
    fn make_arguments(&self) -> Vec<String> {
        match self {
            Compiler::Llvm { value } => vec![format!("LLVM={value}")],
            Compiler::Gnu { cross_compile, cc } => {
                let cross_compile = format!("CROSS_COMPILE={cross_compile}");
                [
                    Some(cross_compile),
                    cc.as_ref().map(|cc| format!("CC={cc}")),
                ]
                .into_iter()
                .flatten()
                .collect()
            }
        }
    }
}

/// A set of compilers.
#[derive(Clone, Debug)]
pub struct Toolchain {
    /// The C compiler.
    pub compiler: Compiler,
    /// The Rust compiler.
    pub rustc: PathBuf,
    /// The generator of Rust bindings; a module alone needs none.
    pub bindgen: Option<PathBuf>,
}

impl Toolchain {
    /// The toolchain of this host that builds our kernels. `RUSTC` in the environment names another rustc.
    pub fn find() -> anyhow::Result<Toolchain> {
        Toolchain::of(Family::default(), Arch::default())
    }

    /// The toolchain of this host that builds our kernels for the architecture with the C compiler.
    pub fn of(family: Family, arch: Arch) -> anyhow::Result<Toolchain> {
        Ok(Toolchain {
            compiler: family.compiler(arch),
            rustc: host_rustc()?,
            bindgen: Some(host::bindgen::find()?),
        })
    }

    /// The arguments that make the kernel's build system use the toolchain.
    pub fn make_arguments(&self) -> Vec<String> {
        let rustc = self.rustc.display();
        let mut arguments = self.compiler.make_arguments();
        arguments.extend([format!("RUSTC={rustc}"), format!("HOSTRUSTC={rustc}")]);
        arguments.extend(
            self.bindgen
                .as_ref()
                .map(|bindgen| format!("BINDGEN={}", bindgen.display())),
        );
        for (variable, program) in [
            ("CLIPPY_DRIVER", "clippy-driver"),
            ("RUSTFMT", "rustfmt"),
            ("RUSTDOC", "rustdoc"),
        ] {
            let path = self
                .companion(program)
                .filter(|path| process::is_executable(path));
            arguments.extend(path.map(|path| format!("{variable}={}", path.display())));
        }
        arguments
    }

    /// The directory that bindgen loads libclang from, when it stands where Debian puts it.
    pub fn libclang_directory(&self) -> Option<PathBuf> {
        let version = match &self.compiler {
            Compiler::Llvm { value } => value.strip_prefix('-')?,
            // GCC has none; bindgen parses the kernel's headers with Clang all the same.
            Compiler::Gnu { .. } => LLVM_MAJOR,
        };
        Some(PathBuf::from(format!("/usr/lib/llvm-{version}/lib"))).filter(|path| path.is_dir())
    }

    /// A program that came with the same rustc, such as `clippy-driver` or `rustfmt`.
    pub fn companion(&self, program: &str) -> Option<PathBuf> {
        self.rustc.parent().map(|directory| directory.join(program))
    }

    /// What the programs say about their versions: a build depends on it.
    pub fn versions(&self, sh: &Shell) -> anyhow::Result<Vec<String>> {
        let mut versions = vec![
            rustc_version(sh, &self.rustc)?,
            cc_version(sh, &self.compiler)?,
        ];
        if let Some(bindgen) = &self.bindgen {
            versions.push(first_line(sh, bindgen)?);
        }
        Ok(versions)
    }
}

/// The rustc for kernels: `RUSTC`, the one unpacked for them, the distribution's, or that of `PATH`.
fn host_rustc() -> anyhow::Result<PathBuf> {
    let named = std::env::var_os("RUSTC")
        .filter(|value| !value.is_empty())
        .map(PathBuf::from);
    let of_distribution =
        || Some(PathBuf::from("/usr/bin/rustc")).filter(|path| process::is_executable(path));
    named
        .or_else(host::rust::find)
        .or_else(of_distribution)
        .or_else(|| process::find_program("rustc"))
        .context("no rustc for the kernel: neither /usr/bin/rustc nor one in PATH")
        .advise("cargo xtask setup")
}

/// `rustc --version`, as the kernel's CONFIG_RUSTC_VERSION_TEXT has it.
pub fn rustc_version(sh: &Shell, rustc: &Path) -> anyhow::Result<String> {
    first_line(sh, rustc)
}

/// The first line of `CC --version`, as the kernel's CONFIG_CC_VERSION_TEXT has it.
pub fn cc_version(sh: &Shell, compiler: &Compiler) -> anyhow::Result<String> {
    first_line(sh, Path::new(&compiler.program()))
}

/// The first line of what the program prints for `--version`; asked once for each state that the program is in.
pub fn first_line(sh: &Shell, program: &Path) -> anyhow::Result<String> {
    let name = program.display().to_string().replace('/', "-");
    let fingerprint = Fingerprint::of_host(&format!("version-of-{name}"), &program)?;
    if let Some(line) = fingerprint.recall() {
        return Ok(line);
    }
    let since = SystemTime::now();
    let line = ask(sh, program)?;
    // Whoever has no place to keep an answer asks again.
    let _ = match fingerprint::of_program(program) {
        Some(inputs) => fingerprint.keep(
            &line,
            since,
            Files {
                inputs,
                ..Files::default()
            },
        ),
        None => fingerprint.forget(),
    };
    Ok(line)
}

fn ask(sh: &Shell, program: &Path) -> anyhow::Result<String> {
    let text = cmd!(sh, "{program} --version")
        .env("LC_ALL", "C")
        .quiet()
        .ignore_stderr()
        .read()
        .with_context(|| format!("asking {} for its version", program.display()))?;
    Ok(text.lines().next().unwrap_or_default().trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_compiler_has_its_program_and_its_make_argument() {
        let llvm = |value: &str| Compiler::Llvm {
            value: value.to_owned(),
        };
        assert_eq!(llvm("-19").program(), "clang-19");
        assert_eq!(llvm("/opt/llvm/bin/").program(), "/opt/llvm/bin/clang");
        assert_eq!(llvm("1").program(), "clang");
        let strips = ["-19", "/opt/llvm/bin/", "1"].map(|value| llvm(value).strip());
        let expected = ["llvm-strip-19", "/opt/llvm/bin/llvm-strip", "llvm-strip"];
        assert_eq!(strips, expected);
        assert_eq!(llvm("-19").make_arguments(), ["LLVM=-19"]);
        let gnu = |cc: Option<&str>| Compiler::Gnu {
            cross_compile: "aarch64-linux-gnu-".to_owned(),
            cc: cc.map(str::to_owned),
        };
        assert_eq!(gnu(None).program(), "aarch64-linux-gnu-gcc");
        assert_eq!(gnu(Some("gcc-14")).strip(), "aarch64-linux-gnu-strip");
        assert_eq!(
            gnu(None).make_arguments(),
            ["CROSS_COMPILE=aarch64-linux-gnu-"]
        );
        assert_eq!(gnu(Some("gcc-14")).program(), "gcc-14");
        assert_eq!(
            gnu(Some("gcc-14")).make_arguments(),
            ["CROSS_COMPILE=aarch64-linux-gnu-", "CC=gcc-14"]
        );
    }
}
