// SPDX-License-Identifier: GPL-2.0

//! The command processor of a context and what it runs, a slice at a time.

use super::{
    hang::Hang,
    without_effect::WithoutEffect,
    Submission, //
};
use crate::{
    driver::memory::{
        Forgotten,
        GpuView, //
    },
    ext::time,
    gpu::{
        counters::Counters,
        Configuration,
        Outcome,
        Processor,
        Registers, //
    },
};
use kernel::{
    alloc::flags,
    prelude::*, //
};

/// How much a context does before others have their turn.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Turn {
    /// Work units.
    units: u32,
    /// How many steps there are at most: how often a wait is polled before the context steps aside.
    steps: u32,
}

impl Turn {
    /// In a worker: a few milliseconds of packets and bytes, some more of texels that are converted.
    pub(super) const WORKER: Self = Self {
        units: 1 << 16,
        steps: 64,
    };

    /// In the call that submits: not much more than it takes to wake a worker.
    pub(super) const SUBMITTER: Self = Self {
        units: 1 << 8,
        steps: 4,
    };
}

/// How long a wait may last without the GPU getting on, in milliseconds: the C driver's
/// `drawobj_timeout`, 2 s.
pub(crate) const HANG_TIMEOUT_MS: u64 = 2000;

const NS_PER_MS: u64 = 1_000_000;

/// The command processor of a context.
pub(super) struct Engine {
    processor: Processor,
    registers: KVBox<[u32; Registers::COUNT]>,
    pub(super) view: GpuView,
    /// What goes on in the next turn. What is complete after its first one never stands here.
    pub(super) current: Option<Submission>,
    /// Whether the processor is in the middle of a buffer.
    busy: bool,
    /// Since when the processor waits, in nanoseconds of the monotonic clock.
    waiting_since: Option<u64>,
    /// Whether it was reported that something had no effect.
    reported: bool,
}

/// What was given up of an engine, to be dropped outside of the lock.
pub(super) struct Aborted {
    _current: Option<Submission>,
    _translations: Forgotten,
}

/// How a slice ended.
pub(super) enum Slice {
    /// There is nothing to do.
    Idle,
    /// There is more to do.
    More,
    /// Something has to happen in memory first.
    Waiting,
}

impl Engine {
    /// An engine after a reset.
    pub(super) fn new(view: GpuView) -> Result<Self> {
        Ok(Self {
            processor: Processor::new(),
            // At once: a loop over them would be most of what creating a context takes.
            registers: KVBox::init(pin_init::init_zeroed(), flags::GFP_KERNEL_ACCOUNT)?,
            view,
            current: None,
            busy: false,
            waiting_since: None,
            reported: false,
        })
    }

    /// Drops what it runs.
    #[must_use]
    pub(super) fn abort(&mut self) -> Aborted {
        self.processor.abort();
        self.busy = false;
        self.waiting_since = None;
        Aborted {
            _current: self.current.take(),
            _translations: self.view.forget(),
        }
    }

    /// Runs a submission for a turn; `None` when it is complete.
    pub(super) fn run(
        &mut self,
        current: &mut Submission,
        configuration: &Configuration,
        turn: Turn,
    ) -> Result<Option<Slice>, Hang> {
        let mut budget = turn.units;
        for _ in 0..turn.steps {
            if !self.busy && !self.start_next(current) {
                return Ok(None);
            }
            let outcome = self.step(configuration, budget);
            // Buffers and waits share the turn.
            budget = self.processor.budget_left();
            match outcome {
                Outcome::Done => self.busy = false,
                Outcome::Budget => {
                    self.waiting_since = None;
                    return Ok(Some(Slice::More));
                }
                Outcome::Waiting => self.check_wait()?,
                Outcome::Fault(fault) => return Err(Hang::Fault(fault)),
            }
        }
        match self.waiting_since {
            Some(_) => Ok(Some(Slice::Waiting)),
            None => Ok(Some(Slice::More)),
        }
    }

    /// Starts the next buffer of a submission; returns whether there was one.
    fn start_next(&mut self, current: &mut Submission) -> bool {
        if current.profile.is_some() {
            self.note_progress(current);
        }
        let next = current.next_buffer();
        if let Some(buffer) = next {
            self.processor.start(buffer.address, buffer.dwords);
        }
        self.busy = next.is_some();
        self.busy
    }

    /// Leaves in a submission's profile that its first buffer begins, or that none is left.
    #[cold] // Few are profiled, and the others are not to carry what it needs.
    fn note_progress(&mut self, current: &Submission) {
        match (current.profile, current.is_fresh(), current.has_buffer()) {
            (Some(profile), true, true) => profile.submitted(&mut self.view),
            (Some(profile), _, false) => profile.retired(&mut self.view),
            _ => {}
        }
    }

    /// Runs the processor once, for at most `budget` work units.
    fn step(&mut self, configuration: &Configuration, budget: u32) -> Outcome {
        let packets = self.processor.counters().packets;
        // The register file has had the right size since it was made.
        let Some(mut registers) = Registers::new(self.registers.as_mut_slice()) else {
            return Outcome::Done;
        };
        let outcome = self
            .processor
            .run(&mut registers, &mut self.view, configuration, budget);
        if self.processor.counters().packets != packets {
            self.waiting_since = None;
        }
        outcome
    }

    /// What was counted since it was handed on last, to be handed on before anybody learns that the
    /// work is done.
    pub(super) fn counters(&mut self) -> &mut Counters {
        self.processor.counters_mut()
    }

    /// What had no effect for want of a shader core or a render backend, the first time that
    /// something had none. Asked before what was counted is handed on.
    pub(super) fn newly_without_effect(&mut self) -> Option<WithoutEffect> {
        let what = self.processor.counters().without_effect();
        let what = what.filter(|_| !self.reported)?;
        self.reported = true;
        Some(WithoutEffect(what))
    }

    /// Notes that the processor waits; fails when it has waited for too long.
    fn check_wait(&mut self) -> Result<(), Hang> {
        let now = time::monotonic_ns();
        let since = *self.waiting_since.get_or_insert(now);
        match now.saturating_sub(since) > HANG_TIMEOUT_MS * NS_PER_MS {
            true => Err(Hang::Timeout),
            false => Ok(()),
        }
    }
}
