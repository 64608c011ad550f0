// SPDX-License-Identifier: GPL-2.0

//! Which modules are loaded in the same machine. One that the kernel does not check may damage it, and has a machine of its
//! own. One that is refused leaves nothing behind, and one that loads is removed again: these share one, if the command line
//! is the same. Whatever a module did in company and was not predicted, it does again alone, and that counts.

use std::path::Path;

use anyhow::{Context, Result};

use super::observation::{self, Observation};
use super::pair::{Before, Subject};
use super::subjects::Subjects;
use super::Row;
use crate::parallel;
use crate::vm::{Entry, Job, Run, Workshop};

/// What has `insert` remove the module that it has inserted last.
const REMOVE: &str = "-";

/// Where the machines' modules come from.
pub(super) struct Company<'a> {
    workshop: &'a Workshop,
    subjects: &'a Subjects,
}

impl<'a> Company<'a> {
    pub(super) fn new(workshop: &'a Workshop, subjects: &'a Subjects) -> Self {
        Self { workshop, subjects }
    }

    /// What the kernel says to each of the modules.
    pub(super) fn observe(&self, rows: &[Row]) -> Result<Vec<Observation>> {
        let mut observed = self.run(&arrange(rows))?;
        let disagrees = |(index, observation): &(usize, Observation)| {
            let Row { predicted, .. } = &rows[*index];
            observation.disagreement(predicted).is_some()
        };
        let doubtful = observed
            .iter()
            .filter(|observed| rows[observed.0].may_be_in_company() && disagrees(observed));
        let alone: Vec<_> = doubtful
            .map(|(index, _)| vec![(*index, &rows[*index])])
            .collect();
        observed.retain(|(index, _)| alone.iter().all(|group| group[0].0 != *index));
        observed.extend(self.run(&alone)?);
        observed.sort_by_key(|(index, _)| *index);
        Ok(observed.into_iter().map(|(_, said)| said).collect())
    }

    /// Runs a machine for each group, as many at once as there are processors.
    fn run(&self, groups: &[Vec<(usize, &Row)>]) -> Result<Vec<(usize, Observation)>> {
        let machines = groups
            .iter()
            .map(|group| Ok((group, self.machine(group)?)))
            .collect::<Result<Vec<_>>>()?;
        let observed = parallel::map(&machines, parallel::processors(), |(group, machine)| {
            run_group(group, machine)
        });
        Ok(observed
            .into_iter()
            .collect::<Result<Vec<_>>>()?
            .into_iter()
            .flatten()
            .collect())
    }

    /// The machine in which the modules are loaded.
    fn machine(&self, group: &[(usize, &Row)]) -> Result<Run> {
        let name = match group {
            [(_, row)] => format!("verdicts-{}", row.pair.name),
            _ => format!("verdicts-from-{}", group[0].1.pair.name),
        };
        let mut machine = self.workshop.machine(&name, "insert");
        machine.job = Job::Tests;
        let parameters = group[0].1.pair.parameters;
        machine.parameters = parameters.iter().map(|word| String::from(*word)).collect();
        for (_, row) in group {
            self.add(&mut machine, row)?;
        }
        Ok(machine)
    }

    /// Gives the machine a module, and what is to be inserted before it.
    fn add(&self, machine: &mut Run, row: &Row) -> Result<()> {
        let mut insert = |name: String, file: &Path| {
            let place = format!("/lib/modules/{name}");
            machine.files.push(Entry::file(place, file));
            machine.arguments.push(name);
        };
        let subject = format!("{}.ko", row.pair.name);
        match row.pair.before {
            Before::Nothing => {}
            Before::Itself => insert(subject.clone(), &row.file),
            Before::Needed => insert("needed.ko".into(), self.subjects.path(Subject::Dependency)?),
        }
        insert(subject, &row.file);
        if row.may_be_in_company() && row.predicted.errno == Some(0) {
            machine.arguments.push(REMOVE.to_owned());
        }
        Ok(())
    }
}

/// Runs a machine, and reads what it says of each of its modules.
fn run_group(group: &[(usize, &Row)], machine: &Run) -> Result<Vec<(usize, Observation)>> {
    let report = machine.execute()?;
    let console = report.console();
    let text = std::fs::read(&console);
    let text = text.with_context(|| format!("reading {}", console.display()))?;
    let text = String::from_utf8_lossy(&text);
    let of = |(index, row): &(usize, &Row)| (*index, observation::of(&text, &report, &row.pair));
    Ok(group.iter().map(of).collect())
}

impl Row {
    fn may_be_in_company(&self) -> bool {
        self.predicted.errno.is_some() && self.pair.before == Before::Nothing
    }
}

/// The modules of each machine, with their places in the table.
fn arrange(rows: &[Row]) -> Vec<Vec<(usize, &Row)>> {
    let mut groups: Vec<Vec<(usize, &Row)>> = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let shared = groups.iter_mut().find(|group| {
            let other = group[0].1;
            other.may_be_in_company()
                && row.may_be_in_company()
                && other.pair.parameters == row.pair.parameters
        });
        match shared {
            Some(group) => group.push((index, row)),
            None => groups.push(vec![(index, row)]),
        }
    }
    groups
}
