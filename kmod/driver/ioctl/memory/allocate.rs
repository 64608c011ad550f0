// SPDX-License-Identifier: GPL-2.0

//! Allocating memory.

use crate::{
    abi::memory as abi,
    driver::File, //
};
use kernel::prelude::*;

/// GPUMEM_ALLOC: the program knows the object by its GPU address only.
pub(in crate::driver::ioctl) fn gpumem_alloc(
    file: &File,
    argument: &mut abi::GpumemAlloc,
) -> Result {
    // The CPU decides no address here, since no id is returned by which to map the object.
    let wanted = u64::from(argument.flags) & !abi::MEMFLAGS_USE_CPU_MAP;
    let object = file.process.space.allocate(argument.size, wanted)?;
    argument.flags = low_flags(object.flags().bits());
    argument.size = object.size();
    argument.gpuaddr = object.gpu_address();
    Ok(())
}

/// GPUMEM_ALLOC_ID.
pub(in crate::driver::ioctl) fn gpumem_alloc_id(
    file: &File,
    argument: &mut abi::GpumemAllocId,
) -> Result {
    let object = file
        .process
        .space
        .allocate(argument.size, u64::from(argument.flags))?;
    argument.id = object.id;
    argument.flags = low_flags(object.flags().bits());
    argument.size = object.size();
    argument.mmapsize = object.size();
    argument.gpuaddr = object.gpu_address();
    Ok(())
}

/// GPUOBJ_ALLOC.
pub(in crate::driver::ioctl) fn gpuobj_alloc(
    file: &File,
    argument: &mut abi::GpuobjAlloc,
) -> Result {
    let object = file.process.space.allocate(argument.size, argument.flags)?;
    argument.id = object.id;
    argument.flags = object.flags().bits();
    argument.size = object.size();
    argument.va_len = object.size();
    argument.mmapsize = object.size();
    Ok(())
}

/// The flags that a structure with 32 bits of them has room for.
pub(super) fn low_flags(flags: u64) -> u32 {
    // CAST: The higher ones are cut off, as in the C driver.
    flags as u32
}
