// SPDX-License-Identifier: GPL-2.0

//! What happens when a timestamp retires.

use super::{
    timestamp::has_reached,
    Context, //
};
use crate::{
    driver::memory::AddressSpace,
    ext::fence::OwnFence, //
};
use kernel::{
    alloc::flags,
    prelude::*,
    sync::Arc, //
};

/// Something to do once.
pub(crate) enum Action {
    /// Signal a fence.
    Signal(OwnFence),
    /// Free the memory object of that id.
    Free(Arc<AddressSpace>, u32),
}

impl Action {
    /// Does it. The timestamp has retired, or never will.
    fn run(self) {
        match self {
            Self::Signal(fence) => fence.signal(Ok(())),
            // The program may have lost the object meanwhile, with its last file.
            Self::Free(space, id) => drop(space.free_pending(id)),
        }
    }
}

/// An action that waits for its timestamp.
struct Node {
    timestamp: u32,
    action: Action,
    next: Option<KBox<Node>>,
}

/// Actions that wait, linked so that adding one under a lock needs no memory.
pub(super) struct Events(Option<KBox<Node>>);

impl Events {
    /// No actions.
    pub(super) const fn new() -> Self {
        Self(None)
    }

    /// Takes out what was waiting for `retired` or an earlier timestamp, to be done outside of the
    /// lock.
    pub(super) fn take_reached(&mut self, retired: u32) -> Self {
        let mut reached = Self::new();
        let mut waiting = Self::new();
        while let Some(node) = self.pop() {
            match has_reached(retired, node.timestamp) {
                true => reached.push(node),
                false => waiting.push(node),
            }
        }
        *self = waiting;
        reached
    }

    /// Takes everything out.
    pub(super) fn take_all(&mut self) -> Self {
        Self(self.0.take())
    }

    /// Does everything that is in the list.
    pub(super) fn run(mut self) {
        while let Some(node) = self.pop() {
            KBox::into_inner(node).action.run();
        }
    }

    fn push(&mut self, mut node: KBox<Node>) {
        node.next = self.0.take();
        self.0 = Some(node);
    }

    fn pop(&mut self) -> Option<KBox<Node>> {
        let mut node = self.0.take()?;
        self.0 = node.next.take();
        Some(node)
    }
}

impl Drop for Events {
    /// Link by link: a long list must not recurse.
    fn drop(&mut self) {
        while self.pop().is_some() {}
    }
}

impl Context {
    /// Does something when `timestamp` has retired: at once, when it has already.
    ///
    /// Fails with `EINVAL` for a timestamp that was never given out, and with `ENOMEM`; the action
    /// is dropped then.
    pub(crate) fn when_retired(&self, timestamp: u32, action: Action) -> Result {
        let node = KBox::new(
            Node {
                timestamp,
                action,
                next: None,
            },
            flags::GFP_KERNEL,
        )?;
        let mut state = self.state.lock();
        self.check_given_out(&state, timestamp)?;
        state.events.push(node);
        let retired = state.retired_or_never();
        let reached = match retired {
            Some(retired) => state.events.take_reached(retired),
            None => state.events.take_all(),
        };
        drop(state);
        reached.run();
        Ok(())
    }
}
