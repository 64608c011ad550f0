// SPDX-License-Identifier: GPL-2.0

//! Collects what holds and what does not.

use std::fmt::Debug;

use super::super::case::Outcome;

/// Checks under a common name.
pub(super) struct Checks {
    suite: &'static str,
    topic: &'static str,
    outcome: Outcome,
}

impl Checks {
    /// None yet.
    pub(super) fn of(suite: &'static str, topic: &'static str) -> Checks {
        Checks {
            suite,
            topic,
            outcome: Outcome::default(),
        }
    }

    /// Something holds; `detail` tells of it when it does not.
    pub(super) fn that(&mut self, what: &str, holds: bool, detail: impl FnOnce() -> String) {
        let name = format!("{}.{}: {what}", self.suite, self.topic);
        self.outcome.join(match holds {
            true => Outcome::passed(name),
            false => Outcome::failed(name, detail(), format!("cargo xtask test {}", self.suite)),
        });
    }

    /// Two things are the same.
    pub(super) fn equal<T: PartialEq + Debug>(&mut self, what: &str, found: T, wanted: T) {
        let same = found == wanted;
        self.that(what, same, || {
            format!("found  {found:?}\nwanted {wanted:?}")
        });
    }

    /// A text has a part.
    pub(super) fn contains(&mut self, what: &str, text: &str, part: &str) {
        self.that(what, text.contains(part), || {
            format!("{part:?} is not in:\n{text}")
        });
    }

    /// What came of them.
    pub(super) fn outcome(self) -> Outcome {
        self.outcome
    }
}
