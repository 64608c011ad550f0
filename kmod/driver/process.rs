// SPDX-License-Identifier: GPL-2.0

//! A process that has the device open: all its files share its memory.

use super::{
    memory::{
        AddressSpace,
        PagePool, //
    },
    observe::ProcessEntries,
    reaper::Reaper,
    syncsource::SyncSources, //
};
use crate::ext::{
    lock::{
        new_mutex,
        Mutex, //
    },
    task::{
        ProcessId,
        ProcessName, //
    }, //
};
use kernel::{
    alloc::flags,
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Arc, //
    },
};

/// What the files of one process share.
#[pin_data]
pub(super) struct Process {
    id: ProcessId,
    /// What it was called when it opened the device.
    pub(super) name: ProcessName,
    /// Its memory objects and their GPU addresses.
    pub(super) space: Arc<AddressSpace>,
    /// Its sources of fences.
    #[pin]
    pub(super) syncsources: SyncSources,
    /// Frees what fences free.
    reaper: Arc<Reaper>,
    /// How many files are open. Only changed under the lock of the device's processes.
    files: Atomic<u32>,
    /// How many contexts its files own.
    contexts: Atomic<u32>,
    /// What debugfs has of it, while it has a file open.
    #[pin]
    entries: Mutex<Option<ProcessEntries>>,
}

/// Contexts of a process: the C driver refuses one more when it has more than these.
const CONTEXTS_MAX: u32 = 200;

impl Process {
    /// A process that has no file open yet.
    pub(super) fn new(id: ProcessId) -> Result<Arc<Self>> {
        let space = AddressSpace::new(id.number(), PagePool::new()?);
        let space = Arc::pin_init(space, flags::GFP_KERNEL)?;
        space.anchor()?;
        let reaper = Reaper::new(space.clone())?;
        Arc::pin_init(
            pin_init!(Self {
                id,
                name: ProcessName::current(),
                space,
                syncsources <- SyncSources::new(),
                reaper,
                files: Atomic::new(0),
                contexts: Atomic::new(0),
                entries <- new_mutex!(None),
            }),
            flags::GFP_KERNEL,
        )
    }

    /// Its number, as the first namespace sees it.
    pub(super) fn number(&self) -> u32 {
        self.id.number()
    }

    /// Shows the process in debugfs, and has it keep what it frees. Whoever calls this and [`Process::disappear`] holds the lock of
    /// the device's processes, so that another of the same number comes before or after.
    pub(super) fn appear(&self) {
        *self.entries.lock() = ProcessEntries::new(self.number(), &self.space).ok();
        self.space.pool.open();
    }

    /// Shows the process no longer, and waits for who looks at it.
    pub(super) fn disappear(&self) {
        let entries = self.entries.lock().take();
        drop(entries);
    }

    /// Whether both are the same process.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.id == other.id
    }

    /// Whether the calling thread belongs to the process. A child has the files of its parent, but
    /// not its memory.
    pub(super) fn is_current(&self) -> bool {
        self.id.is_current()
    }

    /// One file more is open.
    pub(super) fn opened(&self) {
        self.files.add(1, Relaxed);
    }

    /// One file less is open; returns whether it was the last.
    pub(super) fn closed(&self) -> bool {
        let files = self.files.load(Relaxed).saturating_sub(1);
        self.files.store(files, Relaxed);
        files == 0
    }

    /// Frees an object when the fence behind a descriptor signals; see [`Reaper::free_on_fence`].
    pub(super) fn free_on_fence(&self, id: u32, descriptor: i32) -> Result {
        self.reaper.free_on_fence(id, descriptor)
    }

    /// Gives up all memory and all fences. The last file is closed.
    pub(super) fn end(&self) {
        self.syncsources.end();
        self.reaper.stop();
        self.space.pool.close();
        self.space.clear();
    }

    /// Counts one context more.
    ///
    /// Fails with `ENOSPC` when the process has as many as it may.
    pub(super) fn context_created(&self) -> Result {
        if self.contexts.fetch_add(1, Relaxed) > CONTEXTS_MAX {
            self.context_ended();
            return Err(ENOSPC);
        }
        Ok(())
    }

    /// Counts one context less.
    pub(super) fn context_ended(&self) {
        self.contexts.add(u32::MAX, Relaxed);
    }
}
