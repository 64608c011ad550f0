// SPDX-License-Identifier: GPL-2.0

//! What the sequence that runs has made so far, for all of its threads to use and to lose.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::dice::Dice;
use crate::client::{Device, Fence, Mapping};

/// How many files of the device a sequence may have open.
pub(super) const FILES: usize = 3;

/// How much of a kind is remembered; of more, the oldest is let go.
const LIMIT: usize = 48;

/// Things of a kind.
#[derive(Debug)]
pub(super) struct Table<T>(Mutex<Vec<T>>);

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> Table<T> {
    fn lock(&self) -> MutexGuard<'_, Vec<T>> {
        // A thread that panics ends the process.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers one more.
    pub(super) fn add(&self, entry: T) {
        let mut table = self.lock();
        let oldest = (table.len() >= LIMIT).then(|| table.remove(0));
        table.push(entry);
        drop(table);
        drop(oldest);
    }

    /// One of them.
    pub(super) fn pick(&self, dice: &mut Dice) -> Option<T> {
        let table = self.lock();
        let index = dice.below(table.len() as u64);
        table.get(usize::try_from(index).ok()?).cloned()
    }

    /// One of them, which is forgotten.
    pub(super) fn take(&self, dice: &mut Dice) -> Option<T> {
        let mut table = self.lock();
        if table.is_empty() {
            return None;
        }
        let index = dice.index(table.len());
        Some(table.swap_remove(index))
    }

    /// Forgets those of which this holds.
    pub(super) fn forget(&self, of: impl Fn(&T) -> bool) {
        self.lock().retain(|entry| !of(entry));
    }
}

/// A context.
#[derive(Clone, Copy, Debug)]
pub(super) struct Owned {
    /// The file that owns it, below [`FILES`].
    pub file: usize,
    /// Its id.
    pub id: u32,
}

/// A memory object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Memory {
    /// A file of the process that owns it.
    pub file: usize,
    /// Its id; 0 where the driver did not tell.
    pub id: u32,
    /// Its GPU address.
    pub address: u64,
    /// Its size, in bytes.
    pub size: u64,
    /// Whether other memory is bound to it.
    pub is_virtual: bool,
}

/// A memory object that the process sees.
#[derive(Clone, Debug)]
pub(super) struct View {
    /// The object, which may have been freed.
    pub memory: Memory,
    /// Where the process sees it.
    pub mapping: Arc<Mapping>,
}

/// Everything that a sequence has made.
#[derive(Debug, Default)]
pub(super) struct World {
    files: [Mutex<Option<Arc<Device>>>; FILES],
    /// Contexts.
    pub contexts: Table<Owned>,
    /// Memory objects.
    pub objects: Table<Memory>,
    /// What the process sees of them.
    pub views: Table<View>,
    /// Timelines.
    pub timelines: Table<Owned>,
    /// Sources of fences.
    pub sources: Table<u32>,
    /// sync_files.
    pub fences: Table<Arc<Fence>>,
    /// dma-bufs, and what else has a descriptor.
    pub buffers: Table<Arc<OwnedFd>>,
    /// Ids that were good once.
    pub stale: Table<u32>,
}

impl World {
    fn slot(&self, file: usize) -> MutexGuard<'_, Option<Arc<Device>>> {
        self.files[file % FILES]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The file of that number, which is opened if need be; `None` when the kernel refuses.
    pub(super) fn file(&self, file: usize) -> Option<Arc<Device>> {
        let mut slot = self.slot(file);
        if slot.is_none() {
            *slot = Device::open().ok().map(Arc::new);
        }
        slot.clone()
    }

    /// Closes the file of that number, once nobody uses it, and forgets what it owned.
    pub(super) fn close(&self, file: usize) {
        let closed = self.slot(file).take();
        self.contexts.forget(|context| context.file == file % FILES);
        drop(closed);
    }

    /// Has the file of that number be a duplicate of another.
    pub(super) fn duplicate(&self, from: usize, to: usize) {
        let Some(device) = self.file(from) else {
            return;
        };
        if let Ok(descriptor) = device.as_fd().try_clone_to_owned() {
            let replaced = self.slot(to).replace(Arc::new(Device::from(descriptor)));
            drop(replaced);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_table_lets_the_oldest_go() {
        let table = Table::default();
        (0..=LIMIT).for_each(|number| table.add(number));
        let mut dice = Dice::new(1);
        assert!((0..1000).all(|_| table.pick(&mut dice) != Some(0)));
        assert!((0..LIMIT).all(|_| table.take(&mut dice).is_some()));
        assert_eq!(table.take(&mut dice), None);
    }
}
