// SPDX-License-Identifier: GPL-2.0

//! The device: what all processes share.

use super::{
    context::{
        Memstore,
        Table, //
    },
    observe::{
        Activity,
        DeviceEntries, //
    },
    perfcounter::{
        self,
        Perfcounters, //
    },
    timeline::Timelines,
    Context,
    File,
    Process, //
};
use crate::{
    abi::memory::{
        DeviceMemstore,
        MEMSTORE_SIZE, //
    },
    ext::{
        debugfs,
        ids::Ids,
        lock::{
            new_mutex,
            Mutex, //
        },
        parameter,
        place::Place,
        task::ProcessId,
        workqueue::OwnedQueue, //
    },
    gpu::{
        chip::Chip,
        counters::Counters,
        performance::Reading,
        Configuration, //
    },
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

/// Where `open` finds the device.
pub(super) static PLACE: Place<Device> = Place::new();

/// The highest context id: the timestamp memory has a slot for each, one for the device and five
/// that the C driver keeps for itself.
const CONTEXT_ID_MAX: u32 = (MEMSTORE_SIZE / size_of::<DeviceMemstore>() as u64) as u32 - 7;

/// The render device.
#[pin_data]
pub(super) struct Device {
    /// What it presents itself as.
    pub(super) chip: &'static Chip,
    /// The timestamps of all contexts, as user space may map them.
    pub(super) memstore: Memstore,
    /// The id of the file that was opened last.
    last_file_id: Atomic<u64>,
    /// 1 once the device is unplugged.
    unplugged: Atomic<u32>,
    /// Runs the contexts.
    pub(super) queue: Arc<OwnedQueue>,
    /// The files that are open, until the device is unplugged.
    #[pin]
    files: Mutex<KVec<Arc<File>>>,
    /// The processes that have the device open.
    #[pin]
    processes: Mutex<KVec<Arc<Process>>>,
    /// All timelines.
    #[pin]
    pub(super) timelines: Timelines,
    /// All contexts, by id.
    #[pin]
    pub(super) contexts: Table,
    #[pin]
    context_ids: Ids,
    /// How long something has run, and what it has counted.
    #[pin]
    pub(super) activity: Activity,
    #[pin]
    pub(super) perfcounters: Perfcounters,
    /// How many faults have ended a context.
    resets: Atomic<u64>,
    /// What debugfs has of it.
    #[pin]
    entries: Mutex<Option<DeviceEntries>>,
}

impl Device {
    /// A device without a node, whose contexts run in `queue`.
    pub(super) fn new(chip: &'static Chip, queue: Arc<OwnedQueue>) -> Result<Arc<Self>> {
        let memstore = Memstore::new()?;
        let slots = perfcounter::slots(chip.generation)?;
        let contexts = Table::new(CONTEXT_ID_MAX)?;
        Arc::pin_init(
            pin_init!(Self {
                chip,
                memstore,
                last_file_id: Atomic::new(0),
                unplugged: Atomic::new(0),
                queue,
                files <- new_mutex!(KVec::new()),
                processes <- new_mutex!(KVec::new()),
                timelines <- Timelines::new(),
                contexts <- contexts,
                context_ids <- Ids::new(),
                activity <- Activity::new(),
                perfcounters <- Perfcounters::new(slots),
                resets: Atomic::new(0),
                entries <- new_mutex!(None),
            }),
            flags::GFP_KERNEL,
        )
    }

    /// An id for a file that is being opened.
    pub(super) fn next_file_id(&self) -> u64 {
        self.last_file_id.fetch_add(1, Relaxed)
    }

    /// Notes a file that is being opened.
    ///
    /// Fails with `ENODEV` when the device is unplugged, and with `ENOMEM`.
    pub(super) fn note_file(&self, file: &Arc<File>) -> Result {
        let mut files = self.files.lock();
        self.check_plugged()?;
        files.push(file.clone(), flags::GFP_KERNEL)?;
        Ok(())
    }

    /// Forgets a file that is being closed.
    pub(super) fn forget_file(&self, file: &Arc<File>) {
        let mut files = self.files.lock();
        let index = files.iter().position(|other| Arc::ptr_eq(other, file));
        let forgotten = index.and_then(|index| files.remove(index).ok());
        drop(files);
        drop(forgotten);
    }

    /// Fails with `ENODEV` when the device is unplugged.
    pub(super) fn check_plugged(&self) -> Result {
        match self.unplugged.load(Relaxed) {
            0 => Ok(()),
            _ => Err(ENODEV),
        }
    }

    /// Ends the device while files may be open: their work is dropped, who waits for it is woken,
    /// and they are told `ENODEV` from now on. Their mappings stay until they are unmapped.
    ///
    /// Whoever adds to a file does so under a lock that is taken here after the device is marked,
    /// and looks at the mark under that lock: nothing is added to a file that has been ended.
    pub(super) fn unplug(&self) {
        self.unplugged.store(1, Relaxed);
        let files = core::mem::take(&mut *self.files.lock());
        for file in files {
            file.end();
            file.process.syncsources.end();
        }
    }

    /// The calling process, which now has the device open once more.
    pub(super) fn join(&self) -> Result<Arc<Process>> {
        let id = ProcessId::current()?;
        let fresh = Process::new(id)?;
        let mut processes = self.processes.lock();
        if let Some(process) = processes.iter().find(|process| process.is(&fresh)) {
            process.opened();
            return Ok(process.clone());
        }
        processes.push(fresh.clone(), flags::GFP_KERNEL)?;
        fresh.opened();
        fresh.appear();
        Ok(fresh)
    }

    /// A file of `process` is closed; its memory goes with the last one.
    pub(super) fn leave(&self, process: &Arc<Process>) {
        let mut processes = self.processes.lock();
        if !process.closed() {
            return;
        }
        let index = processes
            .iter()
            .position(|other| Arc::ptr_eq(other, process));
        let last = index.and_then(|index| processes.remove(index).ok());
        process.disappear();
        drop(processes);
        drop(last);
        process.end();
    }

    /// How its command processors behave.
    pub(super) fn configuration(&self) -> Configuration {
        Configuration {
            chip: self.chip,
            strict: parameter::strict(),
        }
    }

    /// Everything that was counted until now, and `more`, which is not in the sums yet.
    pub(super) fn reading(&self, more: &Counters) -> Reading {
        self.activity.reading(more)
    }

    /// A fault ends the context of that id: it is counted, and all others are told.
    pub(super) fn count_reset(&self, guilty: u32) {
        self.resets.fetch_add(1, Relaxed);
        (1..=CONTEXT_ID_MAX)
            .filter(|&id| id != guilty)
            .filter_map(|id| self.context(id).ok())
            .for_each(|context| context.acquit());
    }

    /// How many faults have ended a context.
    pub(super) fn resets(&self) -> u64 {
        self.resets.load(Relaxed)
    }

    /// How many submissions of all contexts have not retired.
    pub(super) fn submissions(&self) -> usize {
        (1..=CONTEXT_ID_MAX)
            .filter_map(|id| self.context(id).ok())
            .map(|context| context.submissions())
            .sum()
    }

    /// Shows the device in debugfs.
    pub(super) fn appear(self: &Arc<Self>) {
        *self.entries.lock() = DeviceEntries::new(self).ok();
    }

    /// Shows the device no longer, and waits for who looks at it.
    pub(super) fn disappear(&self) {
        let entries = self.entries.lock().take();
        drop(entries);
    }

    /// The entry of a context in debugfs, if the device has any.
    pub(super) fn context_entry(&self, context: &Arc<Context>) -> Option<debugfs::File<Context>> {
        self.entries.lock().as_ref()?.context(context).ok()
    }

    /// An id for a new context, from 1.
    ///
    /// Fails with `ENOSPC` when all are in use.
    pub(super) fn take_context_id(&self) -> Result<u32> {
        self.context_ids.take(1, CONTEXT_ID_MAX)
    }

    /// Gives up the id of a context that is in no table.
    pub(super) fn give_back_context_id(&self, id: u32) {
        self.context_ids.give_back(id);
    }

    /// Makes a context visible under its id.
    pub(super) fn publish(&self, context: Arc<Context>) -> Result {
        drop(self.contexts.put(context)?);
        Ok(())
    }

    /// Takes the context of that id out of the table.
    pub(super) fn withdraw(&self, id: u32) -> Option<Arc<Context>> {
        self.contexts.take(id)
    }

    /// The context of that id, whoever owns it.
    ///
    /// Fails with `EINVAL` when there is none.
    #[inline]
    pub(super) fn context(&self, id: u32) -> Result<Arc<Context>> {
        self.contexts.get(id).ok_or(EINVAL)
    }
}
