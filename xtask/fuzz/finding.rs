// SPDX-License-Identifier: GPL-2.0

//! What was found: the file that it is saved in, and its way to a short one.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Context;
use xshell::Shell;

use super::laboratory::Laboratory;
use super::minimize::minimize;
use super::sequence::{self, Sequence};
use crate::project;
use crate::target::Target;

/// How often a candidate is run before it is taken to be harmless.
const TIMES: u32 = 20;

/// Sequences of the window that are tried first.
const LAST: usize = 20;

/// How long a finding is made shorter.
const PATIENCE: Duration = Duration::from_secs(900);

/// Something that was found.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    target: Target,
    /// Whether it takes a look for leaks to see it.
    kmemleak: bool,
    seed: u64,
    symptom: String,
    sequences: Vec<Sequence>,
}

impl Finding {
    /// The sequences that were begun before the symptom was seen.
    pub(super) fn new(
        laboratory: &Laboratory,
        seed: u64,
        symptom: &str,
        sequences: Vec<Sequence>,
    ) -> Self {
        Self {
            target: laboratory.target().clone(),
            kmemleak: laboratory.has_kmemleak(),
            seed,
            symptom: symptom.to_owned(),
            sequences,
        }
    }

    fn path(&self) -> PathBuf {
        let Target {
            arch,
            series,
            profile,
        } = &self.target;
        let name = format!("{arch}-{series}-{profile}-seed-{}.txt", self.seed);
        project::target().join("fuzz").join(name)
    }

    /// The file's text: what was found where, how it is replayed, and the sequences.
    fn text(&self) -> String {
        let symptom = self.symptom.replace('\n', " ");
        format!(
            "# {symptom}\n# {}\n{}",
            self.command(),
            sequence::text(&self.sequences)
        )
    }

    fn command(&self) -> String {
        let path = self.path();
        let path = path.strip_prefix(project::root()).unwrap_or(&path);
        format!(
            "cargo xtask fuzz --replay {} {}{}",
            path.display(),
            self.target.options(),
            if self.kmemleak { " --kmemleak" } else { "" }
        )
    }

    /// Saves it, and says how it is replayed.
    pub(super) fn save(&self, sh: &Shell) -> anyhow::Result<()> {
        let path = self.path();
        sh.write_file(&path, self.text())
            .with_context(|| format!("saving {}", path.display()))?;
        let steps: usize = self
            .sequences
            .iter()
            .map(|sequence| sequence.steps.len())
            .sum();
        println!(
            "saved: {} ({} sequences, {steps} steps)\nreplay: {}",
            path.display(),
            self.sequences.len(),
            self.command()
        );
        Ok(())
    }

    /// Makes it as short as it can be, and saves that in its place.
    pub(super) fn minimize(mut self, sh: &Shell, laboratory: &Laboratory) -> anyhow::Result<()> {
        let mut search = Search::new(laboratory);
        let last = self.last();
        if search.holds(&last) == Some(true) {
            self.sequences = last;
        } else if search.holds(&self.sequences) != Some(true) {
            println!("not reproduced by replaying it {TIMES} times: it stays as it is");
            return search.done();
        }
        self.sequences = minimize(self.sequences.clone(), |rest| search.holds(rest));
        self.sequences = search.shorten(&self.sequences);
        search.done()?;
        self.save(sh)?;
        print!("{}", sequence::text(&self.sequences));
        Ok(())
    }

    /// The sequences that were begun last, of every worker.
    fn last(&self) -> Vec<Sequence> {
        let skipped = self.sequences.len().saturating_sub(LAST);
        self.sequences[skipped..].to_vec()
    }
}

/// A search for shorter sequences.
struct Search<'a> {
    laboratory: &'a Laboratory,
    started: Instant,
    /// What kept a machine from being run.
    error: Option<anyhow::Error>,
}

impl<'a> Search<'a> {
    fn new(laboratory: &'a Laboratory) -> Self {
        Self {
            laboratory,
            started: Instant::now(),
            error: None,
        }
    }

    /// Whether the sequences still do it; `None` when the search is over.
    fn holds(&mut self, sequences: &[Sequence]) -> Option<bool> {
        if self.started.elapsed() > PATIENCE {
            return None;
        }
        let steps: usize = sequences.iter().map(|sequence| sequence.steps.len()).sum();
        eprint!("replaying {} sequences, {steps} steps: ", sequences.len());
        match self.laboratory.reproduces(sequences, TIMES) {
            Ok(reproduced) => {
                eprintln!(
                    "{}",
                    if reproduced {
                        "it happens"
                    } else {
                        "nothing happens"
                    }
                );
                Some(reproduced)
            }
            Err(error) => {
                self.error = Some(error);
                None
            }
        }
    }

    /// Leaves steps out of each sequence in turn.
    fn shorten(&mut self, sequences: &[Sequence]) -> Vec<Sequence> {
        let mut shortened = sequences.to_vec();
        for index in 0..shortened.len() {
            let with = |steps: &[String]| {
                let mut all = shortened.clone();
                all[index].set_steps(steps.to_vec());
                all
            };
            let steps = shortened[index].steps.clone();
            let steps = minimize(steps, |rest| self.holds(&with(rest)));
            shortened[index].set_steps(steps);
        }
        shortened
    }

    /// Fails if a machine could not be run.
    fn done(self) -> anyhow::Result<()> {
        match self.error {
            Some(error) => Err(error).context("replaying what was found"),
            None => Ok(()),
        }
    }
}
