// SPDX-License-Identifier: GPL-2.0

//! Objects that callbacks of the kernel must find by themselves: a character device hands its driver
//! nothing but the number of the node, and a bus nothing but the device.

use super::shim;
use core::cell::UnsafeCell;
use kernel::{
    prelude::*,
    sync::Arc, //
};

/// A static place for a shared object, empty while there is none.
pub(crate) struct Place<T>(UnsafeCell<Option<Arc<T>>>);

// SAFETY: The cell is only touched under the lock of `shim.c`, and what it holds may be shared
// between threads.
unsafe impl<T: Send + Sync> Sync for Place<T> {}

impl<T> Place<T> {
    /// An empty place.
    pub(crate) const fn new() -> Self {
        Self(UnsafeCell::new(None))
    }

    /// Puts an object in.
    ///
    /// Fails with `EBUSY` when there is one already.
    pub(crate) fn fill(&self, value: Arc<T>) -> Result {
        let _guard = Guard::lock();
        // SAFETY: The lock is held until the end of the function, so that nobody else has a
        // reference into the cell.
        let place = unsafe { &mut *self.0.get() };
        if place.is_some() {
            return Err(EBUSY);
        }
        *place = Some(value);
        Ok(())
    }

    /// Takes the object out.
    pub(crate) fn take(&self) -> Option<Arc<T>> {
        let _guard = Guard::lock();
        // SAFETY: The lock is held until the end of the function, so that nobody else has a
        // reference into the cell.
        unsafe { &mut *self.0.get() }.take()
    }

    /// The object that is there.
    ///
    /// Fails with `ENODEV` when there is none.
    pub(crate) fn get(&self) -> Result<Arc<T>> {
        let _guard = Guard::lock();
        // SAFETY: The lock is held until the end of the function, so that nobody changes the cell
        // meanwhile.
        let value = unsafe { &*self.0.get() };
        value.clone().ok_or(ENODEV)
    }
}

/// Holds the lock of all places: a static spinlock needs no initialisation only in C.
struct Guard;

impl Guard {
    fn lock() -> Self {
        // SAFETY: The lock is static, and is never taken twice by a thread: no code that could runs
        // under it.
        unsafe { shim::kgsl_shim_place_lock() };
        Self
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // SAFETY: `lock` took the lock, and only this gives it back.
        unsafe { shim::kgsl_shim_place_unlock() };
    }
}
