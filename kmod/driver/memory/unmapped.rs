// SPDX-License-Identifier: GPL-2.0

//! Imported memory that the kernel has not mapped, and the submissions that may need it.
//!
//! The GPU is a CPU, which reaches a dma-buf once its driver has mapped it into the kernel. That
//! takes long, and the lock of the buffer, under which others wait for fences. So it is done neither
//! where a buffer is imported, nor where a command processor runs, but in the call that submits: all
//! that was imported is mapped before the submission is queued. An import that finds submissions,
//! which may use it without another one, maps it at once.

use super::{
    AddressSpace,
    Object, //
};
use crate::ext::{
    cache_line::CacheLine,
    lock::{
        new_mutex,
        Mutex, //
    },
    log, //
};
use core::ops::Deref;
use kernel::{
    alloc::flags,
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Full,
            Relaxed,
            Release, //
        },
        Arc, //
    },
};

/// How many objects wait to be mapped, at most: what is imported then is mapped at once.
const COUNT_MAX: usize = 64;

/// What is not mapped, and who may need it.
#[pin_data]
pub(super) struct Unmapped {
    #[pin]
    objects: Mutex<KVec<Arc<Object>>>,
    /// How many objects there are. Only changed under the lock of them.
    count: Atomic<u32>,
    /// How many submissions may reach memory. Every one changes this, on any CPU.
    submissions: CacheLine<Atomic<u32>>,
}

impl Unmapped {
    /// Nothing that is not mapped, and nobody who may need it.
    pub(super) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            objects <- new_mutex!(KVec::new()),
            count: Atomic::new(0),
            submissions: CacheLine::new(Atomic::new(0)),
        })
    }

    /// Puts an object in that the GPU cannot see yet, or maps it.
    ///
    /// Fails with `ENOMEM`, and with what its driver says when it cannot be mapped; the object is
    /// not in then.
    pub(super) fn add(&self, object: &Arc<Object>) -> Result {
        if !object.storage.is_unmapped() {
            return Ok(());
        }
        let mut objects = self.objects.lock();
        if objects.len() >= COUNT_MAX {
            drop(objects);
            return object.storage.map_into_kernel();
        }
        // No place is given back, so that this takes memory only where there are more than ever.
        objects.push(object.clone(), flags::GFP_KERNEL_ACCOUNT)?;
        // ORDERING: Whoever submits counts himself, then looks here; we count, then look for those
        // who submit. So one of the two sees the other, and maps the object.
        self.count.fetch_add(1, Full);
        drop(objects);
        match self.submissions.load(Relaxed) {
            0 => Ok(()),
            _ => self.map(object),
        }
    }

    /// Maps an object, and takes it out whether that succeeds or not.
    fn map(&self, object: &Arc<Object>) -> Result {
        let result = object.storage.map_into_kernel();
        self.remove(object);
        result
    }

    /// Takes an object out, if it is in.
    pub(super) fn remove(&self, object: &Arc<Object>) {
        if self.count.load(Relaxed) == 0 {
            return;
        }
        let mut objects = self.objects.lock();
        let index = objects.iter().position(|one| Arc::ptr_eq(one, object));
        let taken = index.and_then(|index| objects.remove(index).ok());
        if taken.is_some() {
            self.count.add(u32::MAX, Relaxed);
        }
        drop(objects);
        drop(taken);
    }

    /// Maps everything.
    ///
    /// Fails with `ENOMEM`, and the rest waits for the next time. What cannot be mapped for another
    /// reason stays as it is: the GPU faults where it reaches for it.
    fn map_all(&self) -> Result {
        while self.count.load(Relaxed) != 0 {
            let first = self.objects.lock().first().cloned();
            let Some(first) = first else {
                return Ok(());
            };
            match first.storage.map_into_kernel() {
                Err(error) if error == ENOMEM => return Err(ENOMEM),
                Err(error) => log::not_mapped(first.id, error),
                Ok(()) => {}
            }
            self.remove(&first);
        }
        Ok(())
    }
}

/// While this lives, what a submission may reach is mapped. `S` is how it knows the address space.
pub(crate) struct Reach<S: Deref<Target = AddressSpace>>(S);

impl<S: Deref<Target = AddressSpace>> Reach<S> {
    /// Maps what a submission may reach that is queued after this.
    ///
    /// Fails with `ENOMEM`.
    pub(crate) fn new(space: S) -> Result<Self> {
        let this = Self::another(space);
        this.0.unmapped.map_all()?;
        Ok(this)
    }

    /// The same where another one lives, which has mapped everything.
    pub(crate) fn another(space: S) -> Self {
        // ORDERING: As in `Unmapped::add`.
        space.unmapped.submissions.fetch_add(1, Full);
        Self(space)
    }
}

impl<S: Deref<Target = AddressSpace>> Drop for Reach<S> {
    fn drop(&mut self) {
        self.0.unmapped.submissions.fetch_add(u32::MAX, Release);
    }
}
