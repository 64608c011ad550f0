// SPDX-License-Identifier: GPL-2.0

//! Watches a machine that fuzzes: takes its output, and ends it when its kernel goes wrong.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
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
    let (mut symptom, mut log) = (None, Log::new(&console));
    while symptom.is_none() && !machine.is_over() {
        thread::sleep(LOOK);
        symptom = log.symptom();
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

/// The log of a console that grows, of which each line is looked at once.
struct Log<'a> {
    console: &'a Path,
    /// How much of it was read, in bytes.
    read: u64,
    /// The beginning of a line.
    rest: Vec<u8>,
}

impl<'a> Log<'a> {
    fn new(console: &'a Path) -> Self {
        Self {
            console,
            read: 0,
            rest: vec![],
        }
    }

    /// What betrays a sick kernel in the lines that are there since the last look.
    fn symptom(&mut self) -> Option<String> {
        let mut file = File::open(self.console).ok()?;
        file.seek(SeekFrom::Start(self.read)).ok()?;
        let length = file.read_to_end(&mut self.rest).ok()?;
        self.read += u64::try_from(length).ok()?;
        let end = self.rest.iter().rposition(|&byte| byte == b'\n')? + 1;
        let lines: Vec<_> = self.rest.drain(..end).collect();
        symptom_in(&lines)
    }
}

/// What betrays a sick kernel in its whole log.
fn symptom_of(console: &Path) -> Option<String> {
    symptom_in(&fs::read(console).unwrap_or_default())
}

fn symptom_in(log: &[u8]) -> Option<String> {
    let log = String::from_utf8_lossy(log);
    let first = kernel_log::symptoms(&log).into_iter().next()?;
    Some(first.line)
}

/// What is wrong with a machine that has ended by itself or at its deadline.
fn verdict(machine: Machine, console: &Path) -> anyhow::Result<Option<String>> {
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
    fn a_log_is_read_as_it_grows() {
        let sh = xshell::Shell::new().unwrap();
        let directory = sh.create_temp_dir().unwrap();
        let console = directory.path().join("console.log");
        let mut log = Log::new(&console);
        assert_eq!(log.symptom(), None, "it is not there yet");
        fs::write(&console, "[1.0] Booting Linux\n[1.1] BUG: KA").unwrap();
        assert_eq!(log.symptom(), None, "the line is not whole yet");
        let more = fs::read_to_string(&console).unwrap() + "SAN: use-after-free\n[1.2] on";
        fs::write(&console, more).unwrap();
        assert_eq!(log.symptom().unwrap(), "[1.1] BUG: KASAN: use-after-free");
        assert_eq!(log.symptom(), None, "it was told");
    }

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
