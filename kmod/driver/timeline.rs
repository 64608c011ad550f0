// SPDX-License-Identifier: GPL-2.0

//! Timelines: 64-bit counters that programs and the GPU advance, and anyone may wait for.
//!
//! Their ids are global to the device, so that processes can share them; only the file that created
//! one may destroy it, and does so when it is closed.

use super::list::{
    IntoValue,
    List,
    Node, //
};
use crate::ext::{
    fence::{
        Fence,
        OwnFence, //
    },
    ids::Ids,
    lock::{
        new_mutex,
        Mutex, //
    }, //
};
use kernel::{
    alloc::flags,
    c_str, new_condvar,
    prelude::*,
    sync::{
        Arc,
        CondVar,
        CondVarTimeoutResult, //
    },
    time::Jiffies,
    xarray::{
        AllocKind,
        XArray, //
    },
};

/// The highest id: what the C driver's table takes.
const ID_MAX: u32 = i32::MAX as u32;

/// Points of a timeline that may lie ahead, at most: any process can add to them.
const POINTS_MAX: usize = 65_536;

/// All timelines of the device.
#[pin_data]
pub(super) struct Timelines {
    #[pin]
    ids: Ids,
    #[pin]
    table: XArray<Arc<Timeline>>,
    /// Guards nothing but the wait: every timeline has a lock of its own.
    #[pin]
    waiting: Mutex<()>,
    /// Notified when any timeline moves or goes.
    #[pin]
    moved: CondVar,
}

/// A timeline.
#[pin_data]
pub(super) struct Timeline {
    /// The file that created it, by [`File::id`](super::File::id).
    owner: u64,
    #[pin]
    state: Mutex<State>,
}

struct State {
    value: u64,
    /// Whether it was destroyed: its points are then reached with an error.
    destroyed: bool,
    /// The fences of points that lie ahead.
    pending: List<Point>,
}

/// A fence of a point.
struct Point {
    seqno: u64,
    fence: OwnFence,
}

/// Whether a wait needs all of its points or any of them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Demand {
    All,
    Any,
}

impl Timelines {
    /// No timelines.
    pub(super) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            ids <- Ids::new(),
            table <- XArray::new(AllocKind::Alloc),
            waiting <- new_mutex!(()),
            moved <- new_condvar!(),
        })
    }

    /// Creates a timeline that stands at `value`, for the file `owner`, and returns its id.
    pub(super) fn create(&self, owner: u64, value: u64) -> Result<u32> {
        let timeline = Timeline::new(owner, value)?;
        let id = self.ids.take(1, ID_MAX)?;
        let stored = self
            .table
            .lock()
            .store(id as usize, timeline, flags::GFP_KERNEL_ACCOUNT);
        match stored {
            Ok(_) => Ok(id),
            Err(error) => {
                self.ids.give_back(id);
                Err(error.into())
            }
        }
    }

    /// Destroys a timeline of `owner`: whoever waits for it is told `ENOENT`.
    ///
    /// Fails with `ENODEV` for an unknown id, and with `EINVAL` for a timeline of another file.
    pub(super) fn destroy(&self, owner: u64, id: u32) -> Result {
        let mut table = self.table.lock();
        let theirs = table.get(id as usize).ok_or(ENODEV)?;
        if theirs.owner != owner {
            return Err(EINVAL);
        }
        let timeline = table.remove(id as usize);
        drop(table);
        self.ids.give_back(id);
        if let Some(timeline) = timeline {
            timeline.end();
        }
        self.notify();
        Ok(())
    }

    /// The timeline of that id.
    pub(super) fn get(&self, id: u32) -> Option<Arc<Timeline>> {
        let table = self.table.lock();
        Some(table.get(id as usize)?.into())
    }

    /// Moves a timeline on, and wakes who waits for it.
    pub(super) fn signal(&self, timeline: &Timeline, value: u64) {
        timeline.advance(value);
        self.notify();
    }

    fn notify(&self) {
        // Taking the lock makes sure that a waiter which has just looked is asleep already.
        drop(self.waiting.lock());
        self.moved.notify_all();
    }

    /// Waits for points, for at most `timeout`.
    ///
    /// Fails with `EBUSY` when the timeout is 0 and with `ETIMEDOUT` otherwise, with `ENOENT` when
    /// a timeline is destroyed meanwhile, and with `ERESTARTSYS`.
    pub(super) fn wait(
        &self,
        points: &[(Arc<Timeline>, u64)],
        demand: Demand,
        timeout: Jiffies,
    ) -> Result {
        let mut left = timeout;
        let mut guard = self.waiting.lock();
        while !are_reached(points, demand)? {
            if left == 0 {
                return Err(if timeout == 0 { EBUSY } else { ETIMEDOUT });
            }
            match self.moved.wait_interruptible_timeout(&mut guard, left) {
                CondVarTimeoutResult::Woken { jiffies } => left = jiffies,
                CondVarTimeoutResult::Timeout => left = 0,
                CondVarTimeoutResult::Signal { .. } => return Err(ERESTARTSYS),
            }
        }
        Ok(())
    }
}

/// Whether as many points are reached as are demanded.
fn are_reached(points: &[(Arc<Timeline>, u64)], demand: Demand) -> Result<bool> {
    for (timeline, seqno) in points {
        let reached = timeline.has_reached(*seqno)?;
        match (demand, reached) {
            (Demand::Any, true) => return Ok(true),
            (Demand::All, false) => return Ok(false),
            _ => {}
        }
    }
    Ok(demand == Demand::All)
}

impl Timeline {
    fn new(owner: u64, value: u64) -> Result<Arc<Self>> {
        Arc::pin_init(
            pin_init!(Self {
                owner,
                state <- new_mutex!(State {
                    value,
                    destroyed: false,
                    pending: List::new(),
                }),
            }),
            flags::GFP_KERNEL_ACCOUNT,
        )
    }

    /// Where it stands.
    pub(super) fn value(&self) -> u64 {
        self.state.lock().value
    }

    /// Whether a point is reached.
    ///
    /// Fails with `ENOENT` when the timeline is destroyed.
    fn has_reached(&self, seqno: u64) -> Result<bool> {
        let state = self.state.lock();
        match state.destroyed {
            true => Err(ENOENT),
            false => Ok(seqno <= state.value),
        }
    }

    /// A fence that signals when a point is reached.
    ///
    /// Fails with `ENOENT` when the timeline is destroyed, with `ENOSPC` when too many points lie
    /// ahead already, and with `ENOMEM`.
    pub(super) fn fence(&self, seqno: u64) -> Result<Fence> {
        let own = OwnFence::new(
            c_str!("kgsl-sw-timeline"),
            c_str!("kgsl-sw-timeline"),
            seqno,
        )?;
        let fence = own.fence().clone();
        let node = Node::new(Point { seqno, fence: own })?;
        let mut state = self.state.lock();
        if state.destroyed {
            return Err(ENOENT);
        }
        if seqno > state.value {
            if state.pending.len() >= POINTS_MAX {
                return Err(ENOSPC);
            }
            state.pending.push(node);
            return Ok(fence);
        }
        drop(state);
        node.into_value().fence.signal(Ok(()));
        Ok(fence)
    }

    /// Moves it to `value`; a value that lies behind changes nothing.
    fn advance(&self, value: u64) {
        let mut state = self.state.lock();
        if value <= state.value {
            return;
        }
        state.value = value;
        let mut reached = state.pending.take_matching(|point| point.seqno <= value);
        drop(state);
        while let Some(point) = reached.pop() {
            point.fence.signal(Ok(()));
        }
    }

    /// Ends it: its points are reached with `ENOENT`.
    fn end(&self) {
        let mut state = self.state.lock();
        state.destroyed = true;
        let mut pending = state.pending.take_all();
        drop(state);
        while let Some(point) = pending.pop() {
            point.fence.signal(Err(ENOENT));
        }
    }
}
