// SPDX-License-Identifier: GPL-2.0

//! Compiles and runs small programs.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::toolchain::LLVM_MAJOR;

/// The machine that the tests run on, as the `cc` crate names it.
fn host() -> String {
    format!("{}-unknown-linux-gnu", std::env::consts::ARCH)
}

/// The C compiler of this machine.
fn c_compiler(directory: &Path) -> Command {
    let mut build = cc::Build::new();
    build
        .host(&host())
        .target(&host())
        .opt_level(0)
        .out_dir(directory)
        .cargo_metadata(false);
    build.get_compiler().to_command()
}

/// What a command prints, or what it complains of.
fn output(command: &mut Command) -> Result<String, String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .map_err(|error| format!("{program}: {error}"))?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(format!(
            "{program}\n{}",
            String::from_utf8_lossy(&output.stderr)
        )),
    }
}

/// Compiles a C program with these options, warnings being errors.
pub(super) fn compile_c(program: &str, options: &[&str]) -> Result<(), String> {
    let directory = TempDir::new().unwrap();
    let source = directory.path().join("program.c");
    fs::write(&source, program).unwrap();
    let mut command = c_compiler(directory.path());
    output(
        command
            .args(["-Wall", "-Wextra", "-Werror", "-pedantic"])
            .args(options)
            .arg(&source),
    )?;
    Ok(())
}

/// Compiles a C program and runs it.
pub(super) fn run_c(program: &str, options: &[&str]) -> String {
    let directory = TempDir::new().unwrap();
    let (source, binary) = (
        directory.path().join("probe.c"),
        directory.path().join("probe"),
    );
    fs::write(&source, program).unwrap();
    let mut command = c_compiler(directory.path());
    output(command.args(options).arg(&source).arg("-o").arg(&binary)).unwrap();
    output(&mut Command::new(binary)).unwrap()
}

/// Compiles a Rust program and runs it.
pub(super) fn run_rust(program: &str) -> String {
    let directory = TempDir::new().unwrap();
    let (source, binary) = (
        directory.path().join("probe.rs"),
        directory.path().join("probe"),
    );
    fs::write(&source, program).unwrap();
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let mut command = Command::new(rustc);
    output(
        command
            .args(["--edition", "2021", "-o"])
            .arg(&binary)
            .arg(&source),
    )
    .unwrap();
    output(&mut Command::new(binary)).unwrap()
}

/// Compiles a C program for another machine, as far as to see whether it is right. The kernel's headers are those of this
/// one: what they say of integers holds for all.
pub(super) fn check_c(program: &str, target: &str) -> Result<(), String> {
    let directory = TempDir::new().unwrap();
    let source = directory.path().join("program.c");
    fs::write(&source, program).unwrap();
    let mut command = Command::new(format!("clang-{LLVM_MAJOR}"));
    let headers = format!("/usr/include/{}-linux-gnu", std::env::consts::ARCH);
    command
        .arg(format!("--target={target}"))
        .args(["-fsyntax-only", "-isystem", &headers]);
    output(command.arg(&source))?;
    Ok(())
}
