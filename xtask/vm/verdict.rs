// SPDX-License-Identifier: GPL-2.0

//! The rule by which a run passes: exactly one complete plan, the status word there and in agreement with the plan,
//! QEMU's own exit status 0, and nothing wrong in the kernel's log or its taint.

use std::fmt;
use std::time::Duration;

use super::kernel_log::{self, Symptom};
use super::ktap::{self, Outcome};
use super::last_words;
use super::run::Job;
use super::status::{self, Status};
use super::taint;

/// Everything that a run left behind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Evidence<'a> {
    /// What PID 1 was to do.
    pub(super) job: Job,
    /// QEMU's exit status in words, when it was not a success; `None` when it was.
    pub(super) failure: Option<&'a str>,
    /// The deadline, when the machine had to be killed there.
    pub(super) killed_after: Option<Duration>,
    /// The console log.
    pub(super) console: &'a str,
    /// What came through the status port.
    pub(super) status: &'a str,
}

/// Why a run does not count, whatever its tests say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// It had to be killed.
    Deadline(Duration),
    /// QEMU failed.
    Qemu(String),
    /// There is not exactly one plan, or it is for no tests.
    Plans(Vec<usize>),
    /// The results are not those that the plan announces, each once and in order.
    Results {
        /// How many the plan announces.
        planned: usize,
        /// The numbers that were reported.
        numbers: Vec<usize>,
    },
    /// PID 1 could not go on; in its own words and the kernel's.
    GaveUp(String),
    /// The status word is missing or wrong.
    Status(String),
    /// The status word and the results contradict each other.
    Disagreement(String),
    /// The kernel said something that a healthy kernel never says.
    KernelLog(Vec<Symptom>),
    /// The kernel is tainted.
    Taint(String),
}

/// Everything that is wrong with the run as a whole.
pub(super) fn problems(evidence: &Evidence<'_>) -> Vec<Problem> {
    let log = ktap::parse(evidence.console);
    let mut problems = Vec::new();
    problems.extend(evidence.killed_after.map(Problem::Deadline));
    problems.extend(
        evidence
            .failure
            .map(|failure| Problem::Qemu(failure.to_owned())),
    );
    let symptoms = kernel_log::symptoms(evidence.console);
    problems.extend((!symptoms.is_empty()).then_some(Problem::KernelLog(symptoms)));
    if let Some(words) = last_words(evidence) {
        // That there is neither plan nor status word follows from it.
        problems.push(Problem::GaveUp(words));
        return problems;
    }
    problems.extend(plan_problem(evidence.job, &log));
    match status::parse(evidence.status) {
        Err(_) if evidence.status.is_empty() => {
            problems.push(Problem::Status(
                "it is missing, so PID 1 did not come to its end".to_owned(),
            ));
        }
        Err(error) => problems.push(Problem::Status(error.to_string())),
        Ok(status) => problems.extend(status_problems(evidence.job, &status, &log)),
    }
    problems
}

/// What PID 1 said at its end, when it did not come to the status word.
fn last_words(evidence: &Evidence<'_>) -> Option<String> {
    match evidence.status.is_empty() {
        true => last_words::find(evidence.console),
        false => None,
    }
}

fn plan_problem(job: Job, log: &ktap::Log) -> Option<Problem> {
    if job != Job::Tests {
        return None;
    }
    let planned = match log.plans[..] {
        [planned] if planned > 0 => planned,
        _ => return Some(Problem::Plans(log.plans.clone())),
    };
    let numbers: Vec<_> = log.tests.iter().map(|test| test.number).collect();
    (!numbers.iter().copied().eq(1..=planned)).then_some(Problem::Results { planned, numbers })
}

fn status_problems(job: Job, status: &Status, log: &ktap::Log) -> Vec<Problem> {
    let mut problems: Vec<_> = taint::describe_unexpected(status.tainted)
        .map(Problem::Taint)
        .into_iter()
        .collect();
    if job != Job::Tests {
        return problems;
    }
    let tests = log.tests.len();
    if status.tests != tests {
        problems.push(Problem::Disagreement(format!(
            "PID 1 ran {} tests, the log has {tests}",
            status.tests
        )));
    }
    let failed = log.tests.iter().any(|test| test.outcome == Outcome::Failed);
    if failed != (status.exit != 0) {
        let verdict = if failed {
            "tests failed"
        } else {
            "no test failed"
        };
        problems.push(Problem::Disagreement(format!(
            "PID 1 ended with exit status {}, but {verdict}",
            status.exit
        )));
    }
    problems
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Deadline(deadline) => write!(
                f,
                "the machine hung and was killed after {} s",
                deadline.as_secs()
            ),
            Problem::Qemu(failure) => write!(f, "QEMU failed: {failure}"),
            Problem::Plans(plans) if plans.is_empty() => {
                write!(f, "there is no test plan in the console log")
            }
            Problem::Plans(plans) => write!(f, "there is not one test plan but these: {plans:?}"),
            Problem::Results { planned, numbers } => {
                write!(
                    f,
                    "{planned} tests were planned, but these were reported: {numbers:?}"
                )
            }
            Problem::GaveUp(words) => f.write_str(words),
            Problem::Status(problem) => write!(f, "the status word is no good: {problem}"),
            Problem::Disagreement(problem) => f.write_str(problem),
            Problem::KernelLog(symptoms) => {
                write!(f, "the kernel log is not clean:")?;
                symptoms.iter().try_for_each(|symptom| {
                    write!(f, "\n  line {}: {}", symptom.number, symptom.line)
                })
            }
            Problem::Taint(taint) => write!(f, "the kernel is tainted: {taint}"),
        }
    }
}

#[cfg(test)]
mod tests;
