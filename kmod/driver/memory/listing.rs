// SPDX-License-Identifier: GPL-2.0

//! Going through the objects of a process, for those who watch it.

use super::{
    AddressSpace,
    Object, //
};
use crate::ext::storage::Origin;

/// How much memory a process has, in bytes.
#[derive(Clone, Copy, Default)]
pub(crate) struct MemoryUsage {
    /// Memory of our own.
    pub(crate) own: u64,
    /// Memory of a program, imported.
    pub(crate) user: u64,
    /// Memory that others have, too: dma-bufs.
    pub(crate) shared: u64,
}

impl MemoryUsage {
    /// All of it.
    pub(crate) fn total(&self) -> u64 {
        self.own + self.user + self.shared
    }
}

impl AddressSpace {
    /// Shows every object to `see`, by its id. An object that comes or goes meanwhile is shown or
    /// not.
    pub(crate) fn for_each_object(&self, mut see: impl FnMut(&Object)) {
        for id in 1..=self.highest_id() {
            if let Ok(object) = self.object(id) {
                see(&object);
            }
        }
    }

    /// How much memory the process has.
    pub(crate) fn usage(&self) -> MemoryUsage {
        let mut usage = MemoryUsage::default();
        self.for_each_object(|object| {
            let size = object.memory_size();
            match object.origin() {
                Origin::Pages => usage.own += size,
                Origin::User => usage.user += size,
                Origin::DmaBuf => usage.shared += size,
                Origin::Virtual => {}
            }
        });
        usage
    }
}

/// A range of a virtual buffer object to which memory is bound; sizes in bytes.
pub(crate) struct Bound {
    /// Where it begins.
    pub(crate) offset: usize,
    /// How large it is.
    pub(crate) size: usize,
    /// The id of the object that the memory belongs to.
    pub(crate) child: u32,
    /// Where in that object.
    pub(crate) child_offset: usize,
}

impl Object {
    /// Shows every range to `see` to which memory is bound.
    pub(crate) fn for_each_binding(&self, mut see: impl FnMut(&Bound)) {
        let mut offset = 0;
        while self.is_virtual() && offset < self.storage.size() {
            let found = self.bound_at(offset);
            if let Some((child, child_offset)) = &found.child {
                see(&Bound {
                    offset: found.start,
                    size: found.end - found.start,
                    child: child.id,
                    child_offset: *child_offset,
                });
            }
            offset = found.end;
        }
    }

    /// Where its memory comes from.
    pub(crate) fn origin(&self) -> Origin {
        self.storage.origin()
    }

    /// How much memory it has, in bytes: a virtual buffer object has none.
    pub(crate) fn memory_size(&self) -> u64 {
        match self.origin() {
            Origin::Virtual => 0,
            Origin::Pages | Origin::User | Origin::DmaBuf => self.size(),
        }
    }
}
