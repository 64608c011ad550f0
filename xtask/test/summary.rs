// SPDX-License-Identifier: GPL-2.0

//! What came of a whole run: a table of suites and kernels, and how to run again what failed.

use std::fmt;
use std::time::Duration;

use super::case::{Outcome, Tally};
use super::usual::Part;

/// The column of suites that run on the host, once.
pub(super) const HOST: &str = "host";

/// What is shown where a suite has nothing to show.
const NOTHING: &str = "-";

/// What is shown where all of a suite is left out, and what after a result where a part of it is.
const LEFT_OUT: &str = "full";

/// What that means.
const LEGEND: &str = "full: this, or the rest of the suite, runs with --full or when it is named; \
                      `cargo xtask test --list` has all of it";

/// What came of every suite on every kernel.
#[derive(Clone, Debug, Default)]
pub(super) struct Summary {
    cells: Vec<Cell>,
    /// Suites and places where they did not run, though there is something to see.
    left_out: Vec<(String, String)>,
}

/// What came of a suite in one place.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    /// The suite.
    pub suite: String,
    /// The kernel, or [`HOST`].
    pub place: String,
    /// How much of the suite ran.
    pub part: Part,
    /// What came of it.
    pub outcome: Outcome,
    /// How long it took.
    pub elapsed: Duration,
    /// The command that runs just this again.
    pub rerun: String,
}

impl Summary {
    /// Adds a cell.
    pub(super) fn add(&mut self, cell: Cell) {
        self.cells.push(cell);
    }

    /// Adds suites that did not run in a place.
    pub(super) fn leave_out(&mut self, place: &str, suites: &[&str]) {
        let cells = suites.iter();
        let cells = cells.map(|suite| ((*suite).to_owned(), place.to_owned()));
        self.left_out.extend(cells);
    }

    /// The cells, in the order in which they came.
    pub(super) fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// Whether nothing was run at all.
    pub(super) fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// All tests together.
    pub(super) fn total(&self) -> Tally {
        let mut total = Tally::default();
        self.cells
            .iter()
            .for_each(|cell| total += cell.outcome.tally);
        total
    }

    /// The distinct values of a field, in the order in which they came.
    fn distinct<'a>(&'a self, field: impl Fn(&'a Cell) -> &'a str) -> Vec<&'a str> {
        let mut values = Vec::new();
        for value in self.cells.iter().map(field) {
            if !values.contains(&value) {
                values.push(value);
            }
        }
        values
    }

    fn at(&self, suite: &str, place: &str) -> String {
        let mut cells = self.cells.iter();
        let cell = cells.find(|cell| cell.suite == suite && cell.place == place);
        let is_here = |cell: &(String, String)| cell.0 == suite && cell.1 == place;
        match cell {
            Some(cell) if cell.part == Part::Whole => show(&cell.outcome.tally),
            Some(cell) => format!("{}, {LEFT_OUT}", show(&cell.outcome.tally)),
            None if self.left_out.iter().any(is_here) => LEFT_OUT.to_owned(),
            None => NOTHING.to_owned(),
        }
    }

    /// Whether more of these suites could have run in these places.
    fn is_partial(&self) -> bool {
        let mut parts = self.cells.iter().map(|cell| cell.part);
        !self.left_out.is_empty() || parts.any(|part| part != Part::Whole)
    }
}

/// A cell in a few characters.
fn show(tally: &Tally) -> String {
    let run = tally.passed + tally.failed;
    match (tally.failed, tally.skipped) {
        (0, 0) => format!("ok {run}"),
        (0, skipped) => format!("ok {run}, {skipped} skipped"),
        (failed, _) => format!("FAILED {failed} of {run}"),
    }
}

impl fmt::Display for Summary {
    /// The table, when it has more than one cell; then what was left out; then a command for each that failed; then the sum.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.cells.len() > 1 {
            let places = self.distinct(|cell| &cell.place);
            let rows = self.distinct(|cell| &cell.suite).into_iter().map(|suite| {
                let row = places.iter().map(|place| self.at(suite, place));
                [suite.to_owned()].into_iter().chain(row).collect()
            });
            let head = ["suite"].iter().chain(&places);
            let head = head.map(|word| (*word).to_owned()).collect();
            write_table(f, &[head].into_iter().chain(rows).collect::<Vec<_>>())?;
        }
        if self.is_partial() {
            writeln!(f, "{LEGEND}")?;
        }
        for cell in self
            .cells
            .iter()
            .filter(|cell| cell.outcome.tally.failed > 0)
        {
            writeln!(f, "rerun: {}", cell.rerun)?;
        }
        write!(f, "{}", self.total())
    }
}

/// Writes rows as columns that are as wide as their widest word.
fn write_table(f: &mut fmt::Formatter<'_>, rows: &[Vec<String>]) -> fmt::Result {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let widths: Vec<_> = (0..columns).map(width).collect();
    for row in rows {
        let words = row.iter().zip(&widths);
        let line: Vec<_> = words
            .map(|(word, width)| format!("{word:width$}"))
            .collect();
        writeln!(f, "{}", line.join("  ").trim_end())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(suite: &str, place: &str, passed: usize, failed: usize, skipped: usize) -> Cell {
        Cell {
            suite: suite.to_owned(),
            place: place.to_owned(),
            part: Part::Whole,
            outcome: Outcome {
                tally: Tally {
                    passed,
                    failed,
                    skipped,
                },
                ..Outcome::default()
            },
            elapsed: Duration::from_secs(1),
            rerun: format!("cargo xtask test {suite} on {place}"),
        }
    }

    #[test]
    fn the_table_has_a_row_a_suite_and_a_column_a_kernel() {
        let mut summary = Summary::default();
        summary.add(cell("host", HOST, 300, 0, 0));
        summary.add(cell("load", "arm64 6.18", 10, 0, 0));
        summary.add(cell("platform", "arm64 6.18", 11, 0, 1));
        summary.add(cell("load", "x86_64 6.18", 8, 2, 0));
        assert_eq!(
            summary.to_string(),
            "suite     host    arm64 6.18        x86_64 6.18\n\
             host      ok 300  -                 -\n\
             load      -       ok 10             FAILED 2 of 10\n\
             platform  -       ok 11, 1 skipped  -\n\
             rerun: cargo xtask test load on x86_64 6.18\n\
             329 passed, 2 failed, 1 skipped"
        );
    }

    #[test]
    fn what_was_left_out_is_told() {
        let mut summary = Summary::default();
        summary.add(cell("harness", "arm64 6.18", 16, 0, 0));
        summary.add(Cell {
            part: Part::Core,
            ..cell("vulkan", "arm64 6.18", 12, 0, 0)
        });
        summary.add(cell("load", "x86_64 6.18", 10, 0, 0));
        summary.leave_out("x86_64 6.18", &["harness"]);
        assert_eq!(
            summary.to_string(),
            format!(
                "suite    arm64 6.18   x86_64 6.18\n\
                 harness  ok 16        full\n\
                 vulkan   ok 12, full  -\n\
                 load     -            ok 10\n\
                 {LEGEND}\n\
                 38 passed, 0 failed"
            )
        );
    }

    #[test]
    fn a_single_cell_needs_no_table() {
        let mut summary = Summary::default();
        summary.add(cell("load", "arm64 6.18", 10, 0, 0));
        assert_eq!(summary.to_string(), "10 passed, 0 failed");
    }
}
