// SPDX-License-Identifier: GPL-2.0

//! The truth table of `check`: modules that were changed in every way that matters are judged beforehand and then
//! loaded, each in a machine of its own. What was predicted must be what the kernel says: errno and log, line by line.
//! No row of the table says what is expected; the prediction is the only expectation.

pub(super) mod observation;
mod pair;
mod pairs;
mod subjects;
mod table;

use std::num::NonZero;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context, Result};
use xshell::Shell;

use self::observation::Observation;
use self::pair::Pair;
use self::subjects::Subjects;
use super::case::Outcome;
use super::selection;
use crate::check::{self, Report, Target};
use crate::project;
use crate::vm::{Run, Workshop};

/// How many pairs must load: a check that refuses everything would be right about the others.
const LOADING: usize = 8;

/// Runs every pair of one kernel.
pub(super) fn run(sh: &Shell, workshop: &Workshop) -> Result<Outcome> {
    let subjects = Subjects::build(sh, workshop.tree())?;
    let target = Target::from_tree(&workshop.tree().build)?;
    let directory = project::target()
        .join("verdicts")
        .join("pairs")
        .join(workshop.target.arch.name());
    sh.create_dir(&directory)?;
    let prepare = |pair: Pair| {
        let name = pair.name;
        Row::prepare(sh, workshop, &subjects, &target, pair, &directory)
            .with_context(|| format!("pair {name}"))
    };
    let rows = pairs::all(workshop.target.arch, subjects.has_other_kernel())
        .into_iter()
        .map(prepare)
        .collect::<Result<Vec<_>>>()?;
    let observations = observe(&rows)?;
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

/// One row of the table before it is filled in: what was predicted, and the machine that will tell.
struct Row {
    pair: Pair,
    report: Report,
    machine: Run,
}

impl Row {
    fn prepare(
        sh: &Shell,
        workshop: &Workshop,
        subjects: &Subjects,
        target: &Target,
        pair: Pair,
        directory: &Path,
    ) -> Result<Row> {
        let file = subjects.prepare(sh, &pair, directory)?;
        let report = check::verdict(&file, &pair.target(target))?;
        let machine = observation::machine(workshop, subjects, &pair, &file)?;
        Ok(Row {
            pair,
            report,
            machine,
        })
    }
}

/// Runs the machines, as many at once as there are processors.
fn observe(rows: &[Row]) -> Result<Vec<Observation>> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut observed = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(row) = rows.get(index) else {
                return anyhow::Ok(observed);
            };
            observed.push((index, observation::observe(&row.machine)?));
        }
    };
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let mut observed = Vec::with_capacity(rows.len());
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            observed.extend(
                worker
                    .join()
                    .map_err(|_| anyhow::anyhow!("a worker panicked"))??,
            );
        }
        anyhow::Ok(())
    })?;
    observed.sort_by_key(|(index, _)| *index);
    Ok(observed
        .into_iter()
        .map(|(_, observation)| observation)
        .collect())
}

fn compare(workshop: &Workshop, row: &Row, observed: &Observation) -> Outcome {
    let Row { pair, report, .. } = row;
    let Some(difference) = observed.disagreement(&Observation::predicted(report)) else {
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
