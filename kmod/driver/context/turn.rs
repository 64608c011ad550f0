// SPDX-License-Identifier: GPL-2.0

//! A context's turns: in the call that submits, and in a worker.

use super::{
    engine::{
        Engine,
        Slice,
        Turn, //
    },
    hang::Hang,
    state::{
        State,
        Status, //
    },
    Context,
    Submission, //
};
use crate::{
    abi::device::CTX_STAT_GUILTY,
    driver::memory::Reach,
    ext::{
        fence::Signalling,
        log,
        trace, //
    },
};
use kernel::{
    prelude::*,
    sync::Arc,
    time::Jiffies,
    workqueue::WorkItem, //
};

/// How long a context that waits steps aside.
const POLL_INTERVAL: Jiffies = 1;

impl WorkItem for Context {
    type Pointer = Arc<Self>;

    fn run(this: Arc<Self>) {
        // Before the signalling section begins, since it may look for memory.
        let _trace = this.tracee.trace();
        let signalling = Signalling::begin();
        let slice = this.run_turn();
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

    /// Runs a submission in the time of the caller, if nothing holds it up and the context is idle,
    /// as far as it is short; a worker does the rest. So the shortest work costs neither memory nor a
    /// switch to another thread, and contexts run side by side where they are called. Returns its
    /// timestamp, or 0 where it has none, and `None` where it has to be queued.
    ///
    /// Fails as [`Context::submit`] does.
    pub(super) fn run_at_once(
        self: &Arc<Self>,
        submission: &mut Submission,
        wanted: u32,
    ) -> Result<Option<u32>> {
        if !submission.is_ready() {
            return Ok(None);
        }
        let signalling = Signalling::begin();
        let Some(mut engine) = self.begin_at_once(submission, wanted)? else {
            return Ok(None);
        };
        let timestamp = submission.timestamp.unwrap_or(0);
        trace::queued(self.id, timestamp, 1);
        trace::submitted(self.id, timestamp, 0);
        engine.view.recall();
        if let Some(profile) = submission.profile {
            profile.queued(&mut engine.view);
        }
        let slice = self.run_for(engine, submission, Turn::SUBMITTER);
        drop(signalling);
        match slice {
            Slice::Idle => {}
            // The worker polls a wait for a while before it steps aside.
            Slice::More | Slice::Waiting => self.clone().schedule(0),
        }
        Ok(Some(timestamp))
    }

    /// Begins a submission, if the context is idle; `None` where it is not. The engine is the caller's
    /// then, until it puts it back.
    fn begin_at_once(
        &self,
        submission: &mut Submission,
        wanted: u32,
    ) -> Result<Option<KBox<Engine>>> {
        let mut state = self.state.lock();
        state.check_open()?;
        if !state.is_idle() {
            return Ok(None);
        }
        self.number(submission, &mut state, wanted)?;
        self.consume(submission, &mut state);
        Ok(state.engine.take())
    }

    /// Runs what is queued, for one turn of a worker.
    fn run_turn(&self) -> Slice {
        match self.take_turn() {
            Some((engine, mut current)) => self.run_for(engine, &mut current, Turn::WORKER),
            None => Slice::Idle,
        }
    }

    /// The engine, and what it begins or goes on with. `None` where there is nothing to run, where
    /// somebody else has it, who looks at the queue afterwards, and where the context has ended: who
    /// ends it waits for the engine, and what it goes on with may be long.
    fn take_turn(&self) -> Option<(KBox<Engine>, Submission)> {
        let mut state = self.state.lock();
        state.check().ok()?;
        let mut engine = state.engine.take()?;
        if let Some(current) = engine.current.take() {
            return Some((engine, current));
        }
        let Some(next) = self.begin_next(&mut state) else {
            let translations = engine.view.forget();
            state.engine = Some(engine);
            drop(state);
            drop(translations);
            return None;
        };
        let waiting = state.queue.len();
        self.wake_waiters(state);
        trace::submitted(self.id, next.timestamp.unwrap_or(0), waiting);
        Some((engine, KBox::into_inner(next)))
    }

    /// Runs a submission for one turn. Where it is not complete then, it is left in the engine.
    fn run_for(&self, mut engine: KBox<Engine>, current: &mut Submission, turn: Turn) -> Slice {
        match self.run_counted(&mut engine, current, turn) {
            Ok(Some(slice)) => {
                let reach = || Reach::another(self.process.space.clone());
                current.reach.get_or_insert_with(reach);
                engine.current = Some(core::mem::take(current));
                self.put_back(engine);
                slice
            }
            Ok(None) => self.finish(engine, current, turn),
            Err(hang) => {
                drop(engine.abort());
                self.fault(engine, current.timestamp, &hang);
                Slice::Idle
            }
        }
    }

    /// Puts the engine back, which has more to do. Who ends the context may be waiting for it.
    fn put_back(&self, engine: KBox<Engine>) {
        let mut state = self.state.lock();
        state.engine = Some(engine);
        self.wake_waiters(state);
    }

    /// Runs a submission for a turn, and counts what it does and how long it takes.
    fn run_counted(
        &self,
        engine: &mut Engine,
        current: &mut Submission,
        turn: Turn,
    ) -> Result<Option<Slice>, Hang> {
        let configuration = self.device.configuration();
        let began = self.device.activity.begin();
        let result = engine.run(current, &configuration, turn);
        let without_effect = engine.newly_without_effect();
        let counters = engine.counters();
        let ended = self.device.activity.end(counters);
        let nanoseconds = ended.saturating_sub(began);
        if let Some(what) = without_effect {
            log::without_effect(self.id, &what);
        }
        self.usage.ran(self.id, nanoseconds);
        current.ran_ns += nanoseconds;
        current.ended_ns = ended;
        result
    }

    /// Takes the next submission out of the queue, if nothing holds it up and the one before has
    /// retired. As long as something holds it up, it takes up room in the queue and has not begun;
    /// what it waits for will have the context run again, and so will who retires the one before.
    fn begin_next(&self, state: &mut State) -> Option<KBox<Submission>> {
        if state.running || !state.queue.first()?.is_ready() {
            return None;
        }
        let next = state.queue.remove(0).ok()?;
        self.consume(&next, state);
        Some(next)
    }

    /// A submission begins.
    fn consume(&self, submission: &Submission, state: &mut State) {
        state.running = true;
        if let Some(timestamp) = submission.timestamp {
            state.consumed = timestamp;
            self.timestamps.set_consumed(timestamp);
        }
    }

    /// Does what is to happen when a submission is complete, and retires its timestamp. Returns
    /// whether something has been queued meanwhile.
    fn finish(&self, mut engine: KBox<Engine>, finished: &mut Submission, turn: Turn) -> Slice {
        // What is queued next may well use them; an idle context keeps no memory alive. Who submits
        // has found nothing queued, and looks no second time.
        let idle = turn == Turn::SUBMITTER || self.state.lock().queue.is_empty();
        if idle {
            drop(engine.view.forget());
        }
        let timestamp = finished.timestamp;
        trace::retired(self.id, timestamp.unwrap_or(0), finished.ran_ns);
        let now = finished.complete(&self.device.timelines, &self.process.space);
        self.retire(engine, timestamp, now)
    }

    /// The timestamp has retired, `now`, and the engine is free. Returns whether something is queued.
    fn retire(&self, engine: KBox<Engine>, timestamp: Option<u32>, now: u64) -> Slice {
        let mut state = self.state.lock();
        if let (Status::Active, Some(timestamp)) = (state.status, timestamp) {
            state.retired = timestamp;
            self.timestamps.set_retired(timestamp);
            if let Some(progress) = self.device.contexts.progress(self.id) {
                progress.set_retired(timestamp, now);
            }
            if !state.events.is_empty() {
                // Before the next one begins, so that fences signal in the order of their
                // timestamps.
                let reached = state.events.take_reached(timestamp);
                drop(state);
                reached.run();
                state = self.state.lock();
            }
        }
        // From here on the next one may begin. Who has queued something has seen that one runs, and
        // leaves it to us.
        state.running = false;
        state.engine = Some(engine);
        let slice = match state.queue.is_empty() {
            true => Slice::Idle,
            false => Slice::More,
        };
        self.wake_waiters(state);
        slice
    }

    /// The submission of that timestamp could not go on: its context is guilty, and ends.
    fn fault(&self, engine: KBox<Engine>, timestamp: Option<u32>, hang: &Hang) {
        log::fault(self.id, timestamp.unwrap_or(0), hang);
        hang.trace(self.id, timestamp.unwrap_or(0));
        self.device.count_reset(self.id);
        let mut state = self.state.lock();
        state.page_fault = hang.page_fault();
        state.running = false;
        state.engine = Some(engine);
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
