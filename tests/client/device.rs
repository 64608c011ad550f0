// SPDX-License-Identifier: GPL-2.0

//! The open device.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use kgsl_shim::abi::device::{DeviceProperty, DEVICE_GETPROPERTY};
use kgsl_shim::abi::Ioctl;
use rustix::io::Errno;

use super::system::{self, address, Argument};

/// The device's node.
pub const NODE: &str = "/dev/kgsl-3d0";

/// The open device.
#[derive(Debug)]
pub struct Device {
    file: File,
}

impl Device {
    /// Opens the node.
    pub fn open() -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).open(NODE)?;
        Ok(Self { file })
    }

    /// Closes the file and opens the node again, under the same descriptor: threads that use it meet the old file, none
    /// or the new one.
    pub fn reopen(&self) -> io::Result<()> {
        system::replace(&self.file, Self::open()?.as_fd())
    }

    /// Issues an ioctl with its structure. Addresses in the structure come from [`address`], or are wrong on purpose.
    pub fn ioctl<T: Copy>(&self, ioctl: Ioctl<T>, argument: &mut T) -> Result<(), Errno> {
        self.raw(ioctl.number(), Argument::Bytes(system::bytes_of(argument)))
            .map(|_| ())
    }

    /// Issues an ioctl by its full number; the kernel's return value. Memory that is passed is not shorter than the
    /// number says.
    pub fn raw(&self, number: u32, argument: Argument<'_>) -> Result<i32, Errno> {
        if let Argument::Bytes(bytes) = &argument {
            let size = usize::try_from((number >> 16) & 0x3fff).expect("14 bits fit");
            assert!(
                bytes.len() >= size,
                "the kernel would write past the argument"
            );
        }
        system::issue(&self.file, number, argument)
    }

    /// Reads a property into the value, as many bytes as it has.
    pub fn read_property<T: ?Sized>(&self, property: u32, value: &mut T) -> Result<(), Errno> {
        let size = u64::try_from(size_of_val(value)).expect("sizes have 64 bits");
        let mut argument = DeviceProperty {
            property,
            value: address(value),
            size,
            ..DeviceProperty::default()
        };
        self.ioctl(DEVICE_GETPROPERTY, &mut argument)
    }

    /// A property's value.
    pub fn property<T: Copy + Default>(&self, property: u32) -> Result<T, Errno> {
        let mut value = T::default();
        self.read_property(property, &mut value)?;
        Ok(value)
    }
}

impl From<OwnedFd> for Device {
    /// The node as somebody else has opened it.
    fn from(descriptor: OwnedFd) -> Self {
        Self {
            file: File::from(descriptor),
        }
    }
}

impl AsFd for Device {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}
