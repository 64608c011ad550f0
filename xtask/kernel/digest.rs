// SPDX-License-Identifier: GPL-2.0

//! SHA-256, by coreutils: files of 150 MB pass through here, and an unoptimised build of our own would take its time.

use std::path::Path;

use anyhow::Context;
use xshell::{cmd, Shell};

/// The SHA-256 of a file, in hexadecimal.
pub fn of_file(sh: &Shell, path: &Path) -> anyhow::Result<String> {
    let output = cmd!(sh, "sha256sum {path}").quiet().read();
    first_word(output).with_context(|| format!("computing the SHA-256 of {}", path.display()))
}

/// The SHA-256 of a text, in hexadecimal.
pub fn of_text(sh: &Shell, text: &str) -> anyhow::Result<String> {
    first_word(cmd!(sh, "sha256sum").stdin(text).quiet().read()).context("computing a SHA-256")
}

fn first_word(output: xshell::Result<String>) -> anyhow::Result<String> {
    let output = output?;
    Ok(output
        .split_whitespace()
        .next()
        .context("sha256sum printed nothing")?
        .trim_start_matches('\\')
        .to_owned())
}
