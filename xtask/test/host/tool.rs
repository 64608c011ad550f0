// SPDX-License-Identifier: GPL-2.0

//! Runs a tool whose exit status is a verdict, and keeps what it says.

use std::process::{Command, Output};

use anyhow::Context;
use xshell::Cmd;

use crate::test::case::Outcome;

/// How many lines of a tool's output are shown.
const SHOWN_LINES: usize = 60;

/// What a tool said and whether it succeeded.
pub(super) struct Said {
    /// Its exit status was 0.
    pub(super) success: bool,
    /// Its stdout.
    pub(super) stdout: String,
    /// Its stderr.
    pub(super) stderr: String,
}

/// Runs the tool to its end.
pub(super) fn run(cmd: Cmd<'_>) -> anyhow::Result<Said> {
    let shown = cmd.to_string();
    let Output {
        status,
        stdout,
        stderr,
    } = Command::from(cmd)
        .output()
        .with_context(|| format!("running `{shown}`"))?;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ok(Said {
        success: status.success(),
        stdout: text(stdout),
        stderr: text(stderr),
    })
}

impl Said {
    /// Everything it said.
    pub(super) fn text(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }

    /// One test, which passes when the tool succeeds.
    pub(super) fn outcome(&self, suite: &str) -> Outcome {
        match self.success {
            true => Outcome::passed(suite),
            false => Outcome::failed(
                suite,
                shorten(&self.text()),
                format!("cargo xtask test {suite}"),
            ),
        }
    }
}

/// The first lines of a text.
pub(super) fn shorten(text: &str) -> String {
    let lines: Vec<_> = text.lines().collect();
    match lines.len().checked_sub(SHOWN_LINES) {
        None | Some(0) => lines.join("\n"),
        Some(more) => format!(
            "{}\n... and {more} more lines",
            lines[..SHOWN_LINES].join("\n")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut() {
        let text = "line\n".repeat(SHOWN_LINES + 2);
        assert!(shorten(&text).ends_with("line\n... and 2 more lines"));
        assert_eq!(shorten("a\nb\n"), "a\nb");
    }
}
