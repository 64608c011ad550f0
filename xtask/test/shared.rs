// SPDX-License-Identifier: GPL-2.0

//! Suites that want the same machine share one: PID 1 inserts the module anew for each, and removes it after it. What the
//! kernel says counts against the suite during which it says so; suites whose turn does not come have another machine.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};
use xshell::Shell;

use super::case::Outcome;
use super::guest;
use super::plan::Planned;
use super::selection::Selected;
use super::suite::{Guest, Kind};
use crate::vm::kernel_log::{self, Symptom};
use crate::vm::{ktap, Problem, Report, Workshop};

/// The beginning of a suite's turn in the console log.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Turn {
    /// The number of the line, from 1.
    line: usize,
    /// The kernel's clock, in seconds.
    clock: f64,
}

/// Whether both can be in one machine.
pub(super) fn is_shared(one: &Planned, other: &Planned) -> bool {
    let wants = |planned: &Planned| match planned.selected.suite.kind {
        Kind::Guest(guest) => guest.insert && guest.memory.is_none(),
        _ => false,
    };
    let of_boards = one.is_core_of_board() && other.is_core_of_board();
    of_boards || (wants(one) && wants(other))
}

/// Runs the suites; what came of each, and how long it took.
pub(super) fn run(
    sh: &Shell,
    workshop: &Workshop,
    suites: &[Planned],
) -> Result<Vec<(Outcome, Duration)>> {
    let wanted: Vec<_> = suites.iter().filter_map(guest_of).collect();
    let report = guest::machine(sh, workshop, &wanted)?.execute()?;
    let console = fs::read(report.console()).context("reading the console log")?;
    let console = String::from_utf8_lossy(&console);
    let turns = turns(&console);
    let (begun, rest) = wanted.split_at(turns.len().clamp(1, wanted.len()));
    let whole: Vec<_> = begun
        .iter()
        .flat_map(|(selected, _)| selected.patterns())
        .collect();
    let reports = divide(&report, &console, &turns, begun.len());
    let mut outcomes: Vec<_> = begun
        .iter()
        .zip(reports)
        .map(|((selected, _), report)| {
            let outcome = guest::outcome(workshop, selected, &report, &whole.join(" "));
            (outcome, report.elapsed)
        })
        .collect();
    if !rest.is_empty() {
        outcomes.extend(run(sh, workshop, &suites[begun.len()..])?);
    }
    Ok(outcomes)
}

fn guest_of(planned: &Planned) -> Option<(&Selected, &Guest)> {
    match &planned.selected.suite.kind {
        Kind::Guest(guest) => Some((&planned.selected, guest)),
        _ => None,
    }
}

/// Where the module is inserted, which begins the turn of a suite.
fn turns(console: &str) -> Vec<Turn> {
    let numbered = console.lines().zip(1..);
    let begins = numbered.filter_map(|(line, number)| {
        let (clock, text) = line.trim_end().strip_prefix('[')?.split_once("] ")?;
        let is_turn = text.starts_with("# insert.") && text.ends_with(": starts");
        let clock = clock.trim().parse().ok()?;
        is_turn.then_some(Turn {
            line: number,
            clock,
        })
    });
    begins.collect()
}

/// A report for each of the suites, of which the last one was not left before the machine's end.
fn divide(report: &Report, console: &str, turns: &[Turn], suites: usize) -> Vec<Report> {
    let mut reports: Vec<Report> = (0..suites)
        .map(|index| Report {
            tests: Vec::new(),
            problems: Vec::new(),
            elapsed: elapsed(report, turns, index),
            ..report.clone()
        })
        .collect();
    let last = suites.saturating_sub(1);
    let mut turn = 0;
    for (index, test) in report.tests.iter().enumerate() {
        turn += usize::from(index > 0 && is_insertion(test));
        reports[turn.min(last)].tests.push(test.clone());
    }
    let sick = kernel_log::symptoms(console)
        .first()
        .map(|symptom| turn_of(turns, symptom).min(last));
    for problem in &report.problems {
        match problem {
            Problem::KernelLog(symptoms) => blame(&mut reports, turns, symptoms),
            // A warning taints the kernel.
            Problem::Taint(_) => reports[sick.unwrap_or(last)].problems.push(problem.clone()),
            // Nothing of the kind lets the next suite begin.
            _ => reports[last].problems.push(problem.clone()),
        }
    }
    reports
}

/// Each symptom counts against the suite during which it was seen.
fn blame(reports: &mut [Report], turns: &[Turn], symptoms: &[Symptom]) {
    let last = reports.len().saturating_sub(1);
    for (index, report) in reports.iter_mut().enumerate() {
        let own = symptoms.iter().cloned();
        let own: Vec<_> = own
            .filter(|symptom| turn_of(turns, symptom).min(last) == index)
            .collect();
        report
            .problems
            .extend((!own.is_empty()).then_some(Problem::KernelLog(own)));
    }
}

/// During which turn it was; what comes before all of them is the first one's.
fn turn_of(turns: &[Turn], symptom: &Symptom) -> usize {
    let begun = turns.iter().filter(|turn| turn.line < symptom.number);
    begun.count().saturating_sub(1)
}

fn is_insertion(test: &ktap::Test) -> bool {
    test.name.starts_with("insert.")
}

/// How long a turn took: the first one with the boot, the last one with the end.
fn elapsed(report: &Report, turns: &[Turn], index: usize) -> Duration {
    let clock = |index: usize| turns.get(index).map(|turn| turn.clock);
    let start = clock(index).filter(|_| index > 0).unwrap_or_default();
    let end = clock(index + 1).unwrap_or(report.elapsed.as_secs_f64());
    Duration::try_from_secs_f64(end - start).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vm::ktap::Outcome;

    const CONSOLE: &str = "[    0.5] KTAP version 1\r\n[    0.5] 1..7\r\n\
        [    1.0] # insert.gpu: starts\r\n[    1.0] ok 1 insert.gpu\r\n[    1.1] ok 2 a.one\r\n[    1.2] ok 3 remove.gpu\r\n\
        [    3.0] # insert.gpu: starts\r\n[    3.1] ok 4 insert.gpu\r\n[    3.1] WARNING: at b\r\n[    3.2] not ok 5 b.one\r\n\
        [    3.3] ok 6 remove.gpu\r\n[    3.4] ok 7 kmemleak\r\n";

    fn report(console: &str, problems: Vec<Problem>) -> Report {
        Report {
            tests: ktap::parse(console).tests,
            problems,
            exit: Some(1),
            directory: "logs".into(),
            elapsed: Duration::from_secs(5),
        }
    }

    fn log(console: &str) -> Problem {
        Problem::KernelLog(kernel_log::symptoms(console))
    }

    #[test]
    fn each_suite_has_its_own_tests_and_time() {
        let turns = turns(CONSOLE);
        assert_eq!(turns.len(), 2);
        let [one, other] = &divide(&report(CONSOLE, vec![]), CONSOLE, &turns, 2)[..] else {
            panic!("two suites");
        };
        let names = |report: &Report| {
            report
                .tests
                .iter()
                .map(|test| test.name.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(names(one), ["insert.gpu", "a.one", "remove.gpu"]);
        assert_eq!(
            names(other),
            ["insert.gpu", "b.one", "remove.gpu", "kmemleak"]
        );
        assert_eq!(
            (one.count(Outcome::Failed), other.count(Outcome::Failed)),
            (0, 1)
        );
        assert_eq!(
            (one.elapsed, other.elapsed),
            (Duration::from_secs(3), Duration::from_secs(2))
        );
    }

    #[test]
    fn the_kernel_s_words_count_against_the_suite_that_ran() {
        let taint = Problem::Taint("W".to_owned());
        let report = report(CONSOLE, vec![log(CONSOLE), taint.clone()]);
        let reports = divide(&report, CONSOLE, &turns(CONSOLE), 2);
        assert_eq!(reports[0].problems, []);
        assert_eq!(reports[1].problems, [log(CONSOLE), taint.clone()]);
        let early = format!("[    0.1] BUG: at boot\r\n{CONSOLE}");
        let report = Report {
            problems: vec![log(&early), taint.clone()],
            ..report
        };
        let reports = divide(&report, &early, &turns(&early), 2);
        assert_eq!(reports[0].problems.len(), 2);
        assert_eq!(reports[1].problems.len(), 1);
    }

    #[test]
    fn the_suite_that_does_not_end_has_what_is_wrong_with_the_run() {
        let cut = &CONSOLE[..CONSOLE.find("[    3.1] WARNING").unwrap()];
        let hung = Problem::Deadline(Duration::from_secs(5));
        let reports = divide(&report(cut, vec![hung.clone()]), cut, &turns(cut), 2);
        assert_eq!(reports[0].problems, []);
        assert_eq!(reports[1].problems, std::slice::from_ref(&hung));
        // A machine that does not come up is the first one's.
        let reports = divide(&report("", vec![hung.clone()]), "", &turns(""), 1);
        assert_eq!(reports[0].problems, [hung]);
    }
}
