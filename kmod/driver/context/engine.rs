// SPDX-License-Identifier: GPL-2.0

//! Running a context: its command processor, a slice at a time.

use super::{
    event::Events,
    hang::Hang,
    state::Status,
    without_effect::WithoutEffect,
    Context,
    Submission, //
};
use crate::{
    abi::device::CTX_STAT_GUILTY,
    driver::memory::{
        Forgotten,
        GpuView, //
    },
    ext::{
        fence::Signalling,
        log,
        time,
        trace, //
    },
    gpu::{
        Configuration,
        Outcome,
        Processor,
        Registers, //
    },
};
use kernel::{
    alloc::flags,
    prelude::*,
    sync::{
        lock::{
            mutex::MutexBackend,
            Guard, //
        },
        Arc, //
    },
    time::Jiffies,
    workqueue::WorkItem, //
};

/// How much a context does before others have their turn.
#[derive(Clone, Copy)]
struct Turn {
    /// Work units.
    units: u32,
    /// How many steps there are at most: how often a wait is polled before the context steps aside.
    steps: u32,
}

impl Turn {
    /// In a worker: a few milliseconds of packets and bytes, some more of texels that are converted.
    const WORKER: Self = Self {
        units: 1 << 16,
        steps: 64,
    };

    /// In the call that submits: not much more than it takes to wake a worker.
    const SUBMITTER: Self = Self {
        units: 1 << 8,
        steps: 4,
    };
}

/// How long a wait may last without the GPU getting on, in milliseconds: the C driver's
/// `drawobj_timeout`, 2 s.
pub(crate) const HANG_TIMEOUT_MS: u64 = 2000;

const NS_PER_MS: u64 = 1_000_000;

/// How long a context that waits steps aside.
const POLL_INTERVAL: Jiffies = 1;

/// The command processor of a context and what it runs.
pub(super) struct Engine {
    processor: Processor,
    registers: KVBox<[u32; Registers::COUNT]>,
    view: GpuView,
    current: Option<KBox<Submission>>,
    /// Whether the processor is in the middle of a buffer.
    busy: bool,
    /// Since when the processor waits, in nanoseconds of the monotonic clock.
    waiting_since: Option<u64>,
    /// Whether it was reported that something had no effect.
    reported: bool,
}

/// What was given up of an engine, to be dropped outside of its lock.
pub(super) struct Aborted {
    _current: Option<KBox<Submission>>,
    _translations: Forgotten,
}

/// How a slice ended.
enum Slice {
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

    /// Runs the current submission for a turn; `None` when it is complete.
    fn run(&mut self, configuration: &Configuration, turn: Turn) -> Result<Option<Slice>, Hang> {
        let mut budget = turn.units;
        for _ in 0..turn.steps {
            if !self.busy && !self.start_next() {
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

    /// Starts the next buffer of the current submission; returns whether there was one.
    fn start_next(&mut self) -> bool {
        let Some(current) = self.current.as_mut() else {
            return false;
        };
        let (fresh, profile) = (current.is_fresh(), current.profile);
        let next = current.next_buffer();
        match (profile, next, fresh) {
            (Some(profile), Some(_), true) => profile.submitted(&mut self.view),
            (Some(profile), None, _) => profile.retired(&mut self.view),
            _ => {}
        }
        if let Some(buffer) = next {
            self.processor.start(buffer.address, buffer.dwords);
        }
        self.busy = next.is_some();
        self.busy
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

    /// Hands on what was counted, before anybody learns that the work is done.
    fn note_counters(&mut self) {
        self.view.count(self.processor.counters());
    }

    /// What had no effect for want of a shader core or a render backend, the first time that
    /// something had none.
    fn newly_without_effect(&mut self) -> Option<WithoutEffect> {
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

impl WorkItem for Context {
    type Pointer = Arc<Self>;

    fn run(this: Arc<Self>) {
        // Before the signalling section begins, since it may look for memory.
        let _trace = this.tracee.trace();
        let signalling = Signalling::begin();
        let slice = this.run_turn(this.engine.lock(), Turn::WORKER);
        drop(signalling);
        match slice {
            Slice::Idle => {}
            Slice::More => this.schedule(0),
            Slice::Waiting => this.schedule(POLL_INTERVAL),
        }
    }
}

impl Context {
    /// Has the context's work run after `delay`. A work that is already queued is left where it is.
    pub(super) fn schedule(self: Arc<Self>, delay: Jiffies) {
        let device = self.device.clone();
        // An error returns the reference because the work is queued already.
        let _ = device.queue.queue().enqueue_delayed(self, delay);
    }

    /// Runs what was just queued in the time of the caller, who has found the context idle, as far
    /// as that is short; a worker does the rest. So the shortest work costs no switch to another
    /// thread.
    pub(super) fn run_at_once(self: &Arc<Self>) {
        let signalling = Signalling::begin();
        let slice = match self.engine.try_lock() {
            Some(engine) => self.run_turn(engine, Turn::SUBMITTER),
            None => Slice::More,
        };
        drop(signalling);
        match slice {
            Slice::Idle => {}
            // The worker polls a wait for a while before it steps aside.
            Slice::More | Slice::Waiting => self.clone().schedule(0),
        }
    }

    /// Runs what is queued, for one turn.
    fn run_turn(&self, mut engine: Guard<'_, Engine, MutexBackend>, turn: Turn) -> Slice {
        let configuration = self.device.configuration();
        if engine.current.is_none() {
            engine.current = self.begin_next();
        }
        let Some(current) = &engine.current else {
            let translations = engine.view.forget();
            drop(engine);
            drop(translations);
            return Slice::Idle;
        };
        let timestamp = current.timestamp;
        match self.run_counted(&mut engine, &configuration, turn) {
            Ok(Some(slice)) => slice,
            Ok(None) => {
                let finished = engine.current.take();
                // What is queued next may well use them; an idle context keeps no memory alive.
                let idle = self.state.lock().queue.is_empty();
                let translations = idle.then(|| engine.view.forget());
                drop(engine);
                drop(translations);
                self.finish(finished, timestamp)
            }
            Err(hang) => {
                let guilty = engine.abort();
                drop(engine);
                drop(guilty);
                self.fault(timestamp, &hang);
                Slice::Idle
            }
        }
    }

    /// Runs the current submission for a turn, and counts what it does and how long it takes.
    fn run_counted(
        &self,
        engine: &mut Engine,
        configuration: &Configuration,
        turn: Turn,
    ) -> Result<Option<Slice>, Hang> {
        let running = self.device.busy.begin();
        let result = engine.run(configuration, turn);
        engine.note_counters();
        if let Some(what) = engine.newly_without_effect() {
            log::without_effect(self.id, &what);
        }
        let nanoseconds = running.stop();
        self.usage.ran(nanoseconds);
        if let Some(current) = &mut engine.current {
            current.ran_ns += nanoseconds;
        }
        result
    }

    /// Takes the next submission out of the queue, if nothing holds it up and the one before has
    /// retired. As long as something holds it up, it takes up room in the queue and has not begun;
    /// what it waits for will have the context run again, and so will who retires the one before:
    /// a worker and a call that submits may meet here, and nothing may overtake.
    fn begin_next(&self) -> Option<KBox<Submission>> {
        let mut state = self.state.lock();
        if state.running || !state.queue.first()?.is_ready() {
            return None;
        }
        let next = state.queue.remove(0).ok();
        state.running = next.is_some();
        if let Some(timestamp) = next.as_ref().and_then(|next| next.timestamp) {
            state.consumed = timestamp;
            self.device.memstore.set_consumed(self.id, timestamp);
        }
        let waiting = state.queue.len();
        drop(state);
        if let Some(next) = &next {
            trace::submitted(self.id, next.timestamp.unwrap_or(0), waiting);
        }
        self.changed.notify_all();
        next
    }

    /// Does what is to happen when a submission is complete, and retires its timestamp. Returns
    /// whether something has been queued meanwhile.
    fn finish(&self, finished: Option<KBox<Submission>>, timestamp: Option<u32>) -> Slice {
        if let Some(finished) = finished {
            let finished = KBox::into_inner(finished);
            trace::retired(self.id, timestamp.unwrap_or(0), finished.ran_ns);
            finished.complete(&self.device.timelines, &self.process.space);
        }
        self.retire(timestamp);
        let mut state = self.state.lock();
        // From here on the next one may begin. Who has queued something has seen that one runs, and
        // leaves it to us.
        state.running = false;
        let slice = match state.queue.is_empty() {
            true => Slice::Idle,
            false => Slice::More,
        };
        drop(state);
        self.changed.notify_all();
        slice
    }

    /// The timestamp has retired.
    fn retire(&self, timestamp: Option<u32>) {
        let mut state = self.state.lock();
        let mut reached = Events::new();
        if let (Status::Active, Some(timestamp)) = (state.status, timestamp) {
            state.retired = timestamp;
            self.device.memstore.set_retired(self.id, timestamp);
            reached = state.events.take_reached(timestamp);
        }
        drop(state);
        reached.run();
    }

    /// The submission of that timestamp could not go on: its context is guilty, and ends.
    fn fault(&self, timestamp: Option<u32>, hang: &Hang) {
        log::fault(self.id, timestamp.unwrap_or(0), hang);
        hang.trace(self.id, timestamp.unwrap_or(0));
        self.device.count_reset(self.id);
        let mut state = self.state.lock();
        state.page_fault = hang.page_fault();
        state.running = false;
        let mut leftovers = None;
        if state.status == Status::Active {
            leftovers = Some(state.end(Status::Invalid));
            state.reset_status = CTX_STAT_GUILTY;
            state.faults.faults = state.faults.faults.saturating_add(1);
            state.faults.timestamp = timestamp.unwrap_or(0);
            self.publish_end(&state);
        }
        drop(state);
        if let Some(leftovers) = leftovers {
            leftovers.settle();
        }
        self.changed.notify_all();
    }
}
