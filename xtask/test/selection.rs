// SPDX-License-Identifier: GPL-2.0

//! Which suites, and which of their tests.

use anyhow::anyhow;

use super::names;
use super::suite::{Kind, Suite};
use super::suites;
use crate::advice::misuse;
use crate::target::{Profile, Target};

/// A suite, and the tests of it that are to run.
#[derive(Clone, Debug)]
pub(super) struct Selected {
    /// The suite.
    pub suite: &'static Suite,
    /// The names of the tests; none means all of them.
    pub tests: Vec<String>,
    /// Whether the command line names the suite.
    pub named: bool,
}

impl Selected {
    /// What the command line would name to have just these tests.
    pub(super) fn patterns(&self) -> Vec<String> {
        let suite = self.suite.name;
        match self.tests.is_empty() {
            true => vec![suite.to_owned()],
            false => {
                let tests = self.tests.iter();
                tests.map(|test| format!("{suite}.{test}")).collect()
            }
        }
    }
}

/// The suites that the words of the command line name, each `SUITE` or `SUITE.TEST`; all suites when there are none,
/// with those that take long when `full` is set.
pub(super) fn select(words: &[String], full: bool) -> anyhow::Result<Vec<Selected>> {
    if words.is_empty() {
        let long = suites::FULL.iter().filter(|_| full);
        return Ok(suites::ALL
            .iter()
            .chain(long)
            .map(|suite| Selected {
                suite,
                tests: vec![],
                named: false,
            })
            .collect());
    }
    let mut selected: Vec<Selected> = Vec::new();
    for word in words {
        let (suite, test) = find(word)?;
        match selected
            .iter_mut()
            .find(|other| other.suite.name == suite.name)
        {
            Some(other) if other.tests.is_empty() || test.is_none() => other.tests.clear(),
            Some(other) => other.tests.extend(test),
            None => selected.push(Selected {
                suite,
                tests: test.into_iter().collect(),
                named: true,
            }),
        }
    }
    Ok(selected)
}

fn find(word: &str) -> anyhow::Result<(&'static Suite, Option<String>)> {
    let (name, test) = match word.split_once('.') {
        Some((name, test)) => (name, Some(test.to_owned())),
        None => (word, None),
    };
    let mut suites = suites::ALL.iter().chain(suites::FULL);
    let suite = suites.find(|suite| suite.name == name).ok_or_else(|| {
        misuse(
            anyhow!("no suite is named {name}"),
            "cargo xtask test --list",
        )
    })?;
    if let Some(test) = &test {
        expect_test(suite, test)?;
    }
    Ok((suite, test))
}

/// Whether the suite has tests that can be run one by one.
pub(super) fn has_tests(kind: &Kind) -> bool {
    matches!(kind, Kind::Guest(_) | Kind::DeviceTree(..) | Kind::Mesa(_))
}

/// Fails when the suite has no test of that name, as far as its source tells.
fn expect_test(suite: &Suite, test: &str) -> anyhow::Result<()> {
    let name = suite.name;
    if !has_tests(&suite.kind) {
        return Err(misuse(
            anyhow!("the tests of {name} cannot be run one by one"),
            format!("cargo xtask test {name}"),
        ));
    }
    let known = names::of_suite(name)?;
    if known.is_empty() || known.iter().any(|known| known == test) {
        return Ok(());
    }
    Err(misuse(
        anyhow!("the suite {name} has no test {test}"),
        format!("cargo xtask test --list {name}"),
    ))
}

/// The options that select just this kernel.
pub(super) fn options(target: &Target) -> String {
    let Target {
        arch,
        series,
        profile,
    } = target;
    match profile {
        Profile::Default => format!("--arch {arch} --series {series}"),
        Profile::Sanitize | Profile::Kcsan => {
            format!("--arch {arch} --series {series} --profile {profile}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advice::describe;
    use crate::arch::Arch;

    fn selected(words: &[&str]) -> Vec<(&'static str, Vec<String>)> {
        let words: Vec<_> = words.iter().map(|word| word.to_string()).collect();
        select(&words, false)
            .unwrap()
            .into_iter()
            .map(|selected| (selected.suite.name, selected.tests))
            .collect()
    }

    #[test]
    fn no_word_means_everything() {
        assert_eq!(selected(&[]).len(), suites::ALL.len());
    }

    #[test]
    fn words_name_suites_and_tests() {
        const ONE: &str = "every_known_chip_loads";
        const OTHER: &str = "it_can_be_loaded_again_and_again";
        let (one, other) = (format!("load.{ONE}"), format!("load.{OTHER}"));
        let tests = |names: &[&str]| {
            names
                .iter()
                .map(|name| name.to_string())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            selected(&[&one, "demo", &other]),
            [("load", tests(&[ONE, OTHER])), ("demo", vec![])]
        );
        assert_eq!(selected(&[&one, "load"]), [("load", vec![])]);
        assert_eq!(selected(&["load", &one]), [("load", vec![])]);
    }

    #[test]
    fn an_unknown_suite_or_test_is_refused() {
        let refusal = |word: &str| describe(&select(&[word.to_owned()], false).unwrap_err());
        assert!(refusal("nothing").contains("no suite is named nothing"));
        assert!(refusal("clippy.a").contains("one by one"));
        let unknown = refusal("load.nothing");
        assert!(unknown.contains("load has no test nothing"), "{unknown}");
        assert!(unknown.contains("test --list load"), "{unknown}");
    }

    #[test]
    fn the_options_name_just_that_kernel() {
        let mut target = Target {
            arch: Arch::Arm64,
            series: "6.18".to_owned(),
            profile: Profile::Default,
        };
        assert_eq!(options(&target), "--arch arm64 --series 6.18");
        target.profile = Profile::Sanitize;
        assert_eq!(
            options(&target),
            "--arch arm64 --series 6.18 --profile sanitize"
        );
    }
}
