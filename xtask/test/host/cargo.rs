// SPDX-License-Identifier: GPL-2.0

//! The tests of every crate, by way of cargo.

use xshell::{cmd, Shell};

use super::tool::{self, Said};
use crate::test::case::{Failure, Outcome, Tally};

const RERUN: &str = "cargo test --workspace";

/// Runs them and counts.
pub(in crate::test) fn test(sh: &Shell) -> anyhow::Result<Outcome> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let command = cmd!(sh, "{cargo} test --workspace --no-fail-fast --color never");
    // Cargo tells each package of its own directory; ours would stay for those that it runs itself.
    Ok(outcome(&tool::run(
        command.env_remove("CARGO_MANIFEST_DIR").quiet(),
    )?))
}

fn outcome(said: &Said) -> Outcome {
    let results = said.stdout.lines().filter_map(result);
    let mut tally = results.fold(Tally::default(), |mut sum, result| {
        sum += result;
        sum
    });
    let mut failures = failures(&said.stdout);
    // A crate that does not compile and a test program that dies leave no count.
    if failures.is_empty() && (!said.success || tally.passed == 0) {
        tally.failed += 1;
        let detail = tool::shorten(&said.text());
        failures.push(Failure {
            name: "cargo test".to_owned(),
            detail,
            rerun: RERUN.to_owned(),
        });
    }
    Outcome {
        tally,
        passed: named(&said.stdout, "ok").collect(),
        skipped: named(&said.stdout, "ignored")
            .map(|name| (name, String::new()))
            .collect(),
        failures,
        logs: None,
    }
}

/// Reads `test result: ok. 35 passed; 0 failed; 1 ignored; ...`.
fn result(line: &str) -> Option<Tally> {
    let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let mut tally = Tally::default();
    for count in counts.split("; ") {
        let (number, what) = count.split_once(' ')?;
        match what {
            "passed" => tally.passed = number.parse().ok()?,
            "failed" => tally.failed = number.parse().ok()?,
            "ignored" => tally.skipped = number.parse().ok()?,
            _ => {}
        }
    }
    Some(tally)
}

/// The tests that came out so: the lines `test NAME ... OUTCOME`.
fn named<'a>(stdout: &'a str, outcome: &'a str) -> impl Iterator<Item = String> + 'a {
    stdout.lines().filter_map(move |line| {
        let (name, came) = line.strip_prefix("test ")?.split_once(" ... ")?;
        (came == outcome).then(|| name.to_owned())
    })
}

/// What each failed test wrote: the sections that begin with `---- NAME stdout ----`.
fn failures(stdout: &str) -> Vec<Failure> {
    let mut failures: Vec<Failure> = Vec::new();
    let mut inside = false;
    for line in stdout.lines() {
        if let Some(name) = line
            .strip_prefix("---- ")
            .and_then(|line| line.strip_suffix(" stdout ----"))
        {
            let rerun = format!("{RERUN} -- {name}");
            failures.push(Failure {
                name: name.to_owned(),
                detail: String::new(),
                rerun,
            });
            inside = true;
        } else if line == "failures:" || line.starts_with("test result: ") {
            inside = false;
        } else if let Some(failure) = failures.last_mut().filter(|_| inside) {
            failure.detail.push_str(line);
            failure.detail.push('\n');
        }
    }
    for failure in &mut failures {
        failure.detail = tool::shorten(failure.detail.trim());
    }
    failures
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(success: bool, stdout: &str, stderr: &str) -> Said {
        Said {
            success,
            stdout: stdout.to_owned(),
            stderr: stderr.to_owned(),
        }
    }

    #[test]
    fn results_of_all_programs_are_summed() {
        let stdout = "running 2 tests\ntest a ... ok\n\n\
            test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.06s\n\n\
            test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n";
        let outcome = outcome(&said(true, stdout, ""));
        assert_eq!(
            outcome.tally,
            Tally {
                passed: 5,
                failed: 0,
                skipped: 1
            }
        );
        assert!(outcome.failures.is_empty());
        assert_eq!(outcome.passed, ["a"]);
    }

    #[test]
    fn a_failed_test_is_told() {
        let stdout = "test a ... FAILED\n\nfailures:\n\n---- m::a stdout ----\n\nassertion failed: false\n\n\n\
            failures:\n    m::a\n\n\
            test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.06s\n";
        let outcome = outcome(&said(false, stdout, ""));
        assert_eq!(
            outcome.tally,
            Tally {
                passed: 2,
                failed: 1,
                skipped: 0
            }
        );
        let rerun = "cargo test --workspace -- m::a".to_owned();
        let detail = "assertion failed: false".to_owned();
        assert_eq!(
            outcome.failures,
            [Failure {
                name: "m::a".to_owned(),
                detail,
                rerun
            }]
        );
    }

    #[test]
    fn a_crate_that_does_not_compile_is_a_failure() {
        let outcome = outcome(&said(false, "", "error[E0432]: unresolved import\n"));
        assert_eq!(outcome.tally.failed, 1);
        assert!(outcome.failures[0].detail.contains("E0432"));
    }

    #[test]
    fn no_test_at_all_is_a_failure() {
        let stdout = "test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n";
        assert_eq!(outcome(&said(true, stdout, "")).tally.failed, 1);
    }
}
