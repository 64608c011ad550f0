// SPDX-License-Identifier: GPL-2.0

//! The table of suites, a file or a directory for each.

mod abi;
mod command;
mod compat;
mod cve;
mod demo;
mod device;
mod endurance;
mod faults;
mod fuzz;
mod harness;
mod lifetime;
mod load;
mod memory;
mod observe;
mod perfcounter;
mod platform;
mod race;
mod sanitizers;
mod stress;
mod sync;
mod timeline;
mod vulkan;

use crate::suite::{Suite, Test};

/// Every suite.
pub const ALL: &[&Suite] = &[
    &abi::SUITE,
    &command::SUITE,
    &compat::SUITE,
    &cve::SUITE,
    &demo::SUITE,
    &device::SUITE,
    &endurance::SUITE,
    &faults::SUITE,
    &fuzz::SUITE,
    &harness::SUITE,
    &lifetime::SUITE,
    &load::SUITE,
    &memory::SUITE,
    &observe::SUITE,
    &race::SUITE,
    &perfcounter::SUITE,
    &platform::SUITE,
    &sanitizers::SUITE,
    &stress::SUITE,
    &sync::SUITE,
    &timeline::SUITE,
    &vulkan::SUITE,
];

/// The suite of that name.
pub fn named(name: &str) -> Option<&'static Suite> {
    ALL.iter().copied().find(|suite| suite.name == name)
}

/// The tests that `SUITE` or `SUITE.TEST` means; a message that lists what there is when nothing is meant.
pub fn select(pattern: &str) -> Result<Vec<(&'static Suite, &'static Test)>, String> {
    let (name, test) = match pattern.split_once('.') {
        Some((name, test)) => (name, Some(test)),
        None => (pattern, None),
    };
    let suite =
        named(name).ok_or_else(|| format!("no suite is named {name}; there are {}", names()))?;
    match test {
        None => Ok(suite.tests().map(|test| (suite, test)).collect()),
        Some(test) => {
            let found = suite.test(test).ok_or_else(|| unknown(suite, test))?;
            Ok(vec![(suite, found)])
        }
    }
}

fn unknown(suite: &Suite, test: &str) -> String {
    let known: Vec<_> = suite.tests().map(|test| test.name).collect();
    format!(
        "suite {} has no test {test}; it has {}",
        suite.name,
        known.join(", ")
    )
}

fn names() -> String {
    ALL.iter()
        .map(|suite| suite.name)
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        for (index, suite) in ALL.iter().enumerate() {
            assert!(
                ALL[index + 1..]
                    .iter()
                    .all(|other| other.name != suite.name),
                "{}",
                suite.name
            );
            for test in suite.tests() {
                let same = suite.tests().filter(|other| other.name == test.name);
                assert_eq!(same.count(), 1, "{}", test.name);
            }
        }
    }

    #[test]
    fn a_pattern_selects_a_suite_or_a_test() {
        let harness = select("harness").unwrap();
        assert_eq!(harness.len(), named("harness").unwrap().tests().count());
        assert_eq!(select("harness.passes").unwrap().len(), 1);
    }

    /// What stands in backquotes in a document and looks like a test of a suite.
    fn named_in(document: &str) -> impl Iterator<Item = &str> {
        let quoted = document.split('`').skip(1).step_by(2);
        quoted.filter(|text| {
            text.split_once('.').is_some_and(|(suite, test)| {
                named(suite).is_some() && test.len() > 3 && !test.contains(['.', ' ', '/'])
            })
        })
    }

    #[test]
    fn documents_name_tests_that_exist() {
        let document = include_str!("../../docs/threat-model.md");
        let named: Vec<_> = named_in(document).collect();
        assert!(named.len() > 40, "{named:?}");
        for name in named {
            select(name).unwrap();
        }
    }

    #[test]
    fn a_wrong_pattern_lists_what_there_is() {
        assert!(select("nothing").unwrap_err().contains("harness"));
        assert!(select("harness.nothing").unwrap_err().contains("passes"));
    }
}
