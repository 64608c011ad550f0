// SPDX-License-Identifier: GPL-2.0

//! How the argument of an ioctl travels.
//!
//! As in the C driver: what the program and the kernel have in common of the structure is copied, a
//! program's shorter structure reads as zero beyond its end, and a copy happens only in a direction
//! that both know. The structure is written back only when the call succeeds.

use crate::{
    abi::{
        Direction,
        Ioctl, //
    },
    ext::user::{
        self,
        Plain, //
    },
};
use kernel::{
    ffi::c_long,
    prelude::*,
    uaccess::UserPtr, //
};

/// An ioctl as the program has called it.
pub(super) struct Request {
    command: u32,
    argument: UserPtr,
}

impl Request {
    /// `command` is the full number.
    pub(super) fn new(command: u32, argument: UserPtr) -> Self {
        Self { command, argument }
    }

    /// Whether the program means that ioctl: the number within the type decides.
    pub(super) fn is<T>(&self, ioctl: &Ioctl<T>) -> bool {
        let [nr, ..] = self.command.to_le_bytes();
        nr == ioctl.nr()
    }

    /// Brings the structure in, calls `handler`, and takes the structure back out.
    pub(super) fn serve<T: Plain>(
        &self,
        ioctl: &Ioctl<T>,
        handler: impl FnOnce(&mut T) -> Result<c_long>,
    ) -> Result<c_long> {
        self.serve_as::<T, T>(ioctl, handler)
    }

    /// As [`Request::serve`], for a program whose structure is a `P`.
    pub(super) fn serve_as<T: From<P>, P: Plain + From<T>>(
        &self,
        ioctl: &Ioctl<T>,
        handler: impl FnOnce(&mut T) -> Result<c_long>,
    ) -> Result<c_long> {
        let common = self.size().min(size_of::<P>());
        let reads = match self.command & Ioctl::<T>::WRITE {
            0 => 0,
            _ => common,
        };
        let mut argument = T::from(user::read_prefix::<P>(self.argument, reads)?);
        let value = handler(&mut argument)?;
        if ioctl.direction() == Direction::ReadWrite && self.command & Ioctl::<T>::READ != 0 {
            user::write_prefix(self.argument, common, &P::from(argument))?;
        }
        Ok(value)
    }

    /// The size of the program's structure, in bytes: 14 bits of the number.
    fn size(&self) -> usize {
        ((self.command >> 16) & 0x3fff) as usize
    }
}
