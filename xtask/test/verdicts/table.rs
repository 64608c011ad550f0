// SPDX-License-Identifier: GPL-2.0

//! The truth table as a file, for whoever wants to see all of it.

use std::fs;

use anyhow::{Context, Result};

use super::observation::Observation;
use super::Row;
use crate::project;
use crate::vm::Workshop;

/// Writes the table of one kernel, in Markdown.
pub(super) fn write(workshop: &Workshop, rows: &[Row], observations: &[Observation]) -> Result<()> {
    let mut text =
        String::from("| pair | predicted | observed | kernel log |\n|---|---|---|---|\n");
    for (row, observed) in rows.iter().zip(observations) {
        let log = observed
            .lines
            .iter()
            .take(2)
            .map(|line| format!("`{}`", line.replace('|', "\\|")));
        let log = log.collect::<Vec<_>>().join(" ");
        text.push_str(&format!(
            "| {} | {} | {} | {log} |\n",
            row.pair.name,
            show(&row.predicted),
            show(observed)
        ));
    }
    let target = &workshop.target;
    let file = format!("table-{}-{}.md", target.arch, target.series);
    let path = project::target().join("verdicts").join(file);
    fs::write(&path, text).with_context(|| format!("writing {}", path.display()))
}

fn show(observation: &Observation) -> String {
    match observation.errno {
        Some(0) => String::from("loads"),
        Some(errno) => format!("errno {errno}"),
        None => String::from("unchecked"),
    }
}
