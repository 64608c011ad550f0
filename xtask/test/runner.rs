// SPDX-License-Identifier: GPL-2.0

//! Runs suites and tells what comes of each: those of one place, the host or a kernel, one after the other; several places
//! at once.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use xshell::Shell;

use super::case::{Outcome, Tally};
use super::plan::{self, Job, Planned};
use super::selection::{self, Selected};
use super::suite::Kind;
use super::summary::{Cell, Summary};
use super::usual::Part;
use super::{board, guest, harness, kbuild, sanitizers, shared, verdicts};
use crate::advice;
use crate::parallel;
use crate::progress;
use crate::target::Target;
use crate::vm::Workshop;

/// Stands for all suites of a place that cannot be used at all.
const MACHINE: &str = "machine";

/// Runs the suites, in so many places at once; `thorough` as for [`Suite::part`](super::suite::Suite::part).
pub(super) fn run(
    selected: &[Selected],
    targets: &[Target],
    thorough: bool,
    places: usize,
) -> Summary {
    let jobs = plan::arrange(selected, targets, thorough);
    let mut summary = Summary::default();
    let cells = parallel::map(&jobs, places, Job::run).into_iter().flatten();
    cells.for_each(|cell| summary.add(cell));
    for job in &jobs {
        summary.leave_out(&job.place(), &job.left_out);
    }
    summary
}

impl Job<'_> {
    /// When there is no kernel or no program, then no suite can be run, and that is one failure.
    fn run(&self) -> Vec<Cell> {
        if self.suites.is_empty() {
            return vec![];
        }
        match self.open() {
            Err(error) => {
                let outcome = failure(MACHINE, &error, self.rerun(MACHINE));
                vec![self.tell(MACHINE, Part::Whole, outcome, Duration::ZERO)]
            }
            Ok((sh, workshop)) => {
                let groups = self.suites.chunk_by(shared::is_shared);
                let run = |group| self.run_group(&sh, group, workshop.as_ref());
                groups.flat_map(run).collect()
            }
        }
    }

    /// One job after the other, for two kernels have programs in common; a kernel may have to be built, too.
    fn open(&self) -> Result<(Shell, Option<Workshop>)> {
        static OPENING: Mutex<()> = Mutex::new(());
        let sh = Shell::new()?;
        let _opening = OPENING.lock();
        let workshop = self.target.map(|target| Workshop::open(&sh, target));
        Ok((sh, workshop.transpose()?))
    }

    /// Runs suites that share a machine, or a single one.
    fn run_group(&self, sh: &Shell, group: &[Planned], workshop: Option<&Workshop>) -> Vec<Cell> {
        let started = Instant::now();
        let outcomes = match (group, workshop) {
            ([planned], _) => {
                run_suite(sh, planned, workshop).map(|outcome| vec![(outcome, started.elapsed())])
            }
            (_, Some(workshop)) if group.iter().all(Planned::is_core_of_board) => {
                board::cores::run(sh, workshop)
            }
            (_, Some(workshop)) => shared::run(sh, workshop, group),
            (_, None) => Err(anyhow::anyhow!("these suites need a kernel")),
        };
        let failed = |error| {
            let of = |planned: &Planned| {
                let name = planned.selected.suite.name;
                (failure(name, &error, self.rerun(name)), started.elapsed())
            };
            group.iter().map(of).collect()
        };
        let outcomes = outcomes.unwrap_or_else(failed).into_iter();
        let tell = |(planned, (outcome, elapsed)): (&Planned, (Outcome, Duration))| {
            self.tell(planned.selected.suite.name, planned.part, outcome, elapsed)
        };
        group.iter().zip(outcomes).map(tell).collect()
    }

    /// Prints a line on what came of a suite and a paragraph on each failure.
    fn tell(&self, name: &str, part: Part, outcome: Outcome, elapsed: Duration) -> Cell {
        let place = self.place();
        progress::aside(|| {
            println!("{}", line(name, &place, &outcome.tally, elapsed));
            print_failures(&outcome);
        });
        Cell {
            suite: name.to_owned(),
            place,
            part,
            elapsed,
            outcome,
            rerun: self.rerun(name),
        }
    }

    /// The command that runs a suite in this place again. What could not be prepared concerns every suite.
    fn rerun(&self, name: &str) -> String {
        let options = self.target.map(selection::options);
        let suite = (name != MACHINE).then(|| name.to_owned());
        let words = ["cargo xtask test".to_owned()].into_iter();
        words
            .chain(suite)
            .chain(options)
            .collect::<Vec<_>>()
            .join(" ")
    }
}

fn failure(name: &str, error: &anyhow::Error, rerun: String) -> Outcome {
    Outcome::failed(name, advice::describe(error).trim_end(), rerun)
}

fn run_suite(sh: &Shell, planned: &Planned, workshop: Option<&Workshop>) -> Result<Outcome> {
    let Planned { selected, part } = planned;
    let kernel = || workshop.context("this suite needs a kernel");
    match &selected.suite.kind {
        Kind::Guest(guest) => guest::run(sh, kernel()?, selected, guest, None),
        Kind::Mesa(guest) => guest::run_with_mesa(sh, kernel()?, selected, guest),
        Kind::DeviceTree(overlay, guest) => {
            guest::run(sh, kernel()?, selected, guest, Some(overlay))
        }
        Kind::Kbuild => kbuild::run(sh, kernel()?),
        Kind::Harness => harness::run(kernel()?),
        Kind::Verdicts => verdicts::run(sh, kernel()?),
        Kind::Sanitizers => sanitizers::run(sh, kernel()?),
        Kind::Host(run) => run(sh),
        Kind::HostInParts(run) => run(sh, *part),
        Kind::Board(run) | Kind::Kernel(run) => run(sh, kernel()?),
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
    use crate::test::selection::select;

    #[test]
    fn a_suite_that_cannot_run_is_a_failure() {
        let target = Target {
            arch: Arch::Arm64,
            series: "7.2".to_owned(),
            profile: Profile::Default,
        };
        let job = Job {
            target: Some(&target),
            suites: select(&["load".to_owned()], false)
                .unwrap()
                .into_iter()
                .map(|selected| Planned {
                    selected,
                    part: Part::Whole,
                })
                .collect(),
            left_out: vec![],
        };
        let cells = job.run_group(&Shell::new().unwrap(), &job.suites, None);
        assert_eq!(cells.len(), 1);
        assert_eq!(cells[0].outcome.tally.failed, 1);
        assert_eq!(
            cells[0].rerun,
            "cargo xtask test load --arch arm64 --series 7.2"
        );
        let none = job.rerun(MACHINE);
        assert_eq!(none, "cargo xtask test --arch arm64 --series 7.2");
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
