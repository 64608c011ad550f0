// SPDX-License-Identifier: GPL-2.0

//! What was compared, and what came of it.

use serde::{Deserialize, Serialize};

use super::machine::Machine;
use super::statistics::{median, quantile};

/// The number of the JSON's schema; it grows when a field changes or goes.
pub(super) const SCHEMA: u32 = 2;

/// What the virtual machine wrote of a comparison.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Samples {
    /// The job that both sides did.
    pub(super) job: String,
    /// How many bytes it is about; 0 where that is no question.
    pub(super) size: u64,
    /// The other side.
    pub(super) peer: String,
    /// What the ratio should not exceed where the other side is the fastest; nothing where it only tells what the machine
    /// gives.
    pub(super) target: Option<f64>,
    /// Our samples, in nanoseconds.
    pub(super) ours: Vec<f64>,
    /// The other side's, each taken right before or after ours of the same index.
    pub(super) theirs: Vec<f64>,
}

/// What a comparison came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Comparison {
    /// The job that both sides did.
    pub(super) job: String,
    /// How many bytes it is about; 0 where that is no question.
    pub(super) size: u64,
    /// The other side.
    pub(super) peer: String,
    /// Our time, in nanoseconds: the median.
    pub(super) ours: f64,
    /// The other side's.
    pub(super) theirs: f64,
    /// Our time by the other side's, pair by pair: the median.
    pub(super) ratio: f64,
    /// The quartiles of the same.
    pub(super) quartiles: [f64; 2],
    /// How many pairs there were.
    pub(super) pairs: usize,
    /// What the ratio should not exceed, where the other side is the fastest; nothing where it only tells what the machine
    /// gives.
    pub(super) target: Option<f64>,
    /// Whether no other side does the same job faster.
    pub(super) fastest_peer: bool,
}

impl Comparison {
    fn new(samples: &Samples) -> Self {
        let Samples { ours, theirs, .. } = samples;
        let ratios: Vec<f64> = ours.iter().zip(theirs).map(|(a, b)| a / b).collect();
        Self {
            job: samples.job.clone(),
            size: samples.size,
            peer: samples.peer.clone(),
            ours: median(ours),
            theirs: median(theirs),
            ratio: median(&ratios),
            quartiles: [quantile(&ratios, 0.25), quantile(&ratios, 0.75)],
            pairs: ratios.len(),
            target: samples.target,
            fastest_peer: false,
        }
    }

    /// Whether both are about the same job.
    fn is_rival(&self, other: &Self) -> bool {
        self.job == other.job && self.size == other.size
    }

    /// Whether it is the same comparison, of another run.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.is_rival(other) && self.peer == other.peer
    }

    /// The target, where it holds: no other peer is faster.
    pub(super) fn own_target(&self) -> Option<f64> {
        self.target.filter(|_| self.fastest_peer)
    }

    /// Whether the target is met; nothing where none holds.
    pub(super) fn verdict(&self) -> Option<bool> {
        self.own_target().map(|target| self.ratio <= target)
    }

    /// Job and size, as people read them.
    pub(super) fn title(&self) -> String {
        match self.size {
            0 => self.job.clone(),
            size if size < 1 << 20 => format!("{}, {} KiB", self.job, size >> 10),
            size => format!("{}, {} MiB", self.job, size >> 20),
        }
    }
}

/// A run of the benchmark.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Results {
    /// The number of the schema.
    pub(super) schema: u32,
    /// Where it was measured, and what.
    pub(super) machine: Machine,
    /// When, in seconds since 1970.
    pub(super) time: u64,
    /// What was compared.
    pub(super) comparisons: Vec<Comparison>,
}

/// Makes numbers of samples.
pub(super) fn comparisons(samples: &[Samples]) -> Vec<Comparison> {
    let mut all: Vec<_> = samples.iter().map(Comparison::new).collect();
    let fastest: Vec<bool> = all
        .iter()
        .map(|one| {
            let mut rivals = all.iter().filter(|other| other.is_rival(one));
            rivals.all(|rival| one.theirs <= rival.theirs)
        })
        .collect();
    for (one, fastest) in all.iter_mut().zip(fastest) {
        one.fastest_peer = fastest;
    }
    all
}
