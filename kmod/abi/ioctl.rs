// SPDX-License-Identifier: GPL-2.0

//! How an ioctl is numbered.

use core::marker::PhantomData;
use core::mem::size_of;

/// Which way an ioctl's structure travels, as user space sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The kernel only reads the structure (`_IOW`).
    Write,
    /// The kernel reads the structure and, when the call succeeds, writes it back (`_IOWR`).
    ReadWrite,
}

/// A KGSL ioctl whose argument points at a `T`.
#[derive(Clone, Copy, Debug)]
pub struct Ioctl<T> {
    nr: u8,
    direction: Direction,
    /// Where the first field that the kernel may change begins, in bytes.
    answer: usize,
    argument: PhantomData<fn(T)>,
}

impl<T> Ioctl<T> {
    /// The `type` byte of every KGSL ioctl.
    pub const TYPE: u8 = 0x09;

    /// The bit of an ioctl number that says that the kernel reads the structure (`_IOC_WRITE`).
    pub const WRITE: u32 = 1 << 30;

    /// The bit of an ioctl number that says that the kernel writes the structure (`_IOC_READ`).
    pub const READ: u32 = 2 << 30;

    /// An ioctl whose structure the kernel only reads.
    pub(super) const fn write(nr: u8) -> Self {
        Self::new(nr, Direction::Write, size_of::<T>())
    }

    /// An ioctl whose structure the kernel reads and writes back.
    pub(super) const fn read_write(nr: u8) -> Self {
        Self::new(nr, Direction::ReadWrite, 0)
    }

    /// An ioctl whose structure the kernel reads and writes back, of which it changes nothing before the byte `answer`.
    pub(super) const fn read_write_from(nr: u8, answer: usize) -> Self {
        Self::new(nr, Direction::ReadWrite, answer)
    }

    const fn new(nr: u8, direction: Direction, answer: usize) -> Self {
        assert!(size_of::<T>() < 1 << 14, "the size field has 14 bits");
        Self {
            nr,
            direction,
            answer,
            argument: PhantomData,
        }
    }

    /// The number within KGSL's type: what the driver looks the ioctl up by.
    pub const fn nr(&self) -> u8 {
        self.nr
    }

    /// Which way the structure travels.
    pub const fn direction(&self) -> Direction {
        self.direction
    }

    /// Where the first field begins that the kernel may change, in bytes; the end of the structure where there is none.
    pub const fn answer(&self) -> usize {
        self.answer
    }

    /// The full number that a 64-bit program passes: direction, size, type and number.
    pub const fn number(&self) -> u32 {
        let direction = match self.direction {
            Direction::Write => Self::WRITE,
            Direction::ReadWrite => Self::WRITE | Self::READ,
        };
        // CAST: `new` has checked that the size fits 14 bits; the bytes widen. `From` is not const.
        direction | ((size_of::<T>() as u32) << 16) | ((Self::TYPE as u32) << 8) | self.nr as u32
    }
}
