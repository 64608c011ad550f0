// SPDX-License-Identifier: GPL-2.0

//! The KGSL userspace ABI: ioctl numbers, structures and flags, by the groups of Qualcomm's header.
//!
//! Layouts are those of 64-bit programs; [`compat`] has what differs for 32-bit programs. Pointers and `unsigned long` are `u64`, padding that a C
//! compiler would insert is a named field, and every structure is valid for any bytes.

pub mod command;
pub mod compat;
pub mod context;
pub mod device;
mod ioctl;
pub mod memory;
pub mod perfcounter;
pub mod sync;
pub mod timeline;

pub use self::ioctl::{
    Direction, //
    Ioctl,
};

#[cfg(test)]
mod tests;
