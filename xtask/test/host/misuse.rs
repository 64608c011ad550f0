// SPDX-License-Identifier: GPL-2.0

//! What the tool says to command lines that cannot mean anything: exit status 2, one error that names what is wrong, the
//! next command to type, and nothing on stdout; and that a plain no has exit status 1.

use std::process::{Command, Output};

use anyhow::{ensure, Context, Result};
use xshell::Shell;

use crate::advice;
use crate::process::this_program;
use crate::test::case::Outcome;

/// A path that is nowhere.
const ABSENT: &str = "/nonexistent/thing";

/// Command lines, the exit status of each, and what the error says.
const LINES: &[(&[&str], i32, &str)] = &[
    (&["test", "nothing"], 2, "no suite is named nothing"),
    (
        &["test", "load.nothing"],
        2,
        "the suite load has no test nothing",
    ),
    (&["test", "clippy.nothing"], 2, "cannot be run one by one"),
    (&["check"], 2, "--target <TARGET>"),
    (&["check", ABSENT], 2, "/nonexistent/thing cannot be read"),
    (&["check", "kmod"], 2, "there is no module in kmod"),
    (
        &["check", "Cargo.toml", "--against", ABSENT],
        2,
        "there is no /nonexistent/thing",
    ),
    (
        &["check", "--target", ABSENT],
        2,
        "there is no /nonexistent/thing",
    ),
    (&["check", "Cargo.toml"], 1, "Cargo.toml is no ELF file"),
    (
        &["build", "--kernel-src", ABSENT],
        2,
        "/nonexistent/thing does not exist",
    ),
    (
        &["build", "--kernel-src", "kmod"],
        2,
        "kmod is not a kernel's source",
    ),
    (
        &["build", "--kernel-src", "/lib/modules/0.0.0/build"],
        2,
        "linux-headers-0.0.0",
    ),
    (
        &["install", "--root", ABSENT],
        2,
        "/nonexistent/thing cannot be opened",
    ),
    (
        &["uninstall", "--root", ABSENT],
        2,
        "/nonexistent/thing cannot be opened",
    ),
    (
        &["deploy", "root@board", "--module", ABSENT],
        2,
        "reading /nonexistent/thing",
    ),
    (
        &["run", "--mesa", "--picture", "/nonexistent/a.png"],
        2,
        "no directory /nonexistent",
    ),
    (&["kernel", "path", "--series", "5.4"], 2, "6.18"),
];

/// Runs every line.
pub(in crate::test) fn run(sh: &Shell) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    for (words, status, said) in LINES {
        let name = format!("misuse.`{}`", words.join(" "));
        outcome.join(match expect(sh, words, *status, said) {
            Ok(()) => Outcome::passed(name),
            Err(error) => {
                Outcome::failed(name, advice::describe(&error), "cargo xtask test misuse")
            }
        });
    }
    Ok(outcome)
}

fn expect(sh: &Shell, words: &[&str], expected: i32, said: &str) -> Result<()> {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(this_program())
        .args(words)
        .current_dir(sh.current_dir())
        .output()
        .context("running the tool")?;
    let text = String::from_utf8_lossy(&stderr);
    let count = |start: &str| text.lines().filter(|line| line.starts_with(start)).count();
    // clap has a way of its own to say what to do.
    let advice = count("  next: ") + count("For more information, try");
    ensure!(
        status.code() == Some(expected) && text.contains(said),
        "{status}, and not {expected} and {said:?}, in:\n{text}"
    );
    let is_plain = count("error: ") == 1 && stdout.is_empty();
    ensure!(is_plain, "not one error and nothing else:\n{text}");
    ensure!(advice == 1 || expected == 1, "no next step:\n{text}");
    Ok(())
}
