// SPDX-License-Identifier: GPL-2.0

//! What came of a run.

use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use super::clock;
use super::directory::{self, Directory};
use super::ktap::{self, Outcome, Test};
use super::run::Run;
use super::status;
use super::verdict::{self, Evidence, Problem};

/// How many lines of the console are shown when a run fails as a whole.
const TAIL_LINES: usize = 40;

/// What came of a run.
#[derive(Clone, Debug)]
pub struct Report {
    /// The results of the tests.
    pub tests: Vec<Test>,
    /// What is wrong with the run as a whole.
    pub problems: Vec<Problem>,
    /// The exit status that PID 1 reported.
    pub exit: Option<i32>,
    /// The directory with the logs.
    pub directory: PathBuf,
    /// How long the machine ran.
    pub elapsed: Duration,
}

impl Report {
    /// Reads what the run left behind and judges it.
    pub(super) fn read(
        run: &Run,
        directory: Directory,
        ended: Option<ExitStatus>,
        elapsed: Duration,
    ) -> anyhow::Result<Self> {
        let console = directory::text(&directory.console());
        let status = directory::text(&directory.status());
        directory.keep(&ktap::protocol(&console))?;
        clock::learn(run.arch, run.accelerator, &console);
        let failure = ended.filter(|ended| !ended.success());
        let failure = failure.map(|ended| {
            format!(
                "{ended}\n{}",
                directory::text(&directory.errors()).trim_end()
            )
        });
        let evidence = Evidence {
            job: run.job,
            failure: failure.as_deref(),
            killed_after: run.deadline.filter(|_| ended.is_none()),
            console: &console,
            status: &status,
        };
        Ok(Self {
            tests: ktap::parse(&console).tests,
            problems: verdict::problems(&evidence),
            exit: status::parse(&status).ok().map(|status| status.exit),
            directory: directory.path().to_path_buf(),
            elapsed,
        })
    }

    /// Whether nothing at all went wrong.
    pub fn passed(&self) -> bool {
        self.problems.is_empty() && self.exit == Some(0) && self.count(Outcome::Failed) == 0
    }

    /// How many tests came out so.
    pub fn count(&self, outcome: Outcome) -> usize {
        self.tests
            .iter()
            .filter(|test| test.outcome == outcome)
            .count()
    }

    /// The console log.
    pub fn console(&self) -> PathBuf {
        self.directory.join("console.log")
    }

    /// The last lines of the console log.
    pub fn console_tail(&self) -> String {
        tail(&directory::text(Path::new(&self.console())), TAIL_LINES)
    }
}

fn tail(text: &str, count: usize) -> String {
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_is_the_last_lines() {
        assert_eq!(tail("a\nb\nc\n", 2), "b\nc");
        assert_eq!(tail("a\n", 2), "a");
        assert_eq!(tail("", 2), "");
    }
}
