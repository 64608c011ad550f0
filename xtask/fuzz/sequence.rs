// SPDX-License-Identifier: GPL-2.0

//! Sequences as text: a line `@ WORKER`, or `@ WORKER SEED` where the steps follow from a seed, and a line for each step.

use std::collections::VecDeque;
use std::fmt;

/// How many sequences of each worker are remembered.
const WINDOW: usize = 64;

/// A sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sequence {
    /// The process that runs it.
    pub(super) worker: String,
    /// What its steps follow from, if they do.
    pub(super) seed: Option<String>,
    /// A line each.
    pub(super) steps: Vec<String>,
}

impl Sequence {
    /// Gives it other steps, which follow from no seed, unless they are the same.
    pub(super) fn set_steps(&mut self, steps: Vec<String>) {
        if steps != self.steps {
            self.seed = None;
            self.steps = steps;
        }
    }
}

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.seed {
            Some(seed) => writeln!(f, "@ {} {seed}", self.worker)?,
            None => writeln!(f, "@ {}", self.worker)?,
        }
        self.steps.iter().try_for_each(|step| writeln!(f, "{step}"))
    }
}

/// The sequences of a text, which may have lines for people in it.
pub(super) fn parse(text: &str) -> Vec<Sequence> {
    let mut window = Window::default();
    text.lines().for_each(|line| {
        window.take(line);
    });
    window.into_sequences()
}

/// The sequence that follows from the seed, whose steps are the guest program's to find.
pub(super) fn of_seed(seed: u64) -> Sequence {
    Sequence {
        worker: "0".to_owned(),
        seed: Some(format!("{seed:x}")),
        steps: vec![],
    }
}

/// The text of sequences.
pub(super) fn text(sequences: &[Sequence]) -> String {
    sequences.iter().map(Sequence::to_string).collect()
}

/// The last sequences of each worker, as they come in.
#[derive(Clone, Debug, Default)]
pub(super) struct Window(VecDeque<Sequence>);

impl Window {
    /// Takes a line of the program's output; gives it back if it is not of a sequence.
    pub(super) fn take<'a>(&mut self, line: &'a str) -> Option<&'a str> {
        if let Some(title) = line.strip_prefix("@ ") {
            match title.split_once(' ') {
                Some((worker, seed)) => self.begin(worker, Some(seed)),
                None => self.begin(title, None),
            }
            return None;
        }
        let is_step = line.starts_with(|first: char| first.is_ascii_digit());
        match self.0.back_mut().filter(|_| is_step) {
            Some(sequence) => {
                sequence.steps.push(line.to_owned());
                None
            }
            None => Some(line),
        }
    }

    fn begin(&mut self, worker: &str, seed: Option<&str>) {
        let own = |sequence: &Sequence| sequence.worker == worker;
        let known = self.0.iter().filter(|sequence| own(sequence)).count();
        let oldest = self.0.iter().position(own);
        if let Some(oldest) = oldest.filter(|_| known >= WINDOW) {
            self.0.remove(oldest);
        }
        self.0.push_back(Sequence {
            worker: worker.to_owned(),
            seed: seed.map(str::to_owned),
            steps: vec![],
        });
    }

    /// What is remembered, in the order in which it came.
    pub(super) fn into_sequences(self) -> Vec<Sequence> {
        self.0.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_sequences_and_back() {
        let sequences = parse("# a note\n@ 0\n0 OPEN 1\n0 CLOSE 2\n\n@ 1 7f\n2 FORK 3\n");
        assert_eq!(sequences.len(), 2);
        assert_eq!(sequences[1].seed.as_deref(), Some("7f"));
        assert_eq!(sequences[0].steps, ["0 OPEN 1", "0 CLOSE 2"]);
        assert_eq!(
            text(&sequences),
            "@ 0\n0 OPEN 1\n0 CLOSE 2\n@ 1 7f\n2 FORK 3\n"
        );
    }

    #[test]
    fn a_seed_is_a_sequence() {
        assert_eq!(text(&[of_seed(0x7f)]), "@ 0 7f\n");
        assert_eq!(parse("@ 0 7f\n"), [of_seed(0x7f)]);
    }

    #[test]
    fn what_is_no_sequence_is_given_back() {
        let mut window = Window::default();
        assert_eq!(window.take("0 OPEN 1"), Some("0 OPEN 1"));
        assert_eq!(window.take("@ 0"), None);
        assert_eq!(window.take("progress 1 s"), Some("progress 1 s"));
        assert_eq!(window.take("0 OPEN 1"), None);
    }

    #[test]
    fn the_last_of_each_worker_are_remembered() {
        let mut window = Window::default();
        window.take("@ 1");
        (0..=WINDOW).for_each(|step| {
            window.take("@ 0");
            window.take(&format!("{step} OPEN 0"));
        });
        let sequences = window.into_sequences();
        assert_eq!(sequences.len(), WINDOW + 1);
        assert_eq!(sequences[0].worker, "1");
        assert_eq!(sequences[1].steps, ["1 OPEN 0"]);
    }
}
