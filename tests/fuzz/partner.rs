// SPDX-License-Identifier: GPL-2.0

//! The other threads of a worker: those that take part in races, and the one that ends waits.

use std::os::fd::RawFd;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{channel, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, Scope};
use std::time::Duration;

use super::actor::{Actor, Pulse, Setting};
use super::step::Sequence;
use super::world::World;

/// How often threads are looked at: one that is in the same step for two looks gets a signal.
const LOOK: Duration = Duration::from_millis(15);

/// A sequence of which another thread does its steps.
struct Part {
    world: Arc<World>,
    sequence: Arc<Sequence>,
    first_descriptor: RawFd,
}

/// Another thread.
#[derive(Debug)]
pub(super) struct Partner {
    parts: Sender<Part>,
    results: Receiver<bool>,
}

impl Partner {
    /// Starts the thread that does the steps of that actor; returns when it is ready.
    pub(super) fn start<'scope>(
        scope: &'scope Scope<'scope, '_>,
        setting: Setting<'scope>,
        number: usize,
        watch: &'scope Watch,
    ) -> std::io::Result<Self> {
        let (parts, work) = channel::<Part>();
        let (done, results) = channel();
        scope.spawn(move || {
            let Ok(actor) = Actor::new(setting) else {
                return;
            };
            watch.add(actor.pulse());
            if done.send(false).is_err() {
                return;
            }
            for part in work {
                let steps = part.sequence.steps.iter();
                let own = steps.filter(|step| usize::from(step.actor) == number);
                let news = actor.perform(&part.world, own, part.first_descriptor);
                // The sequence ends when nobody has its world any more.
                drop(part);
                if done.send(news).is_err() {
                    return;
                }
            }
        });
        let partner = Self { parts, results };
        partner.results.recv().map_err(std::io::Error::other)?;
        Ok(partner)
    }

    /// Has it begin.
    pub(super) fn begin(
        &self,
        world: Arc<World>,
        sequence: Arc<Sequence>,
        first_descriptor: RawFd,
    ) {
        let part = Part {
            world,
            sequence,
            first_descriptor,
        };
        self.parts
            .send(part)
            .expect("a partner lives as long as its worker");
    }

    /// Waits until it has done; returns whether it saw something that nobody had.
    pub(super) fn finish(&self) -> bool {
        self.results
            .recv()
            .expect("a partner lives as long as its worker")
    }
}

/// Watches the threads of a worker.
#[derive(Debug, Default)]
pub(super) struct Watch {
    pulses: Mutex<Vec<Arc<Pulse>>>,
    over: AtomicBool,
}

impl Watch {
    /// Watches one more.
    pub(super) fn add(&self, pulse: Arc<Pulse>) {
        self.pulses
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(pulse);
    }

    /// Lets [`Watch::run`] return.
    pub(super) fn end(&self) {
        self.over.store(true, Relaxed);
    }

    /// Interrupts every wait that takes long, until the end.
    pub(super) fn run(&self) {
        let mut last = Vec::new();
        while !self.over.load(Relaxed) {
            thread::sleep(LOOK);
            let pulses = self.pulses.lock().unwrap_or_else(PoisonError::into_inner);
            let beats: Vec<_> = pulses.iter().map(|pulse| pulse.beat()).collect();
            for (pulse, beat) in pulses.iter().zip(&beats) {
                if beat % 2 == 1 && last.contains(&(Arc::as_ptr(pulse), *beat)) {
                    pulse.kick();
                }
            }
            last = pulses.iter().map(Arc::as_ptr).zip(beats).collect();
        }
    }
}
