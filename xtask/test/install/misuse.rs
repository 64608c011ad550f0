// SPDX-License-Identifier: GPL-2.0

//! What the command line says to input that makes no sense: one error, exit status 2, nothing written; and to what makes
//! sense and cannot be: exit status 1.

use std::path::Path;

use anyhow::{ensure, Result};

use super::bench::Bench;
use crate::arch::Arch;

/// Every kind.
pub(super) fn misuse(bench: &Bench<'_>) -> Result<()> {
    let file = bench.write("etc/file", "")?;
    let no_root = bench.beside("home");
    std::fs::create_dir(&no_root)?;
    std::fs::write(no_root.join("letter"), "")?;
    expect(
        bench,
        "install",
        &bench.beside("absent"),
        (2, "cannot be opened"),
    )?;
    expect(bench, "install", &file, (2, "is not a directory"))?;
    expect(bench, "install", &no_root, (2, "is no root directory"))?;
    expect(
        bench,
        "uninstall",
        &bench.beside("absent"),
        (2, "cannot be opened"),
    )?;
    expect(bench, "uninstall", &bench.root(), (1, "is not installed"))?;
    let other = Arch::ALL
        .into_iter()
        .find(|arch| *arch != bench.tree().arch);
    let machine = other.map_or(0, Arch::elf_machine).to_le_bytes();
    let program = [b"\x7fELF".as_slice(), &[0; 14], &machine].concat();
    bench.write("sbin/init", program)?;
    expect(
        bench,
        "install",
        &bench.root(),
        (1, "and the module is for"),
    )
}

/// Fails unless the subcommand ends with the exit status and an error of these words.
fn expect(
    bench: &Bench<'_>,
    subcommand: &str,
    root: &Path,
    (expected, words): (i32, &str),
) -> Result<()> {
    let before = bench.snapshot()?;
    let mut line = bench.command_line(subcommand)?;
    line.push(root.display().to_string());
    let (status, text) = bench.run(&line)?;
    let errors = text
        .lines()
        .filter(|line| line.starts_with("error: "))
        .count();
    let advice = text
        .lines()
        .filter(|line| line.starts_with("  next: "))
        .count();
    let is_clear = status == Some(expected) && errors == 1 && advice == 1 && text.contains(words);
    ensure!(
        is_clear,
        "status {status:?}, expected {expected} and {words:?} in:\n{text}"
    );
    ensure!(bench.snapshot()? == before, "something was written");
    Ok(())
}
