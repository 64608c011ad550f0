// SPDX-License-Identifier: GPL-2.0

//! Runs suites and tells what comes of each: those of one place, the host or a kernel, one after the other; several places
//! at once.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::Context;
use xshell::Shell;

use super::case::{Outcome, Tally};
use super::selection::{self, Selected};
use super::suites::Kind;
use super::summary::{Cell, Summary, HOST};
use super::{guest, harness, kbuild, sanitizers, verdicts};
use crate::advice;
use crate::parallel;
use crate::progress;
use crate::target::Target;
use crate::vm::Workshop;

/// Stands for all suites of a place that cannot be used at all.
const MACHINE: &str = "machine";

/// The suites of one place.
struct Job<'a> {
    /// The kernel; none is the host.
    target: Option<&'a Target>,
    suites: Vec<&'a Selected>,
}

/// Runs the suites, in so many places at once; `thorough` as for [`Kind::is_for`].
pub(super) fn run(
    selected: &[Selected],
    targets: &[Target],
    thorough: bool,
    places: usize,
) -> Summary {
    let jobs = arrange(selected, targets, thorough);
    let mut summary = Summary::default();
    let cells = parallel::map(&jobs, places, Job::run).into_iter().flatten();
    cells.for_each(|cell| summary.add(cell));
    summary
}

/// What there is to run in each place.
fn arrange<'a>(selected: &'a [Selected], targets: &'a [Target], thorough: bool) -> Vec<Job<'a>> {
    let places = std::iter::once(None).chain(targets.iter().map(Some));
    let jobs = places.map(|target| {
        let is_here = |selected: &&Selected| match target {
            None => matches!(selected.suite.kind, Kind::Host(_)),
            Some(target) => selected.suite.kind.is_for(target, selected.named, thorough),
        };
        let suites = selected.iter().filter(is_here).collect();
        Job { target, suites }
    });
    jobs.filter(|job: &Job<'_>| !job.suites.is_empty())
        .collect()
}

impl Job<'_> {
    /// When there is no kernel or no program, then no suite can be run, and that is one failure.
    fn run(&self) -> Vec<Cell> {
        match self.open() {
            Err(error) => vec![tell(MACHINE, self.target, || Err(error))],
            Ok((sh, workshop)) => {
                let suites = self.suites.iter();
                suites
                    .map(|suite| self.run_suite(&sh, suite, workshop.as_ref()))
                    .collect()
            }
        }
    }

    /// One job after the other, for two kernels have programs in common; a kernel may have to be built, too.
    fn open(&self) -> anyhow::Result<(Shell, Option<Workshop>)> {
        static OPENING: Mutex<()> = Mutex::new(());
        let sh = Shell::new()?;
        let _opening = OPENING.lock();
        let workshop = self.target.map(|target| Workshop::open(&sh, target));
        Ok((sh, workshop.transpose()?))
    }

    fn run_suite(&self, sh: &Shell, suite: &Selected, workshop: Option<&Workshop>) -> Cell {
        tell(suite.suite.name, self.target, || {
            let kernel = || workshop.context("this suite needs a kernel");
            match &suite.suite.kind {
                Kind::Guest(guest) => guest::run(sh, kernel()?, suite, guest, None),
                Kind::Mesa(guest) => guest::run_with_mesa(sh, kernel()?, suite, guest),
                Kind::DeviceTree(overlay, guest) => {
                    guest::run(sh, kernel()?, suite, guest, Some(overlay))
                }
                Kind::Kbuild => kbuild::run(sh, kernel()?),
                Kind::Harness => harness::run(kernel()?),
                Kind::Verdicts => verdicts::run(sh, kernel()?),
                Kind::Sanitizers => sanitizers::run(sh, kernel()?),
                Kind::Host(run) => run(sh),
                Kind::Board(run) | Kind::Kernel(run) => run(sh, kernel()?),
            }
        })
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
    progress::aside(|| {
        println!("{}", line(name, &place, &outcome.tally, started.elapsed()));
        print_failures(&outcome);
    });
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
