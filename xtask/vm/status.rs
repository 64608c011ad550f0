// SPDX-License-Identifier: GPL-2.0

//! The status word: what PID 1 writes to its virtio-serial port as its last act.

use anyhow::{bail, Context};

/// What the run came to in the eyes of PID 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// Exit status: 0 when all went well.
    pub exit: i32,
    /// How many tests were run.
    pub tests: usize,
    /// `/proc/sys/kernel/tainted` at the end.
    pub tainted: u64,
}

/// Reads `done exit=N tests=N tainted=N`, one whole line and nothing else.
pub fn parse(text: &str) -> anyhow::Result<Status> {
    let line = text.strip_suffix('\n').context("the line is cut off")?;
    let mut words = line.split(' ');
    let mut next = || words.next().unwrap_or_default();
    if next() != "done" {
        bail!("it does not begin with `done`");
    }
    let status = Status {
        exit: value(next(), "exit")?,
        tests: value(next(), "tests")?,
        tainted: value(next(), "tainted")?,
    };
    match words.next() {
        None => Ok(status),
        Some(word) => bail!("there is more: {word:?}"),
    }
}

fn value<T: std::str::FromStr>(word: &str, name: &str) -> anyhow::Result<T> {
    let value = word
        .strip_prefix(name)
        .and_then(|rest| rest.strip_prefix('='));
    value
        .and_then(|value| value.parse().ok())
        .with_context(|| format!("{name}= is wrong or missing"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_word_is_read() {
        let status = parse("done exit=1 tests=12 tainted=4096\n").unwrap();
        assert_eq!(
            status,
            Status {
                exit: 1,
                tests: 12,
                tainted: 4096
            }
        );
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "done exit=0 tests=1 tainted=0",
            "done exit=0 tests=1\n",
            "done exit=0 tests=x tainted=0\n",
            "done exit=0 tests=1 tainted=0 more\n",
            "done exit=0 tests=1 tainted=0\ndone exit=0 tests=1 tainted=0\n",
        ] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }
}
