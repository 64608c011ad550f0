// SPDX-License-Identifier: GPL-2.0

//! Looking memory up, and annotating it.

use crate::{
    abi::memory as abi,
    driver::File,
    ext::user, //
};
use kernel::{
    prelude::*,
    uaccess::UserSlice, //
};

/// GPUMEM_GET_INFO: by id, or by GPU address where the id is 0.
pub(in crate::driver::ioctl) fn gpumem_get_info(
    file: &File,
    argument: &mut abi::GpumemGetInfo,
) -> Result {
    let space = &file.process.space;
    let object = match argument.id {
        0 => space.object_from(argument.gpuaddr)?,
        id => space.object(id)?,
    };
    argument.id = object.id;
    argument.gpuaddr = object.gpu_address();
    argument.flags = super::allocate::low_flags(object.flags().bits());
    argument.size = object.size();
    argument.mmapsize = object.size();
    argument.useraddr = object.user_address();
    Ok(())
}

/// GPUOBJ_INFO.
pub(in crate::driver::ioctl) fn gpuobj_info(file: &File, argument: &mut abi::GpuobjInfo) -> Result {
    let object = file.process.space.object(argument.id)?;
    argument.gpuaddr = object.gpu_address();
    argument.flags = object.flags().bits();
    argument.size = object.size();
    argument.va_len = object.size();
    argument.va_addr = object.user_address();
    Ok(())
}

/// GPUOBJ_SET_INFO: a note and a memory type, for who looks at the object.
pub(in crate::driver::ioctl) fn gpuobj_set_info(
    file: &File,
    argument: &mut abi::GpuobjSetInfo,
) -> Result {
    let object = file.process.space.object(argument.id)?;
    if argument.flags & abi::GPUOBJ_SET_INFO_METADATA != 0 {
        let mut note = [0; abi::GPUOBJ_METADATA_MAX as usize];
        let room = note.len() - 1;
        let length = usize::try_from(argument.metadata_len)?.min(room);
        let bytes = note.get_mut(..length).ok_or(EINVAL)?;
        UserSlice::new(user::address(argument.metadata)?, length)
            .reader()
            .read_slice(bytes)?;
        object.annotate(note);
    }
    if argument.flags & abi::GPUOBJ_SET_INFO_TYPE != 0 {
        object.set_memory_type(argument.kind);
    }
    Ok(())
}
