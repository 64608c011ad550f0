// SPDX-License-Identifier: GPL-2.0

//! Sequences as text: a line `@ WORKER`, and a line for each step.

use std::collections::VecDeque;
use std::fmt;

/// How many sequences of each worker are remembered.
const WINDOW: usize = 64;

/// A sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sequence {
    /// The process that runs it.
    pub(super) worker: String,
    /// A line each.
    pub(super) steps: Vec<String>,
}

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "@ {}", self.worker)?;
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
        if let Some(worker) = line.strip_prefix("@ ") {
            self.begin(worker);
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

    fn begin(&mut self, worker: &str) {
        let own = |sequence: &Sequence| sequence.worker == worker;
        let known = self.0.iter().filter(|sequence| own(sequence)).count();
        let oldest = self.0.iter().position(own);
        if let Some(oldest) = oldest.filter(|_| known >= WINDOW) {
            self.0.remove(oldest);
        }
        self.0.push_back(Sequence {
            worker: worker.to_owned(),
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
        let sequences = parse("# seed 7\n@ 0\n0 OPEN 1\n0 CLOSE 2\n\n@ 1\n2 FORK 3\n");
        assert_eq!(sequences.len(), 2);
        assert_eq!(sequences[0].steps, ["0 OPEN 1", "0 CLOSE 2"]);
        assert_eq!(
            text(&sequences),
            "@ 0\n0 OPEN 1\n0 CLOSE 2\n@ 1\n2 FORK 3\n"
        );
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
