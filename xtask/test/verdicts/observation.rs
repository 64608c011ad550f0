// SPDX-License-Identifier: GPL-2.0

//! What the kernel says when a module is loaded, and whether it was predicted.

use std::path::PathBuf;

use super::pair::Pair;
use crate::check::Report;
use crate::vm::{self, kernel_log};

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

/// What the log of a machine says of one module.
pub(super) fn of(console: &str, report: &vm::Report, pair: &Pair) -> Observation {
    let (lines, errno) = said_of(console, pair.name);
    let symptoms = kernel_log::symptoms(console).into_iter();
    Observation {
        // A kernel that dies later did not survive the module either.
        errno: report.exit.and(errno),
        lines,
        symptoms: symptoms.map(|symptom| symptom.line).collect(),
        directory: report.directory.clone(),
    }
}

/// What the log says between the last `inserting` of a module and its `inserted`, and the errno there.
fn said_of(console: &str, name: &str) -> (Vec<String>, Option<i32>) {
    let lines: Vec<&str> = console.lines().map(message).collect();
    let inserting = format!("inserting {name}.ko");
    let inserted = format!("inserted {name}.ko errno ");
    let start = lines.iter().rposition(|line| *line == inserting);
    let said = start.and_then(|start| lines.get(start + 1..));
    let said = said.unwrap_or_default();
    let end = said.iter().position(|line| line.starts_with(&inserted));
    let errno = end.and_then(|end| said[end].strip_prefix(&inserted)?.parse().ok());
    let is_usual = |line: &&&str| USUAL.iter().any(|usual| line.contains(usual));
    let said = said[..end.unwrap_or(said.len())].iter();
    let said = said.filter(|line| !line.is_empty() && !is_usual(line));
    (said.map(|line| String::from(*line)).collect(), errno)
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
    fn the_last_insertion_of_a_module_is_what_counts() {
        let console = "[    0.1] inserting b.ko\r\n[    0.1] noise\r\n[    0.2] inserted b.ko errno 0\r\n\
                       [    0.3] inserting b.ko\r\n[    0.3] b: Unknown symbol x (err -2)\r\n\
                       [    0.3] b: loading out-of-tree module taints kernel.\r\n[    0.4] inserted b.ko errno 2\r\n\
                       [    0.5] inserting c.ko\r\n[    0.5] last words\r\n";
        let lines = |text: &str| vec![String::from(text)];
        let refused = (lines("b: Unknown symbol x (err -2)"), Some(2));
        assert_eq!(said_of(console, "b"), refused);
        assert_eq!(said_of(console, "c"), (lines("last words"), None));
        assert_eq!(said_of(console, "d"), (vec![], None));
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
