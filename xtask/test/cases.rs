// SPDX-License-Identifier: GPL-2.0

//! The cases of a suite that runs on the host, one after the other.

use anyhow::Result;

use super::case::Outcome;
use super::{guest, selection};
use crate::advice;
use crate::target::Target;
use crate::vm::Report;

/// What came of the cases so far.
pub(super) struct Cases {
    suite: &'static str,
    rerun: String,
    outcome: Outcome,
}

impl Cases {
    /// No cases yet of a suite that runs on this kernel.
    pub(super) fn new(suite: &'static str, target: &Target) -> Cases {
        Cases {
            suite,
            rerun: format!("cargo xtask test {suite} {}", selection::options(target)),
            outcome: Outcome::default(),
        }
    }

    /// A case with its result.
    pub(super) fn add(&mut self, name: &str, result: Result<()>) {
        let outcome = match result {
            Ok(()) => Outcome::passed(self.name(name)),
            Err(error) => self.failure(name, advice::describe(&error)),
        };
        self.join(name, outcome);
    }

    /// What the cases were run by: when it could not run all of them, that is a failure, and the others count.
    pub(super) fn finish(mut self, result: Result<()>) -> Outcome {
        if result.is_err() {
            self.add("all", result);
        }
        self.outcome
    }

    /// The end of a machine, as a case: nothing went wrong in its kernel.
    pub(super) fn add_report(&mut self, name: &str, report: &Report) {
        let mut outcome = match report.passed() {
            true => Outcome::passed(self.name(name)),
            false => self.failure(name, guest::describe(report)),
        };
        outcome.logs = Some(report.directory.clone());
        self.join(name, outcome);
    }

    /// Suites of this kind take minutes, so that each case is told of when it has come to its end.
    fn join(&mut self, name: &str, outcome: Outcome) {
        let verdict = match outcome.tally.failed {
            0 => "ok",
            _ => "FAILED",
        };
        eprintln!("{}.{name}: {verdict}", self.suite);
        self.outcome.join(outcome);
    }

    fn name(&self, name: &str) -> String {
        format!("{}.{name}", self.suite)
    }

    fn failure(&self, name: &str, detail: String) -> Outcome {
        Outcome::failed(self.name(name), detail.trim_end(), self.rerun.clone())
    }
}
