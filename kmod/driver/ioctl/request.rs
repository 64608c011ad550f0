// SPDX-License-Identifier: GPL-2.0

//! How the argument of an ioctl travels.
//!
//! As in the C driver: what the program and the kernel have in common of the structure is copied, a
//! program's shorter structure reads as zero beyond its end, and a copy happens only in a direction
//! that both know. The structure is written back only when the call succeeds, and only what the call may have
//! changed of it.

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
        handler: impl FnOnce(&mut T) -> Result,
    ) -> Result {
        let mut argument = T::default();
        self.bring_in(&mut argument)?;
        handler(&mut argument)?;
        self.take_out(ioctl, ioctl.answer(), &argument)
    }

    /// As [`Request::serve`], for a program whose structure is a `P`.
    pub(super) fn serve_as<T: From<P>, P: Plain + From<T>>(
        &self,
        ioctl: &Ioctl<T>,
        handler: impl FnOnce(&mut T) -> Result,
    ) -> Result {
        let mut theirs = P::default();
        self.bring_in(&mut theirs)?;
        let mut argument = T::from(theirs);
        handler(&mut argument)?;
        self.take_out(ioctl, 0, &P::from(argument))
    }

    /// Reads what the program passes of a structure that is zero.
    fn bring_in<P: Plain>(&self, argument: &mut P) -> Result {
        match self.command & Ioctl::<P>::WRITE {
            0 => Ok(()),
            _ => user::read_into(argument, self.argument, self.common::<P>()),
        }
    }

    /// Writes the structure back from the byte `start` on, if the program wants it.
    fn take_out<T, P: Plain>(&self, ioctl: &Ioctl<T>, start: usize, argument: &P) -> Result {
        let end = self.common::<P>();
        let wanted = self.command & Ioctl::<P>::READ != 0;
        match wanted && ioctl.direction() == Direction::ReadWrite && start < end {
            true => user::write_part(self.argument, start..end, argument),
            false => Ok(()),
        }
    }

    /// How much of a `P` the program's structure has, in bytes. Its size is 14 bits of the number.
    fn common<P>(&self) -> usize {
        let size = (self.command >> 16) & 0x3fff;
        // CAST: The bits fit.
        (size as usize).min(size_of::<P>())
    }
}
