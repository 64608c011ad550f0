// SPDX-License-Identifier: GPL-2.0

//! What the kernel says when a module is loaded, and whether it was predicted.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::pair::{Before, Pair, Subject};
use super::subjects::Subjects;
use crate::check::Report;
use crate::vm::{kernel_log, Entry, Job, Run, Workshop};

/// What the kernel logs whatever the verdict, and what the modules log themselves; `check` does not predict it.
pub(in crate::test) const USUAL: [&str; 9] = [
    "hrtimer: interrupt took",
    "[drm] Initialized vgem",
    "loading out-of-tree module taints kernel.",
    "module verification failed: signature and/or required key missing - tainting kernel",
    "module license taints kernel.",
    "Disabling lock debugging due to kernel taint",
    "verdict_c: loaded,",
    "verdict_rust: loaded",
    "at /dev/kgsl-3d0",
];

/// What the kernel said, or will say.
#[derive(Clone, Debug)]
pub(super) struct Observation {
    /// The error number, 0 where the module loads; none where the kernel did not survive.
    pub(super) errno: Option<i32>,
    /// The lines of its log.
    pub(super) lines: Vec<String>,
    /// Signs of a sick kernel.
    symptoms: Vec<String>,
    /// Where the logs are.
    pub(super) directory: PathBuf,
}

impl Observation {
    /// What a report predicts. A module that is refused without an errno is one that the kernel must not be given.
    pub(super) fn predicted(report: &Report) -> Observation {
        let errno = match (report.loads(), report.errno) {
            (true, _) => Some(0),
            (false, errno) => errno.map(|errno| errno.number),
        };
        Observation {
            errno,
            lines: report.log.clone(),
            symptoms: Vec::new(),
            directory: PathBuf::new(),
        }
    }

    /// How this differs from what was predicted.
    pub(super) fn disagreement(&self, predicted: &Observation) -> Option<String> {
        let Some(errno) = predicted.errno else {
            return self.survived();
        };
        if self.errno == Some(errno)
            && same_lines(&predicted.lines, &self.lines)
            && self.symptoms.is_empty()
        {
            return None;
        }
        let show = |errno: Option<i32>| {
            errno.map_or("none, the kernel did not survive".into(), |errno| {
                errno.to_string()
            })
        };
        Some(format!(
            "predicted: errno {errno}\n  {}\nobserved:  errno {}\n  {}\n  {}",
            predicted.lines.join("\n  "),
            show(self.errno),
            self.lines.join("\n  "),
            self.symptoms.join("\n  ")
        ))
    }

    /// What the kernel does not check it does not refuse: it is damaged, or goes on with a damaged module.
    fn survived(&self) -> Option<String> {
        match self.errno {
            None | Some(0) => None,
            Some(errno) => Some(format!(
                "predicted: the kernel does not check for this\nobserved:  it does, errno {errno}\n  {}",
                self.lines.join("\n  ")
            )),
        }
    }
}

/// Whether the lines are the same; a `…` in a predicted one stands for anything.
pub(in crate::test) fn same_lines(predicted: &[String], observed: &[String]) -> bool {
    let fits = |(predicted, observed): (&String, &String)| {
        let mut rest = observed.as_str();
        let mut parts = predicted.split('…');
        let first = parts.next().unwrap_or_default();
        let Some(after) = rest.strip_prefix(first) else {
            return false;
        };
        rest = after;
        let mut open = false;
        for part in parts {
            open = part.is_empty();
            match rest.find(part) {
                Some(at) => rest = &rest[at + part.len()..],
                None => return false,
            }
        }
        rest.is_empty() || open
    };
    predicted.len() == observed.len() && predicted.iter().zip(observed).all(fits)
}

/// The machine in which a module is loaded.
pub(super) fn machine(
    workshop: &Workshop,
    subjects: &Subjects,
    pair: &Pair,
    file: &Path,
) -> Result<Run> {
    let mut machine = workshop.machine(&format!("verdicts-{}", pair.name), "insert");
    machine.job = Job::Tests;
    machine.parameters = pair
        .parameters
        .iter()
        .map(|word| String::from(*word))
        .collect();
    machine
        .files
        .push(Entry::file("/lib/modules/subject.ko", file));
    machine.arguments = match pair.before {
        Before::Nothing => vec!["subject.ko".into()],
        Before::Itself => vec!["subject.ko".into(), "subject.ko".into()],
        Before::Needed => {
            let needed = subjects.path(Subject::Dependency)?;
            machine
                .files
                .push(Entry::file("/lib/modules/needed.ko", needed));
            vec!["needed.ko".into(), "subject.ko".into()]
        }
    };
    Ok(machine)
}

/// Runs the machine, and reads what the kernel said.
pub(super) fn observe(machine: &Run) -> Result<Observation> {
    let report = machine.execute()?;
    let console = report.console();
    let text = fs::read(&console).with_context(|| format!("reading {}", console.display()))?;
    let text = String::from_utf8_lossy(&text);
    let symptoms = kernel_log::symptoms(&text)
        .into_iter()
        .map(|symptom| symptom.line)
        .collect();
    let lines = said_of_the_last(&text);
    Ok(Observation {
        errno: report.exit,
        lines,
        symptoms,
        directory: report.directory,
    })
}

/// What the log says between the last `inserting` and its `inserted`.
fn said_of_the_last(console: &str) -> Vec<String> {
    let lines: Vec<&str> = console.lines().map(message).collect();
    let start = lines
        .iter()
        .rposition(|line| line.starts_with("inserting "));
    let said = lines
        .get(start.map_or(0, |start| start + 1)..)
        .unwrap_or_default();
    let said = said
        .iter()
        .take_while(|line| !line.starts_with("inserted "));
    let is_usual = |line: &&&str| USUAL.iter().any(|usual| line.contains(usual));
    said.filter(|line| !line.is_empty() && !is_usual(line))
        .map(|line| String::from(*line))
        .collect()
}

/// A line of the console without the time that the kernel puts before it.
fn message(line: &str) -> &str {
    let line = line.trim_end_matches('\r');
    match line
        .strip_prefix('[')
        .and_then(|rest| rest.split_once("] "))
    {
        Some((time, message)) if time.trim().parse::<f64>().is_ok() => message,
        _ => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_insertion_is_what_counts() {
        let console = "[    0.1] inserting a\r\n[    0.1] noise\r\n[    0.2] inserted a errno 0\r\n\
                       [    0.3] inserting b\r\n[    0.3] b: Unknown symbol x (err -2)\r\n\
                       [    0.3] b: loading out-of-tree module taints kernel.\r\n[    0.4] inserted b errno 2\r\n";
        assert_eq!(said_of_the_last(console), ["b: Unknown symbol x (err -2)"]);
    }

    #[test]
    fn an_ellipsis_stands_for_anything() {
        let lines = |text: &str| vec![String::from(text)];
        assert!(same_lines(&lines("a … c"), &lines("a b c")));
        assert!(same_lines(&lines("a …"), &lines("a b c")));
        assert!(!same_lines(&lines("a … c"), &lines("a b c d")));
        assert!(!same_lines(&lines("a"), &lines("a b")));
    }
}
