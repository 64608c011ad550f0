// SPDX-License-Identifier: GPL-2.0

//! Results: single ones, and their sum.

use std::fmt;
use std::ops::AddAssign;

/// A result that deserves to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    /// What failed.
    pub name: String,
    /// How, in as many lines as it takes.
    pub detail: String,
    /// The command that runs just this again.
    pub rerun: String,
}

/// How many tests came out how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Held.
    pub passed: usize,
    /// Did not hold.
    pub failed: usize,
    /// Could not be run.
    pub skipped: usize,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        match self.skipped {
            0 => Ok(()),
            skipped => write!(f, ", {skipped} skipped"),
        }
    }
}

/// What came of a suite.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Outcome {
    /// The sum.
    pub tally: Tally,
    /// What held.
    pub passed: Vec<String>,
    /// What could not be run, and why.
    pub skipped: Vec<(String, String)>,
    /// What failed: as many as the sum says, or fewer where one text tells of several.
    pub failures: Vec<Failure>,
    /// Where the logs are, for suites that leave any.
    pub logs: Option<std::path::PathBuf>,
}

impl Outcome {
    /// Both, one after the other.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.join(other);
        self
    }

    /// One test that held.
    pub(super) fn passed(name: impl Into<String>) -> Self {
        Self {
            tally: Tally {
                passed: 1,
                ..Tally::default()
            },
            passed: vec![name.into()],
            ..Self::default()
        }
    }

    /// One test that did not.
    pub(super) fn failed(
        name: impl Into<String>,
        detail: impl Into<String>,
        rerun: impl Into<String>,
    ) -> Self {
        let failure = Failure {
            name: name.into(),
            detail: detail.into(),
            rerun: rerun.into(),
        };
        Self {
            tally: Tally {
                failed: 1,
                ..Tally::default()
            },
            failures: vec![failure],
            ..Self::default()
        }
    }

    /// Both together.
    pub(super) fn join(&mut self, other: Outcome) {
        self.tally += other.tally;
        self.passed.extend(other.passed);
        self.skipped.extend(other.skipped);
        self.failures.extend(other.failures);
        self.logs = self.logs.take().or(other.logs);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_one_line() {
        let mut tally = Tally {
            passed: 3,
            failed: 0,
            skipped: 0,
        };
        assert_eq!(tally.to_string(), "3 passed, 0 failed");
        tally += Tally {
            passed: 1,
            failed: 2,
            skipped: 4,
        };
        assert_eq!(tally.to_string(), "4 passed, 2 failed, 4 skipped");
    }

    #[test]
    fn failures_add_up() {
        let mut outcome = Outcome::passed("z");
        outcome.join(Outcome::failed("a", "b", "c"));
        assert_eq!(
            outcome.tally,
            Tally {
                passed: 1,
                failed: 1,
                skipped: 0
            }
        );
        assert_eq!(outcome.failures.len(), 1);
    }
}
