// SPDX-License-Identifier: GPL-2.0

//! What happens when a timestamp retires.

use super::{
    state::State,
    timestamp::has_reached,
    Context, //
};
use crate::{
    driver::{
        list::{
            IntoValue,
            List,
            Node, //
        },
        memory::AddressSpace, //
    },
    ext::{
        fence::OwnFence,
        later::Deferred, //
    },
};
use kernel::{
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Arc, //
    },
};

/// Actions that may wait in a context, at most: other processes can add to them.
const EVENTS_MAX: usize = 65_536;

/// Something to do once.
pub(crate) enum Action {
    /// Signal a fence.
    Signal(OwnFence),
    /// Free a memory object: not in the work that signals fences, since that takes memory, too.
    Free(Deferred<Doomed>),
}

/// A memory object whose freeing was announced, and which goes with this once that is due.
pub(crate) struct Doomed {
    space: Arc<AddressSpace>,
    id: u32,
    /// 1 once it is due.
    due: Atomic<u32>,
}

impl Drop for Doomed {
    fn drop(&mut self) {
        if self.due.load(Relaxed) != 0 {
            // The program may have lost the object meanwhile, with its last file.
            let _ = self.space.free_pending(self.id);
        }
    }
}

impl Action {
    /// Frees the memory object of that id, whose freeing is announced before this is handed on.
    pub(crate) fn free(space: Arc<AddressSpace>, id: u32) -> Result<Self> {
        let due = Atomic::new(0);
        Ok(Self::Free(Deferred::new(Doomed { space, id, due })?))
    }

    /// Does it. The timestamp has retired, or never will.
    fn run(self) {
        match self {
            Self::Signal(fence) => fence.signal(Ok(())),
            Self::Free(doomed) => doomed.due.store(1, Relaxed),
        }
    }
}

/// An action and the timestamp that it waits for.
struct Event {
    timestamp: u32,
    action: Action,
}

/// Actions that wait.
pub(super) struct Events(List<Event>);

impl Events {
    /// No actions.
    pub(super) const fn new() -> Self {
        Self(List::new())
    }

    /// Takes out what was waiting for `retired` or an earlier timestamp, to be done outside of the
    /// lock.
    pub(super) fn take_reached(&mut self, retired: u32) -> Self {
        Self(
            self.0
                .take_matching(|event| has_reached(retired, event.timestamp)),
        )
    }

    /// Takes everything out.
    pub(super) fn take_all(&mut self) -> Self {
        Self(self.0.take_all())
    }

    /// Whether there is nothing to do.
    pub(super) fn is_empty(&self) -> bool {
        self.0.len() == 0
    }

    /// Does everything that is in the list.
    pub(super) fn run(mut self) {
        while let Some(event) = self.0.pop() {
            event.action.run();
        }
    }
}

impl Context {
    /// Does something when `timestamp` has retired: at once, when it has already.
    ///
    /// Fails with `EINVAL` for a timestamp that was never given out, with `ENOSPC` when too much
    /// waits already, and with `ENOMEM`; the action is dropped then.
    pub(crate) fn when_retired(&self, timestamp: u32, action: Action) -> Result {
        if self.is_due(&self.state.lock(), timestamp)? {
            action.run();
            return Ok(());
        }
        let node = Node::new(Event { timestamp, action })?;
        let mut state = self.state.lock();
        // It may have retired meanwhile.
        if self.is_due(&state, timestamp)? {
            drop(state);
            node.into_value().action.run();
            return Ok(());
        }
        if state.events.0.len() >= EVENTS_MAX {
            return Err(ENOSPC);
        }
        state.events.0.push(node);
        Ok(())
    }

    /// Whether a timestamp has retired, or never will.
    ///
    /// Fails with `EINVAL` for a timestamp that was never given out.
    pub(super) fn is_due(&self, state: &State, timestamp: u32) -> Result<bool> {
        self.check_given_out(state, timestamp)?;
        Ok(match state.retired_or_never() {
            Some(retired) => has_reached(retired, timestamp),
            None => true,
        })
    }
}
