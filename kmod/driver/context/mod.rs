// SPDX-License-Identifier: GPL-2.0

//! Contexts: what submits work, in what order it retires, and what becomes of it when the GPU
//! stops.
//!
//! What is submitted to an idle context runs in the call that submits it, as far as it is short; so
//! contexts run side by side on as many CPUs as call. The rest of it, and all else, runs as a work of
//! the device's queue, a slice at a time: first in, first out within a context, and fair between
//! them, since a context that has more to do queues up again behind the others.

mod buffers;
mod engine;
mod event;
mod fence;
mod hang;
mod lifetime;
mod memstore;
mod profile;
mod progress;
mod retired;
mod show;
mod state;
mod submission;
mod submit;
mod table;
mod timestamp;
mod turn;
mod wait;
mod without_effect;

use super::{
    observe::Usage,
    Device,
    Process, //
};
use crate::ext::{
    coverage::Tracee,
    debugfs,
    fence::Timeline,
    lock::Mutex, //
};
use kernel::{
    impl_has_delayed_work,
    prelude::*,
    sync::{
        Arc,
        CondVar, //
    },
    workqueue::DelayedWork, //
};
use state::State;

pub(super) use buffers::{
    Buffer,
    Buffers, //
};
pub(super) use engine::HANG_TIMEOUT_MS;
pub(super) use event::Action;
pub(super) use memstore::Memstore;
pub(super) use profile::Profile;
pub(super) use retired::RetiredFence;
pub(super) use state::QUEUE_SIZE;
pub(super) use submission::{
    Operation,
    Submission, //
};
pub(super) use submit::QUEUE_WAIT_MS;
pub(super) use table::Table;

/// A context of the device.
#[pin_data]
pub(super) struct Context {
    /// What user space calls it; unique in the device.
    pub(super) id: u32,
    /// How it was created: `CONTEXT_*`.
    pub(super) flags: u32,
    /// The file that owns it, by [`File::id`](super::File::id).
    owner: u64,
    /// Its place in the timestamp memory.
    timestamps: memstore::Slot,
    device: Arc<Device>,
    process: Arc<Process>,
    /// What the file that owns it has had of the GPU.
    usage: Arc<Usage>,
    /// Whoever has made it, for the kernel's KCOV.
    tracee: Tracee,
    /// The timeline of its fences.
    timeline: Timeline,
    /// Its timestamps, its queue, what runs that, and whether it is still good.
    #[pin]
    state: Mutex<State>,
    /// Notified when something retires, when the queue gets room, and when the context ends.
    #[pin]
    changed: CondVar,
    #[pin]
    work: DelayedWork<Self>,
    /// What debugfs has of it.
    #[pin]
    entry: Mutex<Option<debugfs::File<Self>>>,
}

impl_has_delayed_work! {
    impl HasDelayedWork<Self> for Context { self.work }
}
