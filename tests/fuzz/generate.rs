// SPDX-License-Identifier: GPL-2.0

//! Makes sequences: fresh ones, and changed ones of those that saw something first.

use super::calls;
use super::dice::Dice;
use super::shared::Shared;
use super::step::{Sequence, Step, ACTORS, LONGEST};

/// What every fresh sequence begins with, so that calls have something to work on.
const PROLOGUE: [&str; 7] = [
    "DRAWCTXT_CREATE",
    "GPUMEM_ALLOC_ID",
    "MMAP",
    "GPUOBJ_ALLOC",
    "GPUMEM_ALLOC_ID",
    "MMAP",
    "TIMELINE_CREATE",
];

/// Steps of a fresh sequence, at the least.
const SHORTEST: usize = 24;

/// The index of the call of that name.
fn named(name: &str) -> u8 {
    let index = calls::TABLE.iter().position(|call| call.name == name);
    index
        .and_then(|index| u8::try_from(index).ok())
        .expect("the prologue names calls")
}

/// A call, by weight.
fn call(dice: &mut Dice) -> u8 {
    let all: u32 = calls::TABLE.iter().map(|call| call.weight).sum();
    let mut left = dice.below32(all);
    for (call, index) in calls::TABLE.iter().zip(0..) {
        match left.checked_sub(call.weight) {
            Some(rest) => left = rest,
            None => return index,
        }
    }
    0
}

fn step(dice: &mut Dice, actors: usize) -> Step {
    Step {
        actor: dice.index(actors).to_le_bytes()[0],
        call: call(dice),
        seed: dice.any32(),
    }
}

/// The steps of a sequence that follows from the seed alone.
fn fresh(seed: u64) -> Vec<Step> {
    let dice = &mut Dice::new(seed);
    let actors = match dice.one_in(6) {
        true => 2 + dice.index(ACTORS - 1),
        false => 1,
    };
    let prologue = PROLOGUE.map(|name| Step {
        actor: 0,
        call: named(name),
        seed: dice.any32(),
    });
    let length = SHORTEST + dice.index(LONGEST - SHORTEST);
    let mut steps = prologue.to_vec();
    while steps.len() < length {
        steps.push(step(dice, actors));
    }
    steps
}

/// Changes a sequence in one way.
fn change(dice: &mut Dice, steps: &mut Vec<Step>, other: &[Step]) {
    let at = dice.index(steps.len() + 1);
    let end = at + dice.index(steps.len() + 1 - at);
    match dice.below(7) {
        0 => steps.insert(at, step(dice, 1)),
        1 => drop(steps.drain(at..end.min(at + 8))),
        2 => steps
            .iter_mut()
            .skip(at)
            .take(1)
            .for_each(|step| step.seed = dice.any32()),
        3 => {
            let copy: Vec<_> = steps[at..end.min(at + 8)].to_vec();
            steps.extend(copy);
        }
        4 => {
            steps.truncate(at);
            let from = dice.index(other.len() + 1);
            steps.extend(&other[from..]);
        }
        5 => {
            let actor = dice.index(ACTORS).to_le_bytes()[0];
            steps[at..end]
                .iter_mut()
                .for_each(|step| step.actor = actor);
        }
        _ => (0..4).for_each(|_| steps.push(step(dice, 1))),
    }
}

/// The next sequence of a worker: a changed one more often than a fresh one, once there are some.
pub(super) fn next(dice: &mut Dice, shared: &Shared, worker: usize) -> Sequence {
    let kept = shared.kept();
    let mut steps = match kept > 0 && !dice.one_in(3) {
        true => shared.recall(dice.index(kept)),
        false => vec![],
    };
    if steps.is_empty() {
        return of_seed(dice.any64(), worker);
    }
    let other = shared.recall(dice.index(kept));
    for _ in 0..=dice.below(6) {
        change(dice, &mut steps, &other);
    }
    steps.truncate(LONGEST);
    Sequence {
        worker,
        seed: None,
        steps,
    }
}

/// The sequence that follows from the seed alone.
fn of_seed(seed: u64, worker: usize) -> Sequence {
    Sequence {
        worker,
        seed: Some(seed),
        steps: fresh(seed),
    }
}

/// The sequence with its steps, which those of a seed need not have.
pub(super) fn complete(sequence: Sequence) -> Sequence {
    match sequence.seed {
        Some(seed) if sequence.steps.is_empty() => of_seed(seed, sequence.worker),
        _ => sequence,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_sequences() {
        let make = |seed| {
            let (shared, mut dice) = (Shared::new().unwrap(), Dice::new(seed));
            let first = next(&mut dice, &shared, 0);
            shared.keep(&first);
            (0..50)
                .map(|_| next(&mut dice, &shared, 0))
                .collect::<Vec<_>>()
        };
        let sequences = make(3);
        assert_eq!(sequences, make(3));
        assert_ne!(sequences, make(4));
        assert!(sequences
            .iter()
            .all(|sequence| sequence.steps.len() <= LONGEST));
        assert!(sequences.iter().any(Sequence::is_race));
    }

    #[test]
    fn a_fresh_sequence_follows_from_its_seed() {
        let (shared, mut dice) = (Shared::new().unwrap(), Dice::new(3));
        let fresh = next(&mut dice, &shared, 1);
        assert!(fresh.seed.is_some() && fresh.steps.len() >= SHORTEST);
        let bare = Sequence {
            steps: vec![],
            ..fresh.clone()
        };
        assert_eq!(complete(bare), fresh);
        // What somebody has changed by hand stays as it is.
        let mut changed = fresh.clone();
        changed.steps.truncate(1);
        assert_eq!(complete(changed.clone()), changed);
    }

    #[test]
    fn every_call_comes() {
        let mut dice = Dice::new(1);
        let mut seen = vec![false; calls::TABLE.len()];
        (0..100_000).for_each(|_| seen[usize::from(call(&mut dice))] = true);
        assert!(seen.into_iter().all(|seen| seen));
    }
}
