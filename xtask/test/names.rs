// SPDX-License-Identifier: GPL-2.0

//! The names of the tests of a suite that runs in a virtual machine, read from its source: a name that is wrong is told
//! before anything is built or booted. PID 1 has the last word all the same.

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::project;

/// The macros that make a table of tests of the functions that they name.
const TABLES: [&str; 2] = ["tests![", "checks!["];

/// The names of the tests of the suite, in the order of its files and then of its tables.
pub(super) fn of_suite(suite: &str) -> anyhow::Result<Vec<String>> {
    let directory = project::root().join("tests/suites");
    let mut names = Vec::new();
    for file in files(&directory, suite)? {
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("reading {}", file.display()))?;
        names.extend(in_tables(&text));
    }
    Ok(names)
}

/// The files of a suite: one of its name, and those of a directory of its name.
fn files(directory: &Path, suite: &str) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = vec![directory.join(format!("{suite}.rs"))];
    if let Ok(entries) = directory.join(suite).read_dir() {
        for entry in entries {
            files.push(entry.context("reading the suite's directory")?.path());
        }
    }
    files.retain(|file| file.is_file());
    files.sort();
    Ok(files)
}

/// The names in the tables of a source text.
fn in_tables(text: &str) -> Vec<String> {
    let starts = TABLES.iter().flat_map(|table| text.match_indices(table));
    let bodies = starts.filter_map(|(start, table)| {
        let body = text.get(start + table.len()..)?;
        body.split(']').next()
    });
    bodies.flat_map(identifiers).collect()
}

/// The identifiers of a text, without what stands in string literals.
fn identifiers(text: &str) -> Vec<String> {
    let is_part = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let outside = text.split('"').step_by(2);
    let words = outside.flat_map(|text| text.split(move |character| !is_part(character)));
    words
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test::selection::has_tests;
    use crate::test::suites::ALL;

    #[test]
    fn tables_of_both_kinds_are_read() {
        let text = "const A: &[Test] = crate::tests![\n    one,\n    two,\n];\nfn one() {}\n\
                    const B: &[Test] = checks![\"chip=a660\": three \"word\", four \"other-word\"];\n";
        assert_eq!(in_tables(text), ["one", "two", "three", "four"]);
    }

    #[test]
    fn every_suite_of_the_guest_has_tests() {
        for suite in ALL.iter().filter(|suite| has_tests(&suite.kind)) {
            assert!(!of_suite(suite.name).unwrap().is_empty(), "{}", suite.name);
        }
        let load = of_suite("load").unwrap();
        assert!(load.contains(&"every_known_chip_loads".to_owned()));
        assert!(!load.contains(&"insert".to_owned()), "{load:?}");
        let vulkan = of_suite("vulkan").unwrap();
        for name in ["a7xx_blits_images", "vulkaninfo_names_every_adreno"] {
            assert!(vulkan.contains(&name.to_owned()), "{vulkan:?}");
        }
    }
}
