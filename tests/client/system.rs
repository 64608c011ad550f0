// SPDX-License-Identifier: GPL-2.0

//! The system calls that the compiler cannot check: all `unsafe` of the test programs is here.

use std::ffi::c_void;
use std::io;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::ptr::{self, NonNull};
use std::sync::atomic::AtomicU32;

use rustix::io::Errno;
use rustix::ioctl::{ioctl, Ioctl, IoctlOutput, Opcode};
use rustix::mm::{
    madvise, mmap, mmap_anonymous, mprotect, mremap_fixed, munmap, Advice, MapFlags, MprotectFlags,
    MremapFlags, ProtFlags,
};

/// What an ioctl's argument points at.
#[derive(Debug)]
pub enum Argument<'a> {
    /// Memory of ours, of any content.
    Bytes(&'a mut [u8]),
    /// An address where this process has nothing that the kernel may write: null, a read-only page, the kernel's own.
    Nowhere(usize),
}

/// An ioctl as the kernel takes it.
struct Call {
    number: u32,
    argument: *mut c_void,
}

// SAFETY: The opcode and the pointer are those of the call, and the call returns the kernel's own number.
unsafe impl Ioctl for Call {
    type Output = i32;

    const IS_MUTATING: bool = true;

    fn opcode(&self) -> Opcode {
        self.number
    }

    fn as_ptr(&mut self) -> *mut c_void {
        self.argument
    }

    unsafe fn output_from_ptr(output: IoctlOutput, _: *mut c_void) -> Result<i32, Errno> {
        Ok(output)
    }
}

/// Issues an ioctl on the device; addresses within the argument are of memory that the caller lends the kernel, by
/// [`address`], or of none.
pub(super) fn issue(device: impl AsFd, number: u32, argument: Argument<'_>) -> Result<i32, Errno> {
    let argument = match argument {
        Argument::Bytes(bytes) => bytes.as_mut_ptr().cast(),
        Argument::Nowhere(address) => ptr::without_provenance_mut(address),
    };
    // SAFETY: The kernel writes to the argument at most the size that the number says, which callers make that of the
    // argument's memory, and nothing at all where the argument is nowhere.
    unsafe { ioctl(device, Call { number, argument }) }
}

/// Issues an ioctl of any driver with its structure, which is as long as the number says; the kernel's return value.
pub fn call<T: Copy>(file: impl AsFd, number: u32, argument: &mut T) -> Result<i32, Errno> {
    let size = usize::try_from((number >> 16) & 0x3fff).expect("14 bits fit");
    assert_eq!(size, size_of::<T>(), "{number:#x} has another size");
    issue(file, number, Argument::Bytes(bytes_of(argument)))
}

/// Closes what is behind the descriptor `old`, and puts a duplicate of `new` in its place, at once.
pub(super) fn replace(old: impl AsFd, new: impl AsFd) -> io::Result<()> {
    let (old, new) = (old.as_fd().as_raw_fd(), new.as_fd().as_raw_fd());
    // SAFETY: The descriptor stays open and of the same kind, which is all that its owner relies on.
    match unsafe { libc::dup3(new, old, libc::O_CLOEXEC) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// Closes every descriptor from `first` on: what belongs to nobody any more.
pub fn close_from(first: RawFd) -> io::Result<()> {
    let first = u32::try_from(first).map_err(io::Error::other)?;
    // SAFETY: The caller says that no value owns any of them, and closing touches no memory.
    match unsafe { libc::syscall(libc::SYS_close_range, first, u32::MAX, 0) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// Takes a descriptor that the kernel has just returned.
pub fn take_descriptor(descriptor: RawFd) -> OwnedFd {
    assert!(descriptor >= 0, "{descriptor} is no descriptor");
    // SAFETY: The kernel has opened it for the caller, who hands it over once.
    unsafe { OwnedFd::from_raw_fd(descriptor) }
}

/// The bytes of a structure of the ABI, which is valid for any bytes and has no hidden padding.
pub fn bytes_of<T: Copy>(value: &mut T) -> &mut [u8] {
    // SAFETY: The slice covers just the value, for as long as that is borrowed; structures of the ABI are plain integers,
    // padding included.
    unsafe { std::slice::from_raw_parts_mut(ptr::from_mut(value).cast(), size_of::<T>()) }
}

/// The address of a value, as structures of the ABI carry it.
pub fn address<T: ?Sized>(value: &mut T) -> u64 {
    let address = ptr::from_mut(value).cast::<u8>().expose_provenance();
    u64::try_from(address).expect("addresses have 64 bits")
}

/// What a mapping may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Nothing at all.
    Nothing,
    /// Reading.
    Read,
    /// Reading and writing.
    ReadWrite,
}

impl Access {
    fn protection(self) -> ProtFlags {
        match self {
            Access::Nothing => ProtFlags::empty(),
            Access::Read => ProtFlags::READ,
            Access::ReadWrite => ProtFlags::READ | ProtFlags::WRITE,
        }
    }
}

/// Maps `length` bytes of the file from `offset`, shared with whoever else sees them; at the address `hint` if the kernel
/// likes it.
pub(super) fn map(
    file: impl AsFd,
    length: usize,
    access: Access,
    offset: u64,
    hint: usize,
) -> Result<NonNull<AtomicU32>, Errno> {
    // SAFETY: The kernel chooses the place, so that no other memory is touched.
    let start = unsafe {
        mmap(
            ptr::without_provenance_mut(hint),
            length,
            access.protection(),
            MapFlags::SHARED,
            file,
            offset,
        )?
    };
    NonNull::new(start.cast()).ok_or(Errno::NOMEM)
}

/// Maps `length` bytes of fresh memory, which children share or get copies of.
pub(super) fn map_anonymous(length: usize, flags: MapFlags) -> Result<NonNull<AtomicU32>, Errno> {
    let access = Access::ReadWrite.protection();
    // SAFETY: The kernel chooses the place, so that no other memory is touched.
    let start = unsafe { mmap_anonymous(ptr::null_mut(), length, access, flags)? };
    NonNull::new(start.cast()).ok_or(Errno::NOMEM)
}

/// Changes what `length` bytes of a mapping may be used for. A later access that is not allowed kills the process.
pub(super) fn protect(
    start: NonNull<AtomicU32>,
    length: usize,
    access: Access,
) -> Result<(), Errno> {
    let flags = match access {
        Access::Nothing => MprotectFlags::empty(),
        Access::Read => MprotectFlags::READ,
        Access::ReadWrite => MprotectFlags::READ | MprotectFlags::WRITE,
    };
    // SAFETY: The memory stays where it is and as it is.
    unsafe { mprotect(start.as_ptr().cast(), length, flags) }
}

/// Says that `length` bytes will not be used soon, and had better be written out.
pub(super) fn put_off(start: NonNull<AtomicU32>, length: usize) -> Result<(), Errno> {
    for advice in [Advice::LinuxCold, Advice::LinuxPageOut] {
        // SAFETY: The contents stay as they are.
        unsafe { madvise(start.as_ptr().cast(), length, advice)? };
    }
    Ok(())
}

/// Says that `length` bytes of shared memory of a device are not needed in this mapping, for now.
pub(super) fn let_go(start: NonNull<AtomicU32>, length: usize) -> Result<(), Errno> {
    // SAFETY: The contents are the device's, and stay as they are.
    unsafe { madvise(start.as_ptr().cast(), length, Advice::LinuxDontNeed) }
}

/// Moves a mapping to an address, where it replaces what was there.
///
/// # Safety
///
/// Nothing may use the mapping where it was, and what is replaced may be any memory for whoever uses it.
pub(super) unsafe fn move_to(
    start: NonNull<AtomicU32>,
    length: usize,
    to: NonNull<AtomicU32>,
) -> Result<(), Errno> {
    let (from, to) = (start.as_ptr().cast(), to.as_ptr().cast());
    // SAFETY: The caller says that nobody uses the one, and that the other may be replaced.
    unsafe { mremap_fixed(from, length, length, MremapFlags::MAYMOVE, to).map(|_| ()) }
}

/// Unmaps what [`map`] has mapped.
///
/// # Safety
///
/// Nothing may use the mapping any more.
pub(super) unsafe fn unmap(start: NonNull<AtomicU32>, length: usize) -> Result<(), Errno> {
    // SAFETY: The caller says that nobody uses it.
    unsafe { munmap(start.as_ptr().cast(), length) }
}

/// The dwords of a mapping.
///
/// # Safety
///
/// The mapping has that many dwords and outlives the slice.
pub(super) unsafe fn dwords<'a>(start: NonNull<AtomicU32>, count: usize) -> &'a [AtomicU32] {
    // SAFETY: The caller says that they are there. A mapping is page aligned, and atomics may be shared with a device.
    unsafe { std::slice::from_raw_parts(start.as_ptr(), count) }
}
