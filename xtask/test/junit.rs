// SPDX-License-Identifier: GPL-2.0

//! Writes the results as JUnit XML, which continuous integration systems show: a `testsuite` for each suite on each
//! kernel, a `testcase` for each test.

use std::path::Path;

use anyhow::Context;
use minijinja::{context, AutoEscape, Environment, Value};

use super::summary::{Cell, Summary};

const TEMPLATE: &str = include_str!("junit/report.xml");

/// Writes the file.
pub(super) fn write(path: &Path, summary: &Summary) -> anyhow::Result<()> {
    let text = render(summary).context("writing the results as JUnit XML")?;
    std::fs::write(path, text).with_context(|| format!("writing {}", path.display()))
}

fn render(summary: &Summary) -> anyhow::Result<String> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    let cells = summary.cells();
    let count = |of: fn(&Cell) -> usize| cells.iter().map(of).sum::<usize>();
    let seconds: f64 = cells.iter().map(|cell| cell.elapsed.as_secs_f64()).sum();
    Ok(environment.render_str(
        TEMPLATE,
        context! {
            tests => count(tests),
            failures => count(|cell| cell.outcome.failures.len()),
            skipped => count(|cell| cell.outcome.skipped.len()),
            time => format!("{seconds:.3}"),
            suites => cells.iter().map(suite).collect::<Vec<_>>(),
        },
    )?)
}

/// What the file lists of a cell.
fn tests(cell: &Cell) -> usize {
    let outcome = &cell.outcome;
    outcome.passed.len() + outcome.failures.len() + outcome.skipped.len()
}

fn suite(cell: &Cell) -> Value {
    let skipped = cell.outcome.skipped.iter();
    let failed = cell.outcome.failures.iter();
    context! {
        name => format!("{} {}", cell.suite, cell.place),
        place => cell.place,
        tests => tests(cell),
        time => format!("{:.3}", cell.elapsed.as_secs_f64()),
        passed => cell.outcome.passed.iter().map(|name| legal(name)).collect::<Vec<_>>(),
        skipped => skipped
            .map(|(name, detail)| context! { name => legal(name), detail => legal(detail) })
            .collect::<Vec<_>>(),
        failed => failed
            .map(|test| context! {
                name => legal(&test.name),
                detail => legal(&test.detail),
                rerun => legal(&test.rerun),
            })
            .collect::<Vec<_>>(),
    }
}

/// The text without the characters that XML cannot hold, not even escaped (XML 1.0, 2.2): colours of a terminal, zeros.
fn legal(text: &str) -> String {
    let holds = |c: char| !c.is_control() || matches!(c, '\t' | '\n' | '\r');
    text.chars()
        .map(|c| match c {
            '\u{fffe}' | '\u{ffff}' => '\u{fffd}',
            c if holds(c) => c,
            _ => '\u{fffd}',
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    use crate::test::case::Outcome;
    use crate::test::usual::Part;

    #[test]
    fn every_test_is_listed_and_every_text_is_escaped() {
        let mut outcome = Outcome::passed("load.inserts");
        outcome.join(Outcome::failed(
            "load.<removes>",
            "left: \"1\" & \u{1b}[31mright\u{1b}[0m: 2",
            "cargo xtask test load.removes",
        ));
        outcome
            .skipped
            .push(("load.waits".into(), "no clock".into()));
        let mut summary = Summary::default();
        summary.add(Cell {
            suite: "load".into(),
            place: "arm64 6.18 default".into(),
            part: Part::Whole,
            outcome,
            elapsed: Duration::from_millis(1500),
            rerun: String::new(),
        });
        let text = render(&summary).unwrap();
        for part in [
            "<testsuites tests=\"3\" failures=\"1\" skipped=\"1\" time=\"1.500\">",
            "<testsuite name=\"load arm64 6.18 default\"",
            "<testcase classname=\"load arm64 6.18 default\" name=\"load.inserts\"/>",
            "name=\"load.&lt;removes&gt;\"><failure message=\"cargo xtask test load.removes\">",
            "left: &quot;1&quot; &amp; \u{fffd}[31mright",
            "name=\"load.waits\"><skipped message=\"no clock\"/>",
        ] {
            assert!(text.contains(part), "{part:?} is not in:\n{text}");
        }
    }
}
