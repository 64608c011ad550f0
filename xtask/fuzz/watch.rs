// SPDX-License-Identifier: GPL-2.0

//! Watches a machine that fuzzes: takes its output, and ends it when its kernel goes wrong.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::Context;

use super::sequence::{Sequence, Window};
use crate::vm::{kernel_log, Machine};

/// How often the log is looked at.
const LOOK: Duration = Duration::from_millis(200);

/// How long a kernel that went wrong may go on, so that it can say all that it has to say.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// What came of a machine.
#[derive(Clone, Debug)]
pub(super) enum Ending {
    /// The program came to its end, and nothing was wrong.
    Clean,
    /// Something was.
    Wrong {
        /// What.
        symptom: String,
        /// The sequences that were begun last.
        window: Vec<Sequence>,
    },
}

/// What came of a machine, and where its log is.
#[derive(Debug)]
pub(super) struct Watched {
    /// What came of it.
    pub(super) ending: Ending,
    /// The log of its console.
    pub(super) console: PathBuf,
}

/// Watches the machine to its end; `tell` gets the lines of its output that are not of sequences.
pub(super) fn watch(mut machine: Machine, tell: fn(&str)) -> anyhow::Result<Watched> {
    let output = machine.take_output().context("the machine has no output")?;
    let console = machine.console();
    let reader = read(BufReader::new(output), tell);
    let mut symptom = None;
    while symptom.is_none() && !machine.is_over() {
        thread::sleep(LOOK);
        symptom = symptom_of(&console);
    }
    if symptom.is_some() && !machine.is_over() {
        thread::sleep(LAST_WORDS);
    }
    let symptom = match symptom {
        // The machine is ended where it stands.
        Some(symptom) => {
            drop(machine);
            Some(symptom)
        }
        None => verdict(machine, &console)?,
    };
    let window = reader.join().ok().context("reading the machine's output")?;
    let ending = match symptom {
        None => Ending::Clean,
        Some(symptom) => Ending::Wrong {
            symptom,
            window: window.into_sequences(),
        },
    };
    Ok(Watched { ending, console })
}

fn read(mut output: impl BufRead + Send + 'static, tell: fn(&str)) -> JoinHandle<Window> {
    thread::spawn(move || {
        let (mut window, mut line) = (Window::default(), Vec::new());
        while output
            .read_until(b'\n', &mut line)
            .is_ok_and(|length| length > 0)
        {
            let text = String::from_utf8_lossy(&line);
            if let Some(other) = window.take(text.trim_end()) {
                tell(other);
            }
            line.clear();
        }
        window
    })
}

/// What betrays a sick kernel.
fn symptom_of(console: &std::path::Path) -> Option<String> {
    let bytes = fs::read(console).unwrap_or_default();
    let log = String::from_utf8_lossy(&bytes);
    let first = kernel_log::symptoms(&log).into_iter().next()?;
    Some(first.line)
}

/// What is wrong with a machine that has ended by itself or at its deadline.
fn verdict(machine: Machine, console: &std::path::Path) -> anyhow::Result<Option<String>> {
    let report = machine.finish()?;
    if report.passed() {
        return Ok(None);
    }
    // The log says it better than the machine's end.
    let exit = || match report.exit {
        Some(0) | None => None,
        Some(exit) => Some(format!("the fuzzer ended with exit status {exit}")),
    };
    let problem = || report.problems.first().map(ToString::to_string);
    let symptom = symptom_of(console).or_else(problem).or_else(exit);
    Ok(symptom.or_else(|| Some("the machine ended, and nobody knows why".to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_is_told_or_remembered() {
        let output: &[u8] = b"progress 1 s\n@ 0\n0 OPEN 1\n\xff\n0 CLOSE 2\n";
        let window = read(output, |line| assert!(line != "0 OPEN 1"))
            .join()
            .unwrap();
        let sequences = window.into_sequences();
        assert_eq!(sequences[0].steps, ["0 OPEN 1", "0 CLOSE 2"]);
    }
}
