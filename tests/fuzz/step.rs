// SPDX-License-Identifier: GPL-2.0

//! A sequence of steps, and the text in which it is reported and replayed.
//!
//! A step is a line `ACTOR CALL SEED`: the thread that does it, the name of what it does, and the seed of every choice
//! that the call leaves open, in hexadecimal. A line `@ WORKER` begins a sequence and names the process that runs it. The
//! steps of `@ WORKER SEED` follow from that seed, and need not be there. Lines that begin with `#` are for people.

use std::fmt::Write;

use super::calls;
use super::shared::WORKERS;

/// Threads of a worker, at the most.
pub(super) const ACTORS: usize = 3;

/// Steps of a sequence, at the most.
pub(super) const LONGEST: usize = 192;

/// One step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// The thread that does it, below [`ACTORS`].
    pub actor: u8,
    /// What it does: an index into [`calls::TABLE`].
    pub call: u8,
    /// The seed of its choices.
    pub seed: u32,
}

impl Step {
    /// The step as a number, for memory that workers share.
    pub(super) fn pack(self) -> u64 {
        (u64::from(self.actor) << 40) | (u64::from(self.call) << 32) | u64::from(self.seed)
    }

    /// The step of a number; `None` for one that no step has.
    pub(super) fn unpack(number: u64) -> Option<Self> {
        let [s0, s1, s2, s3, call, actor, ..] = number.to_le_bytes();
        let step = Self {
            actor,
            call,
            seed: u32::from_le_bytes([s0, s1, s2, s3]),
        };
        let known = usize::from(call) < calls::TABLE.len() && usize::from(actor) < ACTORS;
        known.then_some(step)
    }

    fn parse(line: &str) -> Option<Self> {
        let mut words = line.split_whitespace();
        let actor = words
            .next()?
            .parse()
            .ok()
            .filter(|&actor| usize::from(actor) < ACTORS)?;
        let name = words.next()?;
        let call = calls::TABLE.iter().position(|call| call.name == name)?;
        let seed = u32::from_str_radix(words.next()?, 16).ok()?;
        words.next().is_none().then_some(Self {
            actor,
            call: u8::try_from(call).ok()?,
            seed,
        })
    }
}

/// Steps that begin with an open device and nothing else, and whose every trace is gone at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sequence {
    /// The process that runs it.
    pub worker: usize,
    /// What all its steps follow from, unless it was made from other sequences.
    pub seed: Option<u64>,
    /// Its steps.
    pub steps: Vec<Step>,
}

impl Sequence {
    /// Whether more than one thread takes part.
    pub(super) fn is_race(&self) -> bool {
        self.steps.iter().any(|step| step.actor > 0)
    }

    /// Appends the text.
    pub(super) fn write(&self, text: &mut String) {
        // Writing to a string does not fail.
        let _ = match self.seed {
            Some(seed) => writeln!(text, "@ {} {seed:x}", self.worker),
            None => writeln!(text, "@ {}", self.worker),
        };
        for step in &self.steps {
            let name = calls::TABLE[usize::from(step.call)].name;
            let _ = writeln!(text, "{} {name} {:x}", step.actor, step.seed);
        }
    }

    /// A sequence without steps, of the line that begins it.
    fn titled(title: &str) -> Option<Self> {
        let (worker, seed) = match title.split_once(' ') {
            Some((worker, seed)) => (worker, Some(u64::from_str_radix(seed, 16).ok()?)),
            None => (title, None),
        };
        Some(Self {
            worker: worker.parse().ok().filter(|&worker| worker < WORKERS)?,
            seed,
            steps: vec![],
        })
    }

    /// The sequences of a text; an error names the line that is none.
    pub(super) fn parse_all(text: &str) -> Result<Vec<Self>, String> {
        let mut sequences: Vec<Self> = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let wrong = || format!("line {}: not a step: {line}", index + 1);
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if let Some(title) = line.strip_prefix("@ ") {
                sequences.push(Self::titled(title).ok_or_else(wrong)?);
                continue;
            }
            let step = Step::parse(line).ok_or_else(wrong)?;
            let sequence = sequences.last_mut().ok_or_else(wrong)?;
            sequence.steps.push(step);
        }
        Ok(sequences)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sequence() -> Sequence {
        let step = |actor, call, seed| Step { actor, call, seed };
        Sequence {
            worker: 1,
            seed: None,
            steps: vec![step(0, 0, 0xdead_beef), step(2, 5, 0)],
        }
    }

    #[test]
    fn text_and_back() {
        let mut text = "# found on a rainy day\n".to_owned();
        sequence().write(&mut text);
        assert_eq!(Sequence::parse_all(&text).unwrap(), [sequence()]);
        let mut seeded = sequence();
        seeded.seed = Some(u64::MAX);
        seeded.write(&mut text);
        assert_eq!(Sequence::parse_all(&text).unwrap(), [sequence(), seeded]);
    }

    #[test]
    fn a_number_and_back() {
        for step in sequence().steps {
            assert_eq!(Step::unpack(step.pack()), Some(step));
        }
        assert_eq!(Step::unpack(u64::MAX), None);
    }

    #[test]
    fn what_is_no_step_is_named() {
        for wrong in [
            "0 NOTHING 0",
            "@ x",
            "@ 0 x",
            "@ 99",
            "9 OPEN 0",
            "0 OPEN g",
            "0 OPEN",
        ] {
            let text = format!("@ 0\n{wrong}\n");
            let error = Sequence::parse_all(&text).unwrap_err();
            assert!(error.starts_with("line 2: "), "{error}");
        }
        assert!(Sequence::parse_all("0 OPEN 0\n").is_err());
    }
}
