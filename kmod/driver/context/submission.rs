// SPDX-License-Identifier: GPL-2.0

//! A submission: what a context does at its turn.

use super::{
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
    ext::fence::{
        Fence,
        Waiter, //
    },
};
use kernel::{
    alloc::flags,
    prelude::*,
    sync::Arc, //
};

/// A command buffer in GPU memory.
#[derive(Clone, Copy)]
pub(crate) struct Buffer {
    /// GPU address, in bytes; a multiple of 4.
    pub(crate) address: u64,
    /// Size, in dwords; not 0.
    pub(crate) dwords: u32,
}

/// Command buffers that run one after the other, once everything that they wait for has happened. A
/// marker has none, and only retires its timestamp.
pub(crate) struct Submission {
    /// The timestamp that it retires; none, if it only makes what follows wait.
    pub(super) timestamp: Option<u32>,
    /// Whether it gets a timestamp.
    numbered: bool,
    waits: KVVec<Pin<KBox<Waiter<Context>>>>,
    buffers: KVVec<Buffer>,
    next: usize,
    /// For how many nanoseconds it has run.
    pub(super) ran_ns: u64,
    /// Where its profile goes.
    pub(super) profile: Option<Profile>,
    /// What is done when it retires.
    operation: Operation,
    /// Held for its drop effect, once it is queued.
    pub(super) reach: Option<Reach>,
}

/// What a submission does beside command buffers.
pub(crate) enum Operation {
    /// Nothing.
    None,
    /// It moves timelines on.
    Signal(KVVec<(Arc<Timeline>, u64)>),
    /// It binds memory to a virtual buffer object.
    Bind(Arc<Object>, KVVec<Change>),
}

impl Submission {
    /// A submission of command buffers, which waits for nothing.
    pub(crate) fn new(buffers: KVVec<Buffer>) -> Self {
        Self {
            timestamp: None,
            numbered: true,
            waits: KVVec::new(),
            buffers,
            next: 0,
            ran_ns: 0,
            profile: None,
            operation: Operation::None,
            reach: None,
        }
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
    pub(crate) fn operation(operation: Operation) -> Self {
        Self {
            operation,
            ..Self::new(KVVec::new())
        }
    }

    /// A submission that only makes those after it wait, and has no timestamp.
    pub(crate) fn barrier() -> Self {
        Self {
            numbered: false,
            ..Self::new(KVVec::new())
        }
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
        self.waits.reserve(1, flags::GFP_KERNEL_ACCOUNT)?;
        let waiter = Waiter::new(fence, context.clone())?;
        self.waits.push(waiter, flags::GFP_KERNEL_ACCOUNT)?;
        Ok(())
    }

    /// Whether everything has happened that it waits for.
    pub(super) fn is_ready(&self) -> bool {
        self.waits.iter().all(|waiter| waiter.is_done())
    }

    /// Does what is to happen when it retires.
    pub(super) fn complete(self, timelines: &Timelines, space: &AddressSpace) {
        match self.operation {
            Operation::None => {}
            Operation::Signal(points) => {
                for (timeline, seqno) in points {
                    timelines.signal(&timeline, seqno);
                }
            }
            Operation::Bind(target, changes) => space.bind(&target, changes),
        }
    }

    /// The buffer that runs next, if one is left.
    pub(super) fn next_buffer(&mut self) -> Option<Buffer> {
        let buffer = *self.buffers.get(self.next)?;
        self.next += 1;
        Some(buffer)
    }
}
