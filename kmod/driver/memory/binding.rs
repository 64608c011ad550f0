// SPDX-License-Identifier: GPL-2.0

//! What is bound where in a virtual buffer object.

use super::Object;
use crate::abi::memory as abi;
use kernel::{
    alloc::flags::GFP_KERNEL_ACCOUNT,
    page::PAGE_SIZE,
    prelude::*,
    sync::Arc, //
};

/// Ranges of a virtual buffer object, at most: every change copies the list.
const BINDINGS_MAX: usize = 4096;

/// A change to a virtual buffer object that was checked against both objects.
pub(crate) struct Change {
    /// The first byte of the virtual buffer object that changes.
    start: usize,
    /// The first byte after those.
    end: usize,
    /// What is bound there; nothing unbinds.
    child: Option<Child>,
}

/// A part of an object.
#[derive(Clone)]
struct Child {
    object: Arc<Object>,
    /// The first byte.
    offset: usize,
}

impl Change {
    /// The change that a program asks for: `child` is the object that it names, if it binds.
    ///
    /// Fails with `EINVAL` when a range is empty, misaligned or outside of its object, or an object
    /// is of the wrong kind.
    pub(crate) fn new(
        target: &Object,
        child: Option<Arc<Object>>,
        range: &abi::BindRange,
    ) -> Result<Self> {
        let (start, end) = checked(range.target_offset, range.length, target)?;
        let child = match child {
            Some(object) if !object.is_virtual() => {
                let (offset, _) = checked(range.child_offset, range.length, &object)?;
                Some(Child { object, offset })
            }
            Some(_) => return Err(EINVAL),
            None => None,
        };
        match target.is_virtual() {
            true => Ok(Self { start, end, child }),
            false => Err(EINVAL),
        }
    }
}

/// The first byte of a range within an object, and the first after it.
fn checked(offset: u64, length: u64, object: &Object) -> Result<(usize, usize)> {
    let end = offset.checked_add(length).ok_or(EINVAL)?;
    // CAST: The size of a page fits any integer.
    let aligned = (offset | length) % PAGE_SIZE as u64 == 0;
    match aligned && length != 0 && end <= object.size() {
        true => Ok((usize::try_from(offset)?, usize::try_from(end)?)),
        false => Err(EINVAL),
    }
}

/// A bound range.
struct Binding {
    start: usize,
    end: usize,
    child: Child,
}

impl Binding {
    /// The part of the binding between two bytes of the virtual buffer object, if there is one.
    fn part(&self, start: usize, end: usize) -> Option<Self> {
        let (start, end) = (self.start.max(start), self.end.min(end));
        (start < end).then(|| Self {
            start,
            end,
            child: Child {
                object: self.child.object.clone(),
                offset: self.child.offset + (start - self.start),
            },
        })
    }
}

/// What lies at a byte of a virtual buffer object.
pub(super) struct Found {
    /// The first byte of the virtual buffer object for which this holds.
    pub(super) start: usize,
    /// The first byte for which it holds no longer.
    pub(super) end: usize,
    /// The object that is bound there, and the byte of it that lies at `start`.
    pub(super) child: Option<(Arc<Object>, usize)>,
}

/// The bound ranges of a virtual buffer object, in order, without overlaps.
pub(super) struct Bindings(KVVec<Binding>);

impl Bindings {
    /// Nothing is bound.
    pub(super) const fn new() -> Self {
        Self(KVVec::new())
    }

    /// Makes a change, and returns what was there before, to be dropped outside of the lock.
    ///
    /// Fails with `ENOSPC` when the object has as many ranges as it may, and with `ENOMEM`; nothing
    /// is changed then.
    pub(super) fn apply(&mut self, change: &Change) -> Result<Self> {
        if self.0.len() >= BINDINGS_MAX {
            return Err(ENOSPC);
        }
        // A change cuts at most one range in two, and adds one.
        let mut changed = KVVec::with_capacity(self.0.len() + 2, GFP_KERNEL_ACCOUNT)?;
        let before = self.0.iter().filter_map(|one| one.part(0, change.start));
        for binding in before {
            changed.push(binding, GFP_KERNEL_ACCOUNT)?;
        }
        if let Some(child) = &change.child {
            let binding = Binding {
                start: change.start,
                end: change.end,
                child: child.clone(),
            };
            changed.push(binding, GFP_KERNEL_ACCOUNT)?;
        }
        let after = self
            .0
            .iter()
            .filter_map(|one| one.part(change.end, usize::MAX));
        for binding in after {
            changed.push(binding, GFP_KERNEL_ACCOUNT)?;
        }
        Ok(Self(core::mem::replace(&mut self.0, changed)))
    }

    /// What lies at byte `offset` of an object of `size` bytes.
    pub(super) fn find(&self, offset: usize, size: usize) -> Found {
        let index = self.0.partition_point(|one| one.end <= offset);
        let previous = index.checked_sub(1).and_then(|index| self.0.get(index));
        let free_from = previous.map_or(0, |one| one.end);
        match self.0.get(index) {
            Some(one) if one.start <= offset => Found {
                start: one.start,
                end: one.end,
                child: Some((one.child.object.clone(), one.child.offset)),
            },
            next => Found {
                start: free_from,
                end: next.map_or(size, |one| one.start),
                child: None,
            },
        }
    }
}
