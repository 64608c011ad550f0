// SPDX-License-Identifier: GPL-2.0

//! What a run of suites consists of: modules in, the tests, modules out, a look for leaks.

use std::io;
use std::time::Duration;

use super::child;
use super::kmemleak;
use super::ktap::{Ktap, Outcome};
use super::options::Options;
use crate::module::Module;
use crate::suites;

/// One line of the plan.
pub(super) enum Step {
    Insert(Module),
    Test(String),
    Remove(Module),
    Kmemleak,
}

/// The whole plan; a message when the host names a test that does not exist.
pub(super) fn plan(options: &Options) -> Result<Vec<Step>, String> {
    let mut steps: Vec<_> = options.modules.iter().cloned().map(Step::Insert).collect();
    for pattern in &options.patterns {
        for (suite, test) in suites::select(pattern)? {
            steps.push(Step::Test(format!("{}.{}", suite.name, test.name)));
        }
    }
    steps.extend(options.modules.iter().rev().cloned().map(Step::Remove));
    steps.extend(kmemleak::present().then_some(Step::Kmemleak));
    Ok(steps)
}

impl Step {
    /// The name in the report.
    pub(super) fn name(&self) -> String {
        match self {
            Step::Insert(module) => format!("insert.{}", module.name()),
            Step::Test(name) => name.clone(),
            Step::Remove(module) => format!("remove.{}", module.name()),
            Step::Kmemleak => "kmemleak".to_owned(),
        }
    }

    /// Does the step.
    pub(super) fn run(&self, timeout: Duration, ktap: &mut Ktap) -> io::Result<Outcome> {
        match self {
            Step::Insert(module) => Ok(refusal("inserted", module.insert())),
            Step::Test(name) => child::run(name, timeout, ktap),
            Step::Remove(module) => Ok(refusal("removed", module.remove())),
            Step::Kmemleak => Ok(kmemleak::scan()),
        }
    }
}

fn refusal(what: &str, result: Result<(), rustix::io::Errno>) -> Outcome {
    match result {
        Ok(()) => Outcome::Passed,
        Err(errno) => Outcome::Failed(format!("the module was not {what}: {errno}")),
    }
}
