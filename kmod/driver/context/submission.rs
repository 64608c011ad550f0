// SPDX-License-Identifier: GPL-2.0

//! A submission: what a context does at its turn.

use super::{
    Buffer,
    Buffers,
    Context,
    Profile, //
};
use crate::{
    driver::{
        memory::{
            AddressSpace,
            Change,
            Object,
            Reach, //
        },
        timeline::{
            Timeline,
            Timelines, //
        },
    },
    ext::{
        fence::{
            Fence,
            Waiter, //
        },
        time, //
    },
};
use kernel::{
    alloc::flags,
    prelude::*,
    sync::Arc, //
};

/// Command buffers that run one after the other, once everything that they wait for has happened. A
/// marker has none, and only retires its timestamp.
pub(crate) struct Submission {
    /// The timestamp that it retires; none, if it only makes what follows wait.
    pub(super) timestamp: Option<u32>,
    /// Whether it gets a timestamp.
    numbered: bool,
    /// What it waits for; `None` for nothing.
    waits: Option<KVVec<Pin<KBox<Waiter<Context>>>>>,
    buffers: Buffers,
    next: usize,
    /// For how many nanoseconds it has run.
    pub(super) ran_ns: u64,
    /// When its command buffers have run last, in nanoseconds of the monotonic clock.
    pub(super) ended_ns: u64,
    /// Where its profile goes.
    pub(super) profile: Option<Profile>,
    /// What is done when it retires; `None` for nothing.
    operation: Option<KBox<Operation>>,
    /// Held for its drop effect, once it has to wait for its turn.
    pub(super) reach: Option<Reach<Arc<AddressSpace>>>,
}

/// What a submission does beside command buffers.
pub(crate) enum Operation {
    /// It moves timelines on.
    Signal(KVVec<(Arc<Timeline>, u64)>),
    /// It binds memory to a virtual buffer object.
    Bind(Arc<Object>, KVVec<Change>),
}

impl Default for Submission {
    /// A marker, which waits for nothing; what else it is, it becomes where it stands, since it is
    /// large to be moved.
    fn default() -> Self {
        Self {
            timestamp: None,
            numbered: true,
            waits: None,
            buffers: Buffers::new(),
            next: 0,
            ran_ns: 0,
            ended_ns: 0,
            profile: None,
            operation: None,
            reach: None,
        }
    }
}

impl Submission {
    /// Its command buffers, to add some.
    pub(crate) fn buffers(&mut self) -> &mut Buffers {
        &mut self.buffers
    }

    /// Has the submission profiled.
    pub(crate) fn profile(&mut self, profile: Profile) {
        self.profile = Some(profile);
    }

    /// Whether none of its buffers has been begun.
    pub(super) fn is_fresh(&self) -> bool {
        self.next == 0
    }

    /// A submission without command buffers.
    ///
    /// Fails with `ENOMEM`.
    pub(crate) fn operation(operation: Operation) -> Result<Self> {
        let operation = KBox::new(operation, flags::GFP_KERNEL_ACCOUNT)?;
        Ok(Self {
            operation: Some(operation),
            ..Self::default()
        })
    }

    /// Has the submission only make those after it wait, without a timestamp.
    pub(crate) fn make_barrier(&mut self) {
        self.numbered = false;
    }

    /// Whether it gets a timestamp when it is queued.
    pub(super) fn is_numbered(&self) -> bool {
        self.numbered
    }

    /// Makes the submission wait for a fence; `context` is that to which it will be handed.
    pub(crate) fn wait_for(&mut self, fence: Fence, context: &Arc<Context>) -> Result {
        if fence.is_signaled() {
            return Ok(());
        }
        let waits = self.waits.get_or_insert_with(KVVec::new);
        waits.reserve(1, flags::GFP_KERNEL_ACCOUNT)?;
        let waiter = Waiter::new(fence, context.clone())?;
        waits.push(waiter, flags::GFP_KERNEL_ACCOUNT)?;
        Ok(())
    }

    /// Whether everything has happened that it waits for.
    pub(super) fn is_ready(&self) -> bool {
        let mut waits = self.waits.iter().flatten();
        waits.all(|waiter| waiter.is_done())
    }

    /// Does what is to happen when it retires, and gives up what it was waiting with. Returns when that
    /// is done, in nanoseconds of the monotonic clock.
    pub(super) fn complete(&mut self, timelines: &Timelines, space: &AddressSpace) -> u64 {
        self.waits = None;
        self.reach = None;
        let Some(operation) = self.operation.take() else {
            return self.ended_ns;
        };
        match KBox::into_inner(operation) {
            Operation::Signal(points) => {
                for (timeline, seqno) in points {
                    timelines.signal(&timeline, seqno);
                }
            }
            Operation::Bind(target, changes) => space.bind(&target, changes),
        }
        time::monotonic_ns()
    }

    /// Whether a buffer is left.
    pub(super) fn has_buffer(&self) -> bool {
        self.buffers.get(self.next).is_some()
    }

    /// The buffer that runs next, if one is left.
    pub(super) fn next_buffer(&mut self) -> Option<Buffer> {
        let buffer = self.buffers.get(self.next)?;
        self.next += 1;
        Some(buffer)
    }
}
