// SPDX-License-Identifier: GPL-2.0

//! What a run of suites consists of: for each of them modules in, the tests, modules out; then a look for leaks.

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

/// The whole plan; a message when the host names a test that does not exist. Each suite finds the modules as if it were the
/// only one.
pub(super) fn plan(options: &Options) -> Result<Vec<Step>, String> {
    let mut tests = Vec::new();
    for pattern in &options.patterns {
        tests.extend(suites::select(pattern)?);
    }
    let modules = || options.modules.iter().cloned();
    let mut steps = Vec::new();
    for tests in tests.chunk_by(|(one, _), (other, _)| one.name == other.name) {
        steps.extend(modules().map(Step::Insert));
        steps.extend(
            tests
                .iter()
                .map(|(suite, test)| Step::Test(format!("{}.{}", suite.name, test.name))),
        );
        steps.extend(modules().rev().map(Step::Remove));
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn names(patterns: &[&str]) -> Vec<String> {
        let options = Options {
            modules: vec![Module::parse("a.ko")],
            patterns: patterns.iter().map(|word| (*word).to_owned()).collect(),
            timeout: Duration::ZERO,
            command: vec![],
            shell: false,
            kmemleak: false,
        };
        let steps = plan(&options).unwrap();
        steps.iter().map(Step::name).collect()
    }

    #[test]
    fn each_suite_has_the_modules_to_itself() {
        let steps = names(&[
            "harness.passes",
            "harness.fails",
            "load.every_known_chip_loads",
        ]);
        let expected = [
            "insert.a",
            "harness.passes",
            "harness.fails",
            "remove.a",
            "insert.a",
            "load.every_known_chip_loads",
            "remove.a",
        ];
        assert_eq!(steps[..7], expected);
    }
}
