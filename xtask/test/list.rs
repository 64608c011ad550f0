// SPDX-License-Identifier: GPL-2.0

//! What `--list` prints: the suites and where each runs, or the tests of those that the command line names.

use super::cells::{self, Wanted};
use super::names;
use super::selection::{has_tests, Selected};
use super::suite::{Kind, Suite};
use super::suites;
use super::usual::Part;
use crate::target::Target;

/// The columns of the suites.
const HEAD: [&str; 4] = ["suite", "every change", "--full", "what it shows"];

/// What stands where there is nothing.
const NOTHING: &str = "-";

/// The list: a line a suite, or a line a test; tests that run with `--full` or when they are named only are marked so.
pub(super) fn text(selected: &[Selected]) -> anyhow::Result<String> {
    if selected.iter().all(|selected| !selected.named) {
        return Ok(overview());
    }
    let mut text = String::new();
    for Selected { suite, tests, .. } in selected {
        let names = match has_tests(&suite.kind) {
            true => names::of_suite(suite.name)?,
            false => vec![],
        };
        if names.is_empty() {
            text.push_str(&format!("{}  {}\n", suite.name, suite.about));
        }
        for name in names {
            let is_extra = !suite.core.is_empty() && !suite.core.contains(&name.as_str());
            let mark = if is_extra { "  --full" } else { "" };
            if tests.is_empty() || tests.contains(&name) {
                text.push_str(&format!("{}.{name}{mark}\n", suite.name));
            }
        }
    }
    Ok(text)
}

/// Every suite, with what runs on which kernels for every change, and what `--full` adds to it.
fn overview() -> String {
    let usual = cells::choose(&Wanted::default());
    let full = cells::choose(&Wanted {
        full: true,
        ..Wanted::default()
    });
    let rows = suites::ALL
        .iter()
        .map(|suite| row(suite, &usual, &full))
        .chain(suites::FULL.iter().map(|suite| row(suite, &[], &full)));
    let head = HEAD.map(str::to_owned);
    table(&[head].into_iter().chain(rows).collect::<Vec<_>>())
}

/// The cells of a suite.
fn row(suite: &Suite, usual: &[Target], full: &[Target]) -> [String; 4] {
    let (every_change, more) = match suite.kind {
        Kind::Host(_) if suites::FULL.iter().any(|other| other.name == suite.name) => {
            (NOTHING.to_owned(), "host".to_owned())
        }
        Kind::Host(_) => ("host".to_owned(), NOTHING.to_owned()),
        Kind::HostInParts(_) => ("core on host".to_owned(), "all of it".to_owned()),
        _ => (places(suite, usual), more(suite, usual, full)),
    };
    let [name, about] = [suite.name, suite.about].map(str::to_owned);
    [name, every_change, more, about]
}

/// The kernels on which the suite runs: first those on which all of it does.
fn places(suite: &Suite, targets: &[Target]) -> String {
    let of = |part| {
        let runs = |target: &&Target| suite.part(target, false, false) == part;
        let names = targets.iter().filter(runs).map(name);
        names.collect::<Vec<_>>().join(", ")
    };
    match (of(Part::Whole), of(Part::Core)) {
        (whole, core) if whole.is_empty() && core.is_empty() => NOTHING.to_owned(),
        (whole, core) if core.is_empty() => whole,
        (whole, core) if whole.is_empty() => format!("core on {core}"),
        (whole, core) => format!("{whole}; core on {core}"),
    }
}

/// What more there is to run.
fn more(suite: &Suite, usual: &[Target], full: &[Target]) -> String {
    let part = |target: &Target| match usual.iter().any(|other| name(other) == name(target)) {
        true => suite.part(target, false, false),
        false => Part::Nothing,
    };
    let wanted = full
        .iter()
        .filter(|target| suite.part(target, false, true) == Part::Whole);
    let parts: Vec<_> = wanted.map(part).collect();
    let kernels = parts.iter().filter(|part| **part == Part::Nothing).count();
    let rest = parts.contains(&Part::Core).then(|| "all of it".to_owned());
    let others = match kernels {
        0 => None,
        1 => Some("1 more kernel".to_owned()),
        _ => Some(format!("{kernels} more kernels")),
    };
    let words: Vec<_> = rest.into_iter().chain(others).collect();
    match words.is_empty() {
        true => NOTHING.to_owned(),
        false => words.join(", "),
    }
}

/// A kernel without the name of the usual profile.
fn name(target: &Target) -> String {
    target.to_string().replace(" default", "")
}

/// Columns that are as wide as their widest cells.
fn table(rows: &[[String; 4]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let [suite, usual, full] = [0, 1, 2].map(width);
    let lines = rows
        .iter()
        .map(|[a, b, c, d]| format!("{a:suite$}  {b:usual$}  {c:full$}  {d}\n"));
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test::selection::select;

    #[test]
    fn each_suite_has_its_kernels() {
        let list = text(&select(&[], false).unwrap()).unwrap();
        let column = list.find("what it shows").unwrap();
        assert!(list
            .lines()
            .all(|line| line.as_bytes()[column - 1] == b' ' && line.as_bytes()[column] != b' '));
        let cells = |suite: &str| {
            let mut lines = list.lines();
            let line = lines.find(|line| line.starts_with(&format!("{suite} ")));
            let cells = line.unwrap().split("  ").map(str::trim);
            cells
                .filter(|cell| !cell.is_empty())
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert_eq!(cells("rustfmt")[1..3], ["host", "-"]);
        assert_eq!(cells("stock")[1..3], ["-", "host"]);
        assert_eq!(cells("harness")[1], "arm64 6.18");
        assert!(cells("harness")[2].ends_with("more kernels"));
        assert_eq!(cells("vulkan")[1], "core on arm64 6.18, x86_64 6.18");
        assert!(cells("vulkan")[2].starts_with("all of it, "));
        assert!(cells("cve")[1].ends_with("arm64 6.18 sanitize"));
    }

    #[test]
    fn the_tests_of_a_suite_are_listed_as_they_are_named() {
        let words = ["load".to_owned(), "clippy".to_owned(), "vulkan".to_owned()];
        let list = text(&select(&words, false).unwrap()).unwrap();
        assert!(list.contains("load.every_known_chip_loads\n"), "{list}");
        assert!(list.contains("clippy  no lint"), "{list}");
        assert!(list.contains("vulkan.images_are_blitted\n"), "{list}");
        assert!(
            list.contains("vulkan.vulkaninfo_names_every_adreno  --full\n"),
            "{list}"
        );
    }
}
