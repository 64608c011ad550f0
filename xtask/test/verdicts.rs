// SPDX-License-Identifier: GPL-2.0

//! The truth table of `check`: modules that were changed in every way that matters are judged beforehand and then
//! loaded. What was predicted must be what the kernel says: errno and log, line by line.
//! No row of the table says what is expected; the prediction is the only expectation.

mod company;
pub(super) mod observation;
mod pair;
mod pairs;
mod prepared;
mod subjects;
mod table;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use xshell::Shell;

use self::company::Company;
use self::observation::Observation;
use self::pair::Pair;
use self::subjects::Subjects;
use super::case::Outcome;
use super::selection;
use crate::check::{self, Report, Target};
use crate::project;
use crate::vm::Workshop;

/// How many pairs must load: a check that refuses everything would be right about the others.
const LOADING: usize = 8;

/// Runs every pair of one kernel.
pub(super) fn run(sh: &Shell, workshop: &Workshop) -> Result<Outcome> {
    let subjects = Subjects::build(sh, workshop.tree())?;
    let rows = prepare(sh, workshop, &subjects)?;
    let observations = Company::new(workshop, &subjects).observe(&rows)?;
    table::write(workshop, &rows, &observations)?;
    let mut outcome = Outcome::default();
    for (row, observed) in rows.iter().zip(&observations) {
        outcome.join(compare(workshop, row, observed));
    }
    let loading = observations
        .iter()
        .filter(|observed| observed.errno == Some(0))
        .count();
    if loading < LOADING {
        let detail =
            format!("only {loading} pairs load, which proves little of what is said of those");
        outcome.join(failed(workshop, "loading", detail));
    }
    Ok(outcome)
}

/// Changes the modules, and judges them.
fn prepare(sh: &Shell, workshop: &Workshop, subjects: &Subjects) -> Result<Vec<Row>> {
    let target = Target::from_tree(&workshop.tree().build)?;
    let arch = workshop.target.arch;
    let directory = project::target()
        .join("verdicts")
        .join("pairs")
        .join(format!("{arch}-{}", workshop.target.series));
    sh.create_dir(&directory)?;
    pairs::all(arch, subjects.has_other_kernel())
        .into_iter()
        .map(|pair| {
            let name = pair.name;
            Row::prepare(sh, subjects, &target, pair, &directory)
                .with_context(|| format!("pair {name}"))
        })
        .collect()
}

/// One row of the table before it is filled in: the module as it was changed, and what was predicted.
struct Row {
    pair: Pair,
    file: PathBuf,
    report: Report,
    predicted: Observation,
}

impl Row {
    fn prepare(
        sh: &Shell,
        subjects: &Subjects,
        target: &Target,
        pair: Pair,
        directory: &Path,
    ) -> Result<Row> {
        let file = subjects.prepare(sh, &pair, directory)?;
        let report = check::verdict(&file, &pair.target(target))?;
        let predicted = Observation::predicted(&report);
        Ok(Row {
            pair,
            file,
            report,
            predicted,
        })
    }
}

fn compare(workshop: &Workshop, row: &Row, observed: &Observation) -> Outcome {
    let Row { pair, report, .. } = row;
    let Some(difference) = observed.disagreement(&row.predicted) else {
        return Outcome::passed(format!("verdicts.{}", pair.name));
    };
    let mut outcome = failed(workshop, pair.name, format!("{difference}\n{report}"));
    outcome.logs = Some(observed.directory.clone());
    outcome
}

fn failed(workshop: &Workshop, name: &str, detail: String) -> Outcome {
    let rerun = format!(
        "cargo xtask test verdicts {}",
        selection::options(&workshop.target)
    );
    Outcome::failed(format!("verdicts.{name}"), detail, rerun)
}
