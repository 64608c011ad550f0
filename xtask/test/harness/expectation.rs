// SPDX-License-Identifier: GPL-2.0

//! What is seen of a run, in a form that can be written down beforehand.

use std::fmt;

use crate::vm::ktap::Outcome;
use crate::vm::{Problem, Report};

/// What must be seen of a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expectation {
    /// The exit status of PID 1, where it reports one.
    pub exit: Option<i32>,
    /// The outcomes of its tests: `P`assed, `F`ailed, `S`kipped.
    pub tests: &'static str,
    /// The kinds of problems, in the order in which they are looked for.
    pub problems: &'static [&'static str],
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Expectation {
            exit,
            tests,
            problems,
        } = self;
        f.write_str(&words(*exit, tests, problems))
    }
}

/// What was seen, in the same words.
pub(super) fn of(report: &Report) -> String {
    let letter = |outcome| match outcome {
        Outcome::Passed => 'P',
        Outcome::Failed => 'F',
        Outcome::Skipped => 'S',
    };
    let tests: String = report
        .tests
        .iter()
        .map(|test| letter(test.outcome))
        .collect();
    let problems: Vec<_> = report.problems.iter().map(kind).collect();
    words(report.exit, &tests, &problems)
}

fn words(exit: Option<i32>, tests: &str, problems: &[&str]) -> String {
    format!("exit {exit:?}, tests {tests:?}, problems {problems:?}")
}

fn kind(problem: &Problem) -> &'static str {
    match problem {
        Problem::Deadline(_) => "deadline",
        Problem::Qemu(_) => "qemu",
        Problem::Plans(_) => "plans",
        Problem::Results { .. } => "results",
        Problem::GaveUp(_) => "gave up",
        Problem::Status(_) => "status",
        Problem::Disagreement(_) => "disagreement",
        Problem::KernelLog(_) => "kernel log",
        Problem::Taint(_) => "taint",
    }
}
