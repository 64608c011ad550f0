// SPDX-License-Identifier: GPL-2.0

//! Structures that travel between user space and the kernel.

use super::shim;
use crate::abi::{
    command,
    compat,
    context,
    device,
    memory,
    perfcounter,
    sync,
    timeline, //
};
use core::{
    mem::MaybeUninit,
    ops::Range, //
};
use kernel::{
    prelude::*,
    transmute::{
        AsBytes,
        FromBytes, //
    },
    uaccess::{
        UserPtr,
        UserSlice,
        UserSliceReader, //
    },
};

/// A structure of the ABI: plain bytes with no hidden padding.
pub(crate) trait Plain: FromBytes + AsBytes + Default {}

/// Implements the traits for structures whose padding is explicit.
macro_rules! plain {
    ($($name:path),* $(,)?) => {$(
        // SAFETY: The structure consists of integers and arrays of them, so that any bytes are a
        // valid value.
        unsafe impl FromBytes for $name {}
        // SAFETY: The structure consists of integers and arrays of them, and its padding is a
        // field.
        unsafe impl AsBytes for $name {}
        impl Plain for $name {}
    )*};
}

plain! {
    command::AuxCommandBind,
    command::AuxCommandGeneric,
    command::AuxCommandTimeline,
    command::CmdSyncpoint,
    command::CommandObject,
    command::CommandSyncpoint,
    command::Fault,
    command::FaultReport,
    command::GpuAuxCommand,
    command::GpuCommand,
    command::IbDesc,
    command::PageFaultReport,
    command::ProfilingBuffer,
    command::RingbufferIssueIbCmds,
    command::SubmitCommands,
    command::SyncpointFence,
    command::SyncpointTimeline,
    command::SyncpointTimestamp,
    compat::CmdSyncpoint,
    compat::DeviceInfo,
    compat::DeviceProperty,
    compat::DeviceShadow,
    compat::FreeMemOnTimestamp,
    compat::GpumemAlloc,
    compat::GpumemAllocId,
    compat::GpumemGetInfo,
    compat::GpumemSyncCache,
    compat::GpumemSyncCacheBulk,
    compat::IbDesc,
    compat::MapUserMem,
    compat::PerfcounterQuery,
    compat::PerfcounterRead,
    compat::PreemptionCounterQuery,
    compat::RingbufferIssueIbCmds,
    compat::SharedmemFree,
    compat::SubmitCommands,
    compat::TimestampEvent,
    context::ContextCreate,
    context::ContextDestroy,
    context::ReadTimestamp,
    context::WaitTimestamp,
    device::Capabilities,
    device::CapabilitiesProperties,
    device::ContextProperty,
    device::ContextPropertyFault,
    device::DeviceInfo,
    device::DeviceProperty,
    device::DeviceShadow,
    device::PreemptionCounterQuery,
    device::ReadCalibratedTimestamps,
    device::RegisterWindow,
    device::UcodeVersion,
    device::Version,
    memory::BindRange,
    memory::FreeMemOnTimestamp,
    memory::GpuEventFence,
    memory::GpuEventTimestamp,
    memory::GpumemAlloc,
    memory::GpumemAllocId,
    memory::GpumemBindRanges,
    memory::GpumemFreeId,
    memory::GpumemGetInfo,
    memory::GpumemSyncCache,
    memory::GpumemSyncCacheBulk,
    memory::GpuobjAlloc,
    memory::GpuobjFree,
    memory::GpuobjImport,
    memory::GpuobjImportDmaBuf,
    memory::GpuobjImportUserAddress,
    memory::GpuobjInfo,
    memory::GpuobjSetInfo,
    memory::GpuobjSync,
    memory::GpuobjSyncObject,
    memory::MapUserMem,
    memory::SharedmemFree,
    memory::SharedmemFromPmem,
    perfcounter::PerfcounterGet,
    perfcounter::PerfcounterPut,
    perfcounter::PerfcounterQuery,
    perfcounter::PerfcounterRead,
    perfcounter::PerfcounterReadGroup,
    sync::SyncsourceCreate,
    sync::SyncsourceFence,
    sync::TimestampEvent,
    sync::TimestampEventFence,
    timeline::TimelineCreate,
    timeline::TimelineDestroy,
    timeline::TimelineFenceGet,
    timeline::TimelineSignal,
    timeline::TimelineValue,
    timeline::TimelineWait,
}

/// The user address that a 64-bit field of a structure holds.
///
/// An address that this kernel cannot have is unreachable, as a wild pointer is: `EFAULT`.
pub(crate) fn address(value: u64) -> Result<UserPtr> {
    usize::try_from(value)
        .map(UserPtr::from_addr)
        .map_err(|_| EFAULT)
}

/// The size in bytes of a `T`, as a structure's field holds it.
pub(crate) fn size_of<T>() -> u64 {
    // CAST: No supported kernel has a `usize` wider than 64 bits.
    core::mem::size_of::<T>() as u64
}

/// Reads the first `size` bytes of a `T` from `from`; the rest is zero.
///
/// `size` must not exceed that of `T`, else `EINVAL`.
pub(crate) fn read_prefix<T: Plain>(from: UserPtr, size: usize) -> Result<T> {
    if size == core::mem::size_of::<T>() {
        return read_exact(from);
    }
    let mut value = T::default();
    read_into(&mut value, from, size)?;
    Ok(value)
}

/// Reads the first `size` bytes of `value` from `from`; the rest stays.
///
/// `size` must not exceed that of `T`, else `EINVAL`.
pub(crate) fn read_into<T: Plain>(value: &mut T, from: UserPtr, size: usize) -> Result {
    let prefix = value.as_bytes_mut().get_mut(..size).ok_or(EINVAL)?;
    // SAFETY: The prefix is writable, and `size` bytes long.
    done(unsafe {
        shim::kgsl_shim_read_user(prefix.as_mut_ptr().cast(), from.as_const_ptr(), size)
    })
}

/// Reads a `T` from `from`.
pub(crate) fn read_exact<T: Plain>(from: UserPtr) -> Result<T> {
    let mut value = MaybeUninit::<T>::uninit();
    let size = core::mem::size_of::<T>();
    // SAFETY: There is room for a `T`.
    done(unsafe {
        shim::kgsl_shim_read_user(value.as_mut_ptr().cast(), from.as_const_ptr(), size)
    })?;
    // SAFETY: All of its bytes were written, and any bytes are a valid value.
    Ok(unsafe { value.assume_init() })
}

/// Writes the first `size` bytes of `value` to `to`.
///
/// `size` must not exceed that of `T`, else `EINVAL`.
pub(crate) fn write_prefix<T: Plain>(to: UserPtr, size: usize, value: &T) -> Result {
    write_part(to, 0..size, value)
}

/// Writes some bytes of `value` to where they belong in the structure at `to`.
///
/// The range must lie within `T`, else `EINVAL`.
pub(crate) fn write_part<T: Plain>(to: UserPtr, part: Range<usize>, value: &T) -> Result {
    let to = to.wrapping_byte_add(part.start);
    let part = value.as_bytes().get(part).ok_or(EINVAL)?;
    // SAFETY: The part is readable.
    done(unsafe { shim::kgsl_shim_write_user(to.as_mut_ptr(), part.as_ptr().cast(), part.len()) })
}

/// Fails with `EFAULT` where a copy from or to the program could not be done.
fn done(copied: bool) -> Result {
    match copied {
        true => Ok(()),
        false => Err(EFAULT),
    }
}

/// Reads a structure of a caller that may know a shorter or a longer form of it, as
/// `copy_struct_from_user` does: what the caller does not have is zero, and what this kernel does
/// not know must be zero (`E2BIG`).
pub(crate) fn read_extensible<T: Plain>(from: UserPtr, size: usize) -> Result<T> {
    if size <= core::mem::size_of::<T>() {
        return read_prefix(from, size);
    }
    let known = core::mem::size_of::<T>();
    let mut rest = UserSlice::new(from.wrapping_byte_add(known), size - known).reader();
    if !is_zero(&mut rest)? {
        return Err(E2BIG);
    }
    read_prefix(from, known)
}

/// The longest structure that [`read_extensible`] looks at, in bytes.
const EXTENSIBLE_MAX: usize = 4096;

/// Whether all that is left of `reader` is zero.
fn is_zero(reader: &mut UserSliceReader) -> Result<bool> {
    if reader.len() > EXTENSIBLE_MAX {
        return Err(E2BIG);
    }
    let mut piece = [0u8; 64];
    while !reader.is_empty() {
        let length = reader.len().min(piece.len());
        let piece = piece.get_mut(..length).unwrap_or_default();
        reader.read_slice(piece)?;
        if piece.iter().any(|&byte| byte != 0) {
            return Ok(false);
        }
    }
    Ok(true)
}
