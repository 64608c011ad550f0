// SPDX-License-Identifier: GPL-2.0

//! How long and how often something is measured.

use std::time::Duration;

/// How much is put into each comparison.
#[derive(Clone, Copy, Debug)]
pub(super) struct Effort {
    /// How long both sides run before anything counts.
    pub(super) warm_up: Duration,
    /// How long one sample of one side takes, about: many calls, where one is short.
    pub(super) sample: Duration,
    /// How long the comparison takes, about.
    pub(super) whole: Duration,
    /// How many pairs of samples it has at least.
    pub(super) least: usize,
    /// How many pairs of samples it has at most.
    pub(super) most: usize,
}

impl Effort {
    /// What results are made of.
    pub(super) const FULL: Effort = Effort {
        warm_up: Duration::from_millis(200),
        sample: Duration::from_micros(500),
        whole: Duration::from_millis(1500),
        least: 25,
        most: 301,
    };

    /// What shows that everything runs.
    pub(super) const QUICK: Effort = Effort {
        warm_up: Duration::ZERO,
        sample: Duration::from_micros(1),
        whole: Duration::ZERO,
        least: 1,
        most: 1,
    };
}
