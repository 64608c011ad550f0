// SPDX-License-Identifier: GPL-2.0

//! The compilers that built a kernel, from what its `.config` says about them.

use std::path::PathBuf;

use xshell::Shell;

use crate::arch::Arch;
use crate::build::cause::Cause;
use crate::host;
use crate::host::bindgen;
use crate::kernel::config::Config;
use crate::process;
use crate::toolchain::{self, Compiler, Toolchain};

/// The toolchain of this host that is the kernel's own.
pub fn find(sh: &Shell, arch: Arch, config: &Config) -> Result<Toolchain, Cause> {
    let compiler = compiler(sh, arch, config)?;
    let rustc = rustc(sh, config.text("RUSTC_VERSION_TEXT").unwrap_or_default())?;
    // A module's build generates no bindings; describing the kernel's crates asks for it.
    Ok(Toolchain {
        compiler,
        rustc,
        bindgen: bindgen::find().ok(),
    })
}

/// The C compiler and the family of binary utilities.
fn compiler(sh: &Shell, arch: Arch, config: &Config) -> Result<Compiler, Cause> {
    let wanted = config.text("CC_VERSION_TEXT").unwrap_or_default();
    let candidates = candidates(arch, wanted, config.is_set("LD_IS_LLD"));
    let mut found = Vec::new();
    for candidate in &candidates {
        match toolchain::cc_version(sh, candidate) {
            Ok(version) if version == wanted => return Ok(candidate.clone()),
            Ok(version) => found.push((candidate.program(), version)),
            Err(_) => {}
        }
    }
    let wanted = wanted.to_owned();
    Err(match found.into_iter().next() {
        Some((program, found)) => Cause::OtherCompiler {
            wanted,
            program,
            found,
        },
        None => {
            let program = candidates
                .first()
                .map(Compiler::program)
                .unwrap_or_default();
            Cause::CompilerMissing { wanted, program }
        }
    })
}

/// What the compiler may be called here, the likeliest first.
fn candidates(arch: Arch, version_text: &str, lld: bool) -> Vec<Compiler> {
    let Some(major) = clang_major(version_text) else {
        return vec![gcc(version_text)];
    };
    let llvm = |value: String| Compiler::Llvm { value };
    let cross_compile = if arch.is_host() {
        String::new()
    } else {
        arch.cross_compile()
    };
    let gnu = |cc: String| Compiler::Gnu {
        cross_compile: cross_compile.clone(),
        cc: Some(cc),
    };
    match lld {
        true => vec![llvm(format!("-{major}")), llvm("1".to_owned())],
        false => vec![gnu(format!("clang-{major}")), gnu("clang".to_owned())],
    }
}

/// The major version in `Debian clang version 19.1.7 (3)`.
fn clang_major(version_text: &str) -> Option<&str> {
    let (_, version) = version_text.split_once("clang version ")?;
    version.split('.').next()
}

/// GCC's version text starts with the name that it was called by: `aarch64-linux-gnu-gcc-14 (Debian ...) 14.2.0`.
fn gcc(version_text: &str) -> Compiler {
    let program = version_text.split_whitespace().next().unwrap_or("gcc");
    match program.rsplit_once("gcc") {
        Some((prefix, "")) => Compiler::Gnu {
            cross_compile: prefix.to_owned(),
            cc: None,
        },
        Some((prefix, _)) => Compiler::Gnu {
            cross_compile: prefix.to_owned(),
            cc: Some(program.to_owned()),
        },
        None => Compiler::Gnu {
            cross_compile: String::new(),
            cc: Some(program.to_owned()),
        },
    }
}

/// The rustc that says of itself what the kernel's `.config` says. `RUSTC` in the environment leaves no other choice.
fn rustc(sh: &Shell, wanted: &str) -> Result<PathBuf, Cause> {
    let mut found = Vec::new();
    for rustc in rustc_candidates() {
        match toolchain::rustc_version(sh, &rustc) {
            Ok(version) if version == wanted => return Ok(rustc),
            Ok(version) if !found.contains(&version) => found.push(version),
            _ => {}
        }
    }
    Err(Cause::OtherRustc {
        wanted: wanted.to_owned(),
        found,
    })
}

fn rustc_candidates() -> Vec<PathBuf> {
    if let Some(named) = std::env::var_os("RUSTC").filter(|value| !value.is_empty()) {
        return vec![PathBuf::from(named)];
    }
    let of_distribution = [PathBuf::from("/usr/bin/rustc")]
        .into_iter()
        .filter(|path| process::is_executable(path));
    host::rust::find()
        .into_iter()
        .chain(of_distribution)
        .chain(process::find_program("rustc"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn programs(version_text: &str, lld: bool) -> Vec<String> {
        let foreign = Arch::ALL.into_iter().find(|arch| !arch.is_host()).unwrap();
        candidates(foreign, version_text, lld)
            .iter()
            .map(Compiler::program)
            .collect()
    }

    #[test]
    fn clang_is_known_by_its_version() {
        assert_eq!(
            programs("Debian clang version 19.1.7 (3~deb12u1)", true),
            ["clang-19", "clang"]
        );
        assert_eq!(
            programs("clang version 21.1.0", false),
            ["clang-21", "clang"]
        );
    }

    #[test]
    fn gcc_is_known_by_its_name() {
        assert_eq!(
            gcc("gcc (Debian 12.2.0-14) 12.2.0"),
            Compiler::Gnu {
                cross_compile: String::new(),
                cc: None
            }
        );
        let yocto = gcc("aarch64-oe-linux-gcc (GCC) 15.1.0");
        assert_eq!(
            yocto,
            Compiler::Gnu {
                cross_compile: "aarch64-oe-linux-".to_owned(),
                cc: None
            }
        );
        let debian = gcc("x86_64-linux-gnu-gcc-14 (Debian 14.2.0-19) 14.2.0");
        let cross_compile = "x86_64-linux-gnu-".to_owned();
        assert_eq!(
            debian,
            Compiler::Gnu {
                cross_compile,
                cc: Some("x86_64-linux-gnu-gcc-14".to_owned())
            }
        );
    }
}
