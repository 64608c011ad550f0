// SPDX-License-Identifier: GPL-2.0

//! Importing memory of the program and dma-bufs.

use crate::{
    abi::memory as abi,
    driver::File,
    ext::{
        errno,
        user, //
    },
};
use kernel::prelude::*;

/// GPUOBJ_IMPORT.
///
/// Fails with `ENOTSUPP` for a kind of memory that does not exist.
pub(in crate::driver::ioctl) fn gpuobj_import(
    file: &File,
    argument: &mut abi::GpuobjImport,
) -> Result {
    let space = &file.process.space;
    let at = user::address(argument.private)?;
    let object = match argument.kind {
        abi::USER_MEM_TYPE_ADDR => {
            let from: abi::GpuobjImportUserAddress = user::read_exact(at)?;
            space.import_user(from.virtaddr, argument.private_len, argument.flags)?
        }
        abi::USER_MEM_TYPE_DMABUF => {
            let size = usize::try_from(argument.private_len)?;
            let from: abi::GpuobjImportDmaBuf = user::read_extensible(at, size)?;
            space.import_dma_buf(from.fd, argument.flags)?
        }
        _ => return Err(errno::enotsupp()),
    };
    argument.flags = object.flags().bits();
    argument.id = object.id;
    Ok(())
}

/// MAP_USER_MEM.
///
/// Fails with `EOPNOTSUPP` for a kind of memory that does not exist, and with `EINVAL` for an
/// offset, which neither kind has.
pub(in crate::driver::ioctl) fn map_user_mem(
    file: &File,
    argument: &mut abi::MapUserMem,
) -> Result {
    let space = &file.process.space;
    let flags = u64::from(argument.flags);
    if argument.offset != 0 {
        return Err(EINVAL);
    }
    let object = match argument.memtype {
        abi::USER_MEM_TYPE_ADDR => space.import_user(argument.hostptr, argument.len, flags)?,
        abi::USER_MEM_TYPE_DMABUF => space.import_dma_buf(argument.fd, flags)?,
        _ => return Err(errno::eopnotsupp()),
    };
    argument.gpuaddr = object.gpu_address();
    argument.flags = super::allocate::low_flags(object.flags().bits());
    Ok(())
}

/// SHAREDMEM_FROM_PMEM: to the C driver, a MAP_USER_MEM of a kind of memory that is gone.
///
/// Always fails with `EOPNOTSUPP`.
pub(in crate::driver::ioctl) fn sharedmem_from_pmem(
    _file: &File,
    _argument: &mut abi::SharedmemFromPmem,
) -> Result {
    Err(errno::eopnotsupp())
}
