// SPDX-License-Identifier: GPL-2.0

//! Runs suites one after the other and tells what comes of each.

use std::time::{Duration, Instant};

use xshell::Shell;

use super::case::{Outcome, Tally};
use super::selection::Selected;
use super::suites::Kind;
use super::{guest, harness, kbuild, verdicts};
use crate::advice;
use crate::target::Target;
use crate::vm::Workshop;

/// Runs the suites: those of the host, then the others kernel by kernel. The sum.
pub(super) fn run(sh: &Shell, selected: &[Selected], targets: &[Target]) -> Tally {
    let mut tally = Tally::default();
    for suite in selected {
        if let Kind::Host(run) = suite.suite.kind {
            tally += tell(suite.suite.name, "host", || run(sh));
        }
    }
    let of_machines: Vec<_> = selected
        .iter()
        .filter(|suite| !matches!(suite.suite.kind, Kind::Host(_)))
        .collect();
    for target in targets.iter().filter(|_| !of_machines.is_empty()) {
        tally += run_target(sh, &of_machines, target);
    }
    tally
}

/// When there is no kernel, no module or no program, then no suite can be run, and that is one failure.
fn run_target(sh: &Shell, selected: &[&Selected], target: &Target) -> Tally {
    let place = target.to_string();
    let workshop = match Workshop::open(sh, target) {
        Ok(workshop) => workshop,
        Err(error) => return tell("machine", &place, || Err(error)),
    };
    let mut tally = Tally::default();
    let applicable = |suite: &&&Selected| suite.suite.kind.is_for(target.arch);
    for suite in selected.iter().filter(applicable) {
        tally += tell(suite.suite.name, &place, || match &suite.suite.kind {
            Kind::Guest(guest) => guest::run(sh, &workshop, suite, guest, None),
            Kind::DeviceTree(overlay, guest) => {
                guest::run(sh, &workshop, suite, guest, Some(overlay))
            }
            Kind::Kbuild => kbuild::run(sh, &workshop),
            Kind::Harness => harness::run(&workshop),
            Kind::Verdicts => verdicts::run(sh, &workshop),
            Kind::Host(run) => run(sh),
            Kind::Kernel(run) => run(sh, &workshop),
        });
    }
    tally
}

/// Runs one suite, and prints a line on what came of it and a paragraph on each failure.
fn tell(name: &str, place: &str, run: impl FnOnce() -> anyhow::Result<Outcome>) -> Tally {
    let started = Instant::now();
    let outcome = run().unwrap_or_else(|error| {
        let rerun = format!("cargo xtask test {name}");
        Outcome::failed(name, advice::describe(&error).trim_end(), rerun)
    });
    println!("{}", line(name, place, &outcome.tally, started.elapsed()));
    for failure in &outcome.failures {
        println!("  FAILED {}", failure.name);
        failure
            .detail
            .lines()
            .for_each(|line| println!("    {line}"));
        println!("    rerun: {}", failure.rerun);
    }
    if let Some(logs) = outcome.logs.filter(|_| outcome.tally.failed > 0) {
        println!("    logs: {}", logs.display());
    }
    outcome.tally
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

    #[test]
    fn a_suite_that_cannot_run_is_a_failure() {
        let tally = tell("load", "arm64", || anyhow::bail!("no kernel"));
        assert_eq!(
            tally,
            Tally {
                passed: 0,
                failed: 1,
                skipped: 0
            }
        );
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
