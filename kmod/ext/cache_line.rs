// SPDX-License-Identifier: GPL-2.0

//! Data with a line of the CPUs' caches for itself.

use core::ops::Deref;

/// Stands at the start of a line, and nothing else stands there: who writes it takes nothing out of
/// the caches of other CPUs that they still read, and is not slowed down by what they write.
#[repr(align(64))]
pub(crate) struct CacheLine<T>(T);

impl<T> CacheLine<T> {
    /// Gives data a line of its own.
    pub(crate) const fn new(data: T) -> Self {
        Self(data)
    }
}

impl<T> Deref for CacheLine<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}
