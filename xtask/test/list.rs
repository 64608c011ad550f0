// SPDX-License-Identifier: GPL-2.0

//! What `--list` prints: the suites, or the tests of those that the command line names.

use super::names;
use super::selection::{has_tests, Selected};
use super::suites::{self, Suite};

/// The list: a line a suite, or a line a test.
pub(super) fn text(selected: &[Selected]) -> anyhow::Result<String> {
    if selected.iter().all(|selected| !selected.named) {
        return Ok(table(suites::ALL.iter().chain(suites::FULL)));
    }
    let mut text = String::new();
    for Selected { suite, tests, .. } in selected {
        let names = match has_tests(&suite.kind) {
            true => names::of_suite(suite.name)?,
            false => vec![],
        };
        if names.is_empty() {
            text.push_str(&table([*suite]));
        }
        for name in names {
            if tests.is_empty() || tests.contains(&name) {
                text.push_str(&format!("{}.{name}\n", suite.name));
            }
        }
    }
    Ok(text)
}

/// Names and what they show, in two columns.
fn table<'s>(suites: impl IntoIterator<Item = &'s Suite> + Clone) -> String {
    let names = suites.clone().into_iter().map(|suite| suite.name.len());
    let width = names.max().unwrap_or_default();
    let mut text = String::new();
    for suite in suites {
        text.push_str(&format!("{:width$}  {}\n", suite.name, suite.about));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test::selection::select;

    #[test]
    fn the_columns_are_straight() {
        let list = text(&select(&[], false).unwrap()).unwrap();
        let long = list.lines().find(|line| line.starts_with("perfcounter "));
        let column = long.and_then(|line| line.find("counters")).unwrap();
        assert!(list.lines().all(|line| line.as_bytes()[column - 1] == b' '));
        assert!(list.lines().any(|line| line.starts_with("stock ")));
    }

    #[test]
    fn the_tests_of_a_suite_are_listed_as_they_are_named() {
        let words = ["load".to_owned(), "clippy".to_owned()];
        let list = text(&select(&words, false).unwrap()).unwrap();
        assert!(list.contains("load.every_known_chip_loads\n"), "{list}");
        assert!(list.contains("clippy  no lint"), "{list}");
    }
}
