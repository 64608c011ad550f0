// SPDX-License-Identifier: GPL-2.0

//! Runs suites one after the other and tells what comes of each.

use std::time::{Duration, Instant};

use xshell::Shell;

use super::case::{Outcome, Tally};
use super::selection::{self, Selected};
use super::suites::Kind;
use super::summary::{Cell, Summary, HOST};
use super::{guest, harness, kbuild, sanitizers, verdicts};
use crate::advice;
use crate::target::Target;
use crate::vm::Workshop;

/// Stands for all suites of a kernel that cannot be run at all.
const MACHINE: &str = "machine";

/// Runs the suites: those of the host, then the others kernel by kernel; `thorough` as for [`Kind::is_for`].
pub(super) fn run(
    sh: &Shell,
    selected: &[Selected],
    targets: &[Target],
    thorough: bool,
) -> Summary {
    let mut summary = Summary::default();
    for suite in selected {
        if let Kind::Host(run) = suite.suite.kind {
            summary.add(tell(suite.suite.name, None, || run(sh)));
        }
    }
    for target in targets {
        let suites = selected
            .iter()
            .filter(|selected| selected.suite.kind.is_for(target, selected.named, thorough));
        run_target(sh, &suites.collect::<Vec<_>>(), target, &mut summary);
    }
    summary
}

/// When there is no kernel or no program, then no suite can be run, and that is one failure.
fn run_target(sh: &Shell, selected: &[&Selected], target: &Target, summary: &mut Summary) {
    if selected.is_empty() {
        return;
    }
    let workshop = match Workshop::open(sh, target) {
        Ok(workshop) => workshop,
        Err(error) => return summary.add(tell(MACHINE, Some(target), || Err(error))),
    };
    for suite in selected {
        let run = || match &suite.suite.kind {
            Kind::Guest(guest) => guest::run(sh, &workshop, suite, guest, None),
            Kind::Mesa(guest) => guest::run_with_mesa(sh, &workshop, suite, guest),
            Kind::DeviceTree(overlay, guest) => {
                guest::run(sh, &workshop, suite, guest, Some(overlay))
            }
            Kind::Kbuild => kbuild::run(sh, &workshop),
            Kind::Harness => harness::run(&workshop),
            Kind::Verdicts => verdicts::run(sh, &workshop),
            Kind::Sanitizers => sanitizers::run(sh, &workshop),
            Kind::Host(run) => run(sh),
            Kind::Board(run) | Kind::Kernel(run) => run(sh, &workshop),
        };
        summary.add(tell(suite.suite.name, Some(target), run));
    }
}

/// Runs one suite, and prints a line on what came of it and a paragraph on each failure. A suite on no kernel runs on the
/// host.
fn tell(
    name: &str,
    target: Option<&Target>,
    run: impl FnOnce() -> anyhow::Result<Outcome>,
) -> Cell {
    let place = target.map_or_else(|| HOST.to_owned(), Target::to_string);
    let rerun = match target {
        // What could not be prepared concerns every suite.
        Some(target) if name == MACHINE => {
            format!("cargo xtask test {}", selection::options(target))
        }
        Some(target) => format!("cargo xtask test {name} {}", selection::options(target)),
        None => format!("cargo xtask test {name}"),
    };
    let started = Instant::now();
    let outcome = run().unwrap_or_else(|error| {
        Outcome::failed(name, advice::describe(&error).trim_end(), rerun.clone())
    });
    println!("{}", line(name, &place, &outcome.tally, started.elapsed()));
    print_failures(&outcome);
    Cell {
        suite: name.to_owned(),
        place,
        elapsed: started.elapsed(),
        outcome,
        rerun,
    }
}

fn print_failures(outcome: &Outcome) {
    for failure in &outcome.failures {
        println!("  FAILED {}", failure.name);
        failure
            .detail
            .lines()
            .for_each(|line| println!("    {line}"));
        println!("    rerun: {}", failure.rerun);
    }
    if let Some(logs) = outcome.logs.as_ref().filter(|_| outcome.tally.failed > 0) {
        println!("    logs: {}", logs.display());
    }
}

fn line(name: &str, place: &str, tally: &Tally, elapsed: Duration) -> String {
    let verdict = if tally.failed == 0 { "ok" } else { "FAILED" };
    format!(
        "{name:10} {place:22} {verdict:7} {tally} ({:.1} s)",
        elapsed.as_secs_f64()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arch::Arch;
    use crate::target::Profile;

    #[test]
    fn a_suite_that_cannot_run_is_a_failure() {
        let target = Target {
            arch: Arch::Arm64,
            series: "7.2".to_owned(),
            profile: Profile::Default,
        };
        let cell = tell("load", Some(&target), || anyhow::bail!("no module"));
        assert_eq!(cell.outcome.tally.failed, 1);
        assert_eq!(
            cell.rerun,
            "cargo xtask test load --arch arm64 --series 7.2"
        );
        let none = tell(MACHINE, Some(&target), || anyhow::bail!("no kernel"));
        assert_eq!(none.rerun, "cargo xtask test --arch arm64 --series 7.2");
    }

    #[test]
    fn a_line_says_what_where_and_how() {
        let tally = Tally {
            passed: 3,
            failed: 0,
            skipped: 0,
        };
        let line = line(
            "load",
            "arm64 6.18 default",
            &tally,
            Duration::from_millis(940),
        );
        assert_eq!(
            line,
            "load       arm64 6.18 default     ok      3 passed, 0 failed (0.9 s)"
        );
    }
}
