// SPDX-License-Identifier: GPL-2.0

//! Mapping memory objects into the process.

use super::super::File;
use crate::ext::vma;
use kernel::{
    mm::virt::VmaNew,
    prelude::*, //
};

/// `mmap(2)`: shows the object whose id is the offset, in pages.
///
/// Fails with `EINVAL` when there is none, and with `ERANGE` when the length is not that of the object.
pub(crate) fn map(file: &File, vma: &VmaNew) -> Result {
    let id = u32::try_from(vma::page_offset(vma)).map_err(|_| EINVAL)?;
    let object = file.process.space.object(id)?;
    if !file.process.is_current() {
        return Err(EINVAL);
    }
    if vma.end() - vma.start() != object.storage.size() {
        return Err(ERANGE);
    }
    vma.set_dontexpand();
    vma.set_dontcopy();
    vma.set_dontdump();
    object.storage.map(vma.set_mixedmap())?;
    object.set_user_address(vma.start());
    vma::hold(vma, object);
    Ok(())
}
