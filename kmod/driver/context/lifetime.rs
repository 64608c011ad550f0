// SPDX-License-Identifier: GPL-2.0

//! Creating and ending contexts.

use super::{
    engine::{
        Aborted,
        Engine, //
    },
    state::{
        State,
        Status, //
    },
    Context, //
};
use crate::{
    abi::{
        command::PageFaultReport,
        context as abi,
        device::{
            ContextPropertyFault,
            CTX_STAT_GUILTY,
            CTX_STAT_INNOCENT,
            CTX_STAT_NO_ERROR, //
        },
    },
    driver::{
        memory::GpuView,
        perfcounter::Meter,
        File, //
    },
    ext::{
        coverage::Tracee,
        errno,
        fence::Timeline,
        lock::new_mutex,
        workqueue, //
    },
};
use kernel::{
    alloc::flags,
    new_condvar,
    new_delayed_work,
    prelude::*,
    sync::{
        Arc,
        CondVarTimeoutResult, //
    },
    time::msecs_to_jiffies, //
};

/// The flags that a context may have; all others are dropped, as in the C driver.
const KNOWN: u32 = abi::CONTEXT_PREAMBLE
    | abi::CONTEXT_NO_GMEM_ALLOC
    | abi::CONTEXT_PER_CONTEXT_TS
    | abi::CONTEXT_USER_GENERATED_TS
    | abi::CONTEXT_NO_FAULT_TOLERANCE
    | abi::CONTEXT_INVALIDATE_ON_FAULT
    | abi::CONTEXT_CTX_SWITCH
    | abi::CONTEXT_PRIORITY_MASK
    | abi::CONTEXT_TYPE_MASK
    | abi::CONTEXT_PWR_CONSTRAINT
    | abi::CONTEXT_IFH_NOP
    | abi::CONTEXT_PREEMPT_STYLE_MASK
    | abi::CONTEXT_NO_SNAPSHOT
    | abi::CONTEXT_FAULT_INFO;

/// The flags that every context must have: the driver saves no state between submissions.
const DEMANDED: u32 = abi::CONTEXT_PREAMBLE | abi::CONTEXT_NO_GMEM_ALLOC;

/// How long destroying a context waits for its work, in milliseconds.
const DRAIN_TIMEOUT_MS: u32 = 30_000;

impl Context {
    /// A context that is in no table yet.
    ///
    /// Fails with `EINVAL` when demanded flags are missing, with `EOPNOTSUPP` for secure or
    /// low-priority compute contexts, and with `ENOSPC` when there are too many.
    pub(crate) fn new(owner: &File, wanted: u32) -> Result<Arc<Self>> {
        let flags = effective_flags(wanted)?;
        owner.process.context_created()?;
        Self::with_flags(owner, flags).inspect_err(|_| owner.process.context_ended())
    }

    fn with_flags(file: &File, flags: u32) -> Result<Arc<Self>> {
        let device = &file.device;
        let meter = Meter::new(device.clone());
        let view = GpuView::metered(file.process.space.clone(), meter);
        let engine = KBox::new(Engine::new(view)?, flags::GFP_KERNEL_ACCOUNT)?;
        let state = State::new(engine)?;
        let id = device.take_context_id()?;
        let undo = |_: &Error| device.give_back_context_id(id);
        let timeline = Timeline::of_context(id).inspect_err(undo)?;
        let timestamps = device.memstore.slot(id).inspect_err(undo)?;
        timestamps.set_consumed(0);
        timestamps.set_retired(0);
        Arc::pin_init(
            pin_init!(Self {
                id,
                flags,
                owner: file.id,
                timestamps,
                device: device.clone(),
                process: file.process.clone(),
                usage: file.usage.clone(),
                tracee: Tracee::current(),
                timeline,
                state <- new_mutex!(state),
                changed <- new_condvar!(),
                work <- new_delayed_work!("kgsl-context"),
                entry <- new_mutex!(None),
            }),
            flags::GFP_KERNEL,
        )
        .inspect_err(undo)
    }

    /// Shows the context in debugfs, until it ends.
    pub(crate) fn appear(self: &Arc<Self>) {
        let entry = self.device.context_entry(self);
        *self.entry.lock() = entry;
    }

    /// Takes no more work, and waits until the context has nothing left to run, for as long as the C
    /// driver does at most. What waits for a fence will not run any more, as in the C driver.
    pub(crate) fn drain(&self) {
        self.state.lock().closing = true;
        // Who waits for room in the queue will get none.
        self.changed.notify_all();
        let mut left = msecs_to_jiffies(DRAIN_TIMEOUT_MS);
        let mut state = self.state.lock();
        while !state.is_idle() && !state.is_held_up() {
            match self.wait_for_change(&mut state, left) {
                CondVarTimeoutResult::Woken { jiffies } => left = jiffies,
                CondVarTimeoutResult::Timeout | CondVarTimeoutResult::Signal { .. } => return,
            }
        }
    }

    /// Ends the context: its work is dropped, everything counts as retired, and its id may be used
    /// again.
    pub(crate) fn end(self: &Arc<Self>) {
        let mut state = self.state.lock();
        let leftovers = state.end(Status::Detached);
        self.publish_end(&state);
        drop(state);
        leftovers.settle();
        self.changed.notify_all();
        // What is being run holds waiters that would have the work run again: they go first.
        drop(self.abort());
        workqueue::disable(self);
        // Whoever looks at the context is waited for, and may be waiting for its state.
        let entry = self.entry.lock().take();
        drop(entry);
        self.device.withdraw(self.id);
        self.device.give_back_context_id(self.id);
        self.process.context_ended();
    }

    /// Takes away what is being run, once whoever runs it has had its turn.
    fn abort(&self) -> Option<Aborted> {
        let mut state = self.state.lock();
        while state.engine.is_none() {
            self.wait_for_engine(&mut state);
        }
        let engine = state.engine.as_mut();
        engine.map(|engine| engine.abort())
    }

    /// Shows the last timestamps of a context that ends, whose state is locked.
    pub(super) fn publish_end(&self, state: &State) {
        self.timestamps.set_consumed(state.consumed);
        self.timestamps.set_retired(state.retired);
        if let Some(progress) = self.device.contexts.progress(self.id) {
            progress.set_ended();
        }
    }

    /// Whether that file owns the context.
    pub(crate) fn is_owned_by(&self, file: &File) -> bool {
        self.owner == file.id
    }

    /// The access to memory that ended the context, if that was it.
    ///
    /// Fails with `EINVAL` when the context is still good.
    pub(crate) fn page_fault(&self) -> Result<Option<PageFaultReport>> {
        let state = self.state.lock();
        match state.status {
            Status::Invalid => Ok(state.page_fault),
            Status::Active | Status::Detached => Err(EINVAL),
        }
    }

    /// What KGSL_CONTEXT_PROP_FAULTS says.
    pub(crate) fn fault_history(&self) -> ContextPropertyFault {
        self.state.lock().faults
    }

    /// Another context is guilty of a reset. Nothing is lost of this one, which goes on; the C driver
    /// tells every context of the device, too.
    pub(crate) fn acquit(&self) {
        let mut state = self.state.lock();
        if state.reset_status != CTX_STAT_GUILTY {
            state.reset_status = CTX_STAT_INNOCENT;
        }
    }

    /// What GPU_RESET_STAT says: how the last reset concerned the context. Reading clears it.
    pub(crate) fn take_reset_status(&self) -> u32 {
        core::mem::replace(&mut self.state.lock().reset_status, CTX_STAT_NO_ERROR)
    }
}

/// The flags that a context gets when a program asks for `wanted`.
fn effective_flags(wanted: u32) -> Result<u32> {
    if wanted & DEMANDED != DEMANDED {
        return Err(EINVAL);
    }
    if wanted & (abi::CONTEXT_SECURE | abi::CONTEXT_LPAC) != 0 {
        return Err(errno::eopnotsupp());
    }
    let flags = wanted & KNOWN | abi::CONTEXT_PER_CONTEXT_TS;
    Ok(match flags & abi::CONTEXT_PRIORITY_MASK {
        0 => flags | (abi::CONTEXT_PRIORITY_MEDIUM << abi::CONTEXT_PRIORITY_SHIFT),
        _ => flags,
    })
}
