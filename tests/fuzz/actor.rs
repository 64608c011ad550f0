// SPDX-License-Identifier: GPL-2.0

//! A thread that does its steps of a sequence.

use std::os::fd::RawFd;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::Arc;

use super::arena::Arena;
use super::calls;
use super::code::Code;
use super::run::{Run, Stage};
use super::shared::{Count, Shared};
use super::step::Step;
use super::world::World;
use crate::client::{Kcov, Thread};

/// What a thread is about, for whoever watches it.
#[derive(Debug)]
pub(super) struct Pulse {
    /// Counts on with every step: odd while one is being done.
    beat: AtomicU32,
    /// The thread.
    thread: Thread,
}

impl Pulse {
    /// Counts on with every step: odd while one is being done.
    pub(super) fn beat(&self) -> u32 {
        self.beat.load(Relaxed)
    }

    /// Interrupts what the thread waits for.
    pub(super) fn kick(&self) {
        self.thread.signal();
    }
}

/// What every thread of a worker knows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setting<'a> {
    /// What all processes share.
    pub shared: &'a Shared,
    /// Where the module's code is.
    pub code: &'a Code,
    /// Which worker this is.
    pub worker: usize,
    /// Whether each call is written to the standard output.
    pub trace: bool,
}

impl Setting<'_> {
    /// Notes where the kernel went, and forgets it; returns whether it was somewhere for the first time.
    pub(super) fn harvest(&self, kcov: &Kcov) -> bool {
        let mut news = false;
        kcov.each(|place| {
            let distance = self.code.distance(place);
            news |= self.shared.note_place(distance);
        });
        kcov.reset();
        news
    }
}

/// The thread's own.
#[derive(Debug)]
pub(super) struct Actor<'a> {
    setting: Setting<'a>,
    arena: Arena,
    kcov: Option<Kcov>,
    pulse: Arc<Pulse>,
}

impl<'a> Actor<'a> {
    /// What the calling thread needs to do steps.
    pub(super) fn new(setting: Setting<'a>) -> Result<Self, rustix::io::Errno> {
        Ok(Self {
            setting,
            arena: Arena::new()?,
            kcov: setting.code.is_known().then(Kcov::start).flatten(),
            pulse: Arc::new(Pulse {
                beat: AtomicU32::new(0),
                thread: Thread::current(),
            }),
        })
    }

    /// For whoever watches the thread.
    pub(super) fn pulse(&self) -> Arc<Pulse> {
        self.pulse.clone()
    }

    /// Does the steps that are this thread's; returns whether they saw something that nobody had.
    pub(super) fn perform<'s>(
        &self,
        world: &World,
        steps: impl Iterator<Item = &'s Step>,
        first_descriptor: RawFd,
    ) -> bool {
        let Setting {
            shared,
            worker,
            trace,
            ..
        } = self.setting;
        let stage = Stage {
            world,
            arena: &self.arena,
            shared,
            worker,
            first_descriptor,
            trace,
        };
        if let Some(kcov) = &self.kcov {
            kcov.reset();
        }
        let mut news = false;
        for step in steps {
            news |= self.step(stage, step);
        }
        match &self.kcov {
            Some(kcov) => news | self.setting.harvest(kcov),
            None => news,
        }
    }

    fn step(&self, stage: Stage<'_>, step: &Step) -> bool {
        let call = usize::from(step.call);
        if stage.trace {
            println!("{} {} {:x}", step.actor, calls::TABLE[call].name, step.seed);
        }
        self.pulse.beat.fetch_add(1, Relaxed);
        stage.shared.count(stage.worker, Count::Steps);
        let mut run = Run::new(stage, call, step.seed);
        (calls::TABLE[call].run)(&mut run);
        self.pulse.beat.fetch_add(1, Relaxed);
        run.news
    }
}
