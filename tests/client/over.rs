// SPDX-License-Identifier: GPL-2.0

//! Threads that go on until another has ended.

use std::sync::atomic::{AtomicBool, Ordering};

/// Whether it is over. A scope of threads waits for each of them, and so for ever where the one panics that would have told
/// the others: what ends here ends either way, and the panic is seen.
#[derive(Debug, Default)]
pub struct Over(AtomicBool);

impl Over {
    /// Does something over and over until it is over.
    pub fn until(&self, mut again: impl FnMut()) {
        while !self.0.load(Ordering::Relaxed) {
            again();
        }
    }

    /// Does something, after which it is over.
    pub fn after<T>(&self, once: impl FnOnce() -> T) -> T {
        let _end = End(self);
        once()
    }
}

/// It is over when this is dropped.
struct End<'a>(&'a Over);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0 .0.store(true, Ordering::Relaxed);
    }
}
