// SPDX-License-Identifier: GPL-2.0

//! Runs a suite in a virtual machine.

use std::collections::BTreeSet;

use xshell::Shell;

use super::case::{Failure, Outcome, Tally};
use super::selection::{self, Selected};
use super::suite::Guest;
use crate::mesa;
use crate::project;
use crate::target::Profile;
use crate::vm::device_tree::Overlay;
use crate::vm::{ktap, Report, Run, Workshop};

/// By how much a run with Mesa may take longer than others: a hang of each test ends at its own deadline, and there are
/// many.
const MESA_DEADLINES: u32 = 8;

/// Runs the suite, or the tests of it that are selected, on one kernel; `overlay` is the source of what the machine's
/// device tree has beside QEMU's own, from the repository's root.
pub(super) fn run(
    sh: &Shell,
    workshop: &Workshop,
    selected: &Selected,
    guest: &Guest,
    overlay: Option<&str>,
) -> anyhow::Result<Outcome> {
    let mut machine = machine(sh, workshop, &[(selected, guest)])?;
    machine.device_tree =
        overlay.map(|source| Overlay::new(project::root().join(source), workshop.tree()));
    let report = machine.execute()?;
    Ok(outcome(workshop, selected, &report, selected.suite.name))
}

/// The same with Mesa in the machine, and the memory and the time that it takes.
pub(super) fn run_with_mesa(
    sh: &Shell,
    workshop: &Workshop,
    selected: &Selected,
    guest: &Guest,
) -> anyhow::Result<Outcome> {
    let mut machine = machine(sh, workshop, &[(selected, guest)])?;
    machine
        .files
        .extend(mesa::entries(sh, workshop.target.arch)?);
    machine.memory = machine.memory.max(mesa::MEMORY);
    machine.deadline = machine.deadline.map(|deadline| deadline * MESA_DEADLINES);
    let report = machine.execute()?;
    Ok(outcome(workshop, selected, &report, selected.suite.name))
}

/// A machine for these suites, which want the module inserted, or all of them not.
pub(super) fn machine(
    sh: &Shell,
    workshop: &Workshop,
    suites: &[(&Selected, &Guest)],
) -> anyhow::Result<Run> {
    let guests = || suites.iter().map(|(_, guest)| *guest);
    let mut run = workshop.machine(&name(suites), "init");
    run.files.push(workshop.module_entry(sh)?);
    let programs: BTreeSet<_> = guests().flat_map(|guest| guest.programs).collect();
    run.files.extend(
        programs
            .into_iter()
            .map(|name| workshop.program_entry(name)),
    );
    let modules: BTreeSet<_> = guests().flat_map(|guest| guest.modules).collect();
    run.files.extend(
        modules
            .into_iter()
            .map(|place| workshop.kernel_module_entry(place)),
    );
    let parameters = guests().flat_map(|guest| guest.parameters_for(run.arch));
    run.parameters
        .extend(parameters.map(|word| (*word).to_owned()));
    let patience: u32 = guests().map(|guest| guest.patience).sum();
    if patience == 1 {
        workshop.keep_time(&mut run);
    }
    run.deadline = run.deadline.map(|deadline| deadline * patience);
    run.memory = guests()
        .find_map(|guest| guest.memory)
        .map_or(run.memory, |memory| memory * workshop.appetite());
    if workshop.target.profile == Profile::Default {
        run.processors = guests()
            .map(|guest| guest.processors)
            .max()
            .unwrap_or(run.processors);
    }
    run.arguments.push(timeout(workshop, guests()));
    if guests().any(|guest| guest.insert) {
        run.arguments.push(workshop.module_argument(&[])?);
    }
    let tests = suites.iter().flat_map(|(selected, _)| selected.patterns());
    run.arguments
        .extend(tests.map(|pattern| format!("--test={pattern}")));
    Ok(run)
}

/// What names the logs.
fn name(suites: &[(&Selected, &Guest)]) -> String {
    let names: Vec<_> = suites
        .iter()
        .map(|(selected, _)| selected.suite.name)
        .collect();
    match names[..] {
        [first, .., last] => format!("{first}-to-{last}"),
        _ => names.concat(),
    }
}

/// How long a test may take, for the most patient of the suites.
fn timeout<'g>(workshop: &Workshop, guests: impl Iterator<Item = &'g Guest>) -> String {
    let patience = guests.map(|guest| guest.patience).max().unwrap_or(1);
    format!("--timeout={}", 30 * patience * workshop.slowdown())
}

/// Each test counts, and so does each thing that is wrong with the run as a whole, or with one of its steps; what ran in the
/// machine is `whole`, as the command line names it.
pub(super) fn outcome(
    workshop: &Workshop,
    selected: &Selected,
    report: &Report,
    whole: &str,
) -> Outcome {
    let suite = selected.suite.name;
    let rerun = |test: &str| {
        format!(
            "cargo xtask test {test} {}",
            selection::options(&workshop.target)
        )
    };
    let mut tally = Tally {
        passed: report.count(ktap::Outcome::Passed),
        failed: report.count(ktap::Outcome::Failed),
        skipped: report.count(ktap::Outcome::Skipped),
    };
    let mut failures: Vec<_> = tests(report, ktap::Outcome::Failed)
        .map(|test| {
            let detail = test.diagnostics.join("\n");
            // A step of PID 1, such as inserting the module, is run again with everything.
            let again = if test.name.starts_with(&format!("{suite}.")) {
                &test.name
            } else {
                whole
            };
            Failure {
                name: test.name.clone(),
                detail,
                rerun: rerun(again),
            }
        })
        .collect();
    if !report.problems.is_empty() {
        tally.failed += report.problems.len();
        failures.push(Failure {
            name: suite.to_owned(),
            detail: describe(report),
            rerun: rerun(whole),
        });
    }
    Outcome {
        tally,
        passed: tests(report, ktap::Outcome::Passed)
            .map(|test| test.name.clone())
            .collect(),
        skipped: tests(report, ktap::Outcome::Skipped)
            .map(|test| (test.name.clone(), test.diagnostics.join("\n")))
            .collect(),
        failures,
        logs: Some(report.directory.clone()),
    }
}

/// The tests that came out so.
fn tests(report: &Report, outcome: ktap::Outcome) -> impl Iterator<Item = &ktap::Test> {
    let tests = report.tests.iter();
    tests.filter(move |test| test.outcome == outcome)
}

/// What is wrong with the run as a whole, and the end of the log.
pub(super) fn describe(report: &Report) -> String {
    let mut lines: Vec<_> = report.problems.iter().map(ToString::to_string).collect();
    lines.push(format!("the end of {}:", report.console().display()));
    lines.extend(
        report
            .console_tail()
            .lines()
            .map(|line| format!("  {line}")),
    );
    lines.join("\n")
}
