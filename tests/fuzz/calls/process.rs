// SPDX-License-Identifier: GPL-2.0

//! Processes that are forked and killed, and threads that give way to each other.

use std::thread;
use std::time::Duration;

use super::TABLE;
use crate::client::{self, Forked};
use crate::fuzz::dice::Dice;
use crate::fuzz::run::{Run, Stage};
use crate::fuzz::shared::Count;
use crate::fuzz::world::World;

/// How long a child may live, in milliseconds.
const LIFE: u64 = 20;

/// Forks a child that has the files of its parent, which are of no use to it, and does steps of its own with the device.
/// It is killed some time if it does not end before.
pub(super) fn fork(run: &mut Run<'_>) {
    let seed = run.dice.any64();
    let stage = run.stage;
    let child = match client::fork() {
        Ok(Forked::Child(end)) => {
            child(stage, seed);
            end.now()
        }
        Ok(Forked::Parent(child)) => child,
        Err(_) => return,
    };
    let soon = run.dice.below(LIFE);
    for _ in 0..soon {
        if child.has_ended() {
            return;
        }
        thread::sleep(Duration::from_millis(1));
    }
    child.kill();
}

/// What the child does: a try of what it has inherited, then steps in a world of its own. Other threads, and whatever
/// they held, are not there.
fn child(stage: Stage<'_>, seed: u64) {
    let mut dice = Dice::new(seed);
    let world = World::default();
    let own = Stage {
        world: &world,
        ..stage
    };
    for _ in 0..dice.below(24) {
        let call = dice.index(TABLE.len());
        // A child's child would outlive whoever waits for it.
        if matches!(TABLE[call].name, "FORK" | "COMPAT") {
            continue;
        }
        stage.shared.count(stage.worker, Count::Steps);
        let mut step = Run::new(own, call, dice.any32());
        (TABLE[call].run)(&mut step);
    }
}

/// Gives way, or waits a little: works of the GPU get on meanwhile.
pub(super) fn give_way(run: &mut Run<'_>) {
    match run.dice.below(8) {
        0 => thread::sleep(Duration::from_micros(run.dice.below(500))),
        _ => thread::yield_now(),
    }
}
