// SPDX-License-Identifier: GPL-2.0

//! The harness tests itself: machines that go wrong in every way that the pass rule names, and what must be seen of it.

mod expectation;
mod ways;

use std::time::Duration;

use self::expectation::Expectation;
use super::case::Outcome;
use super::guest;
use super::selection;
use crate::vm::{Job, Run, Workshop};

/// What the machine that hangs costs; every other one has the usual deadline, which no load of the host reaches.
const DEADLINE: Duration = Duration::from_secs(10);

/// The way to misbehave that is ended by the deadline.
const HANG: &str = "hang";

/// Runs every way on one kernel.
pub(super) fn run(workshop: &Workshop) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::default();
    for (name, expectation) in ways::ALL {
        let mut machine = machine(workshop, "misbehave", name);
        machine.arguments = vec![(*name).to_owned()];
        if *name == HANG {
            machine.deadline = Some(DEADLINE * workshop.slowdown());
        }
        outcome.join(judge(workshop, name, machine, expectation)?);
    }
    outcome.join(failing_tests(workshop)?);
    outcome.join(failing_program(workshop)?);
    outcome.join(failing_qemu(workshop)?);
    Ok(outcome)
}

/// Tests that fail, skip, crash and hang, and a module that is not there: each is reported as what it is.
fn failing_tests(workshop: &Workshop) -> anyhow::Result<Outcome> {
    let mut machine = machine(workshop, "init", "tests");
    machine.arguments = ["--timeout=5", "--module=nothing.ko", "--test=harness"]
        .map(str::to_owned)
        .into();
    judge(workshop, "tests", machine, &ways::TESTS)
}

/// A program's end comes back.
fn failing_program(workshop: &Workshop) -> anyhow::Result<Outcome> {
    let mut machine = machine(workshop, "init", "program");
    machine.job = Job::Command;
    machine.arguments = ["--", "/init", "harness.crashes"].map(str::to_owned).into();
    judge(workshop, "program", machine, &ways::PROGRAM)
}

/// QEMU refuses to start.
fn failing_qemu(workshop: &Workshop) -> anyhow::Result<Outcome> {
    let mut machine = machine(workshop, "misbehave", "qemu");
    machine.devices = ["-device", "no-such-device"].map(str::to_owned).into();
    judge(workshop, "qemu", machine, &ways::QEMU)
}

fn machine(workshop: &Workshop, program: &str, way: &str) -> Run {
    workshop.machine(&format!("harness-{way}"), program)
}

fn judge(
    workshop: &Workshop,
    name: &str,
    machine: Run,
    expected: &Expectation,
) -> anyhow::Result<Outcome> {
    let report = machine.execute()?;
    let seen = expectation::of(&report);
    if seen == expected.to_string() {
        return Ok(Outcome::passed(format!("harness.{name}")));
    }
    let detail = format!(
        "expected: {expected}\nseen:     {seen}\n{}",
        guest::describe(&report)
    );
    let mut outcome = Outcome::failed(
        format!("harness.{name}"),
        detail,
        format!(
            "cargo xtask test harness {}",
            selection::options(&workshop.target)
        ),
    );
    outcome.logs = Some(report.directory);
    Ok(outcome)
}
