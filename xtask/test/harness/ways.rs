// SPDX-License-Identifier: GPL-2.0

//! The ways in which a machine goes wrong, and what must be seen of each.

use super::expectation::Expectation;

/// What `misbehave` can do, by the word that makes it do so.
pub(super) const ALL: &[(&str, Expectation)] = &[
    ("not", expect(Some(0), "PP", &[])),
    (
        "panic",
        expect(None, "", &["kernel log", "plans", "status"]),
    ),
    ("exit", expect(None, "", &["kernel log", "plans", "status"])),
    ("hang", expect(None, "", &["deadline", "plans", "status"])),
    ("no-status", expect(None, "PP", &["status"])),
    ("no-plan", expect(Some(0), "", &["plans"])),
    ("short-plan", expect(Some(0), "P", &["results"])),
    ("long-plan", expect(Some(0), "PP", &["results"])),
    (
        "two-plans",
        expect(Some(0), "PP", &["plans", "disagreement"]),
    ),
    ("wrong-count", expect(Some(0), "PP", &["disagreement"])),
    ("wrong-exit", expect(Some(1), "PP", &["disagreement"])),
    ("warn", expect(Some(0), "P", &["kernel log"])),
    ("taint", expect(Some(0), "P", &["taint"])),
];

/// PID 1 inserts a module that is not there; its tests pass, fail, skip, crash and hang; the module is not there to be
/// removed.
pub(super) const TESTS: Expectation = expect(Some(1), "FPFSFFF", &[]);

/// PID 1 runs a program that is killed by a signal.
pub(super) const PROGRAM: Expectation = expect(Some(128), "", &[]);

/// QEMU does not start.
pub(super) const QEMU: Expectation = expect(None, "", &["qemu", "plans", "status"]);

const fn expect(
    exit: Option<i32>,
    tests: &'static str,
    problems: &'static [&'static str],
) -> Expectation {
    Expectation {
        exit,
        tests,
        problems,
    }
}
