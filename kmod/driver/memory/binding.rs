// SPDX-License-Identifier: GPL-2.0

//! What is bound where in a virtual buffer object.
//!
//! The ranges lie in a tree, so that a sparse resource may have as many as there is memory for: a
//! change costs what it touches, not what there is. Everything that a change needs is allocated
//! when it is asked for, on the account of the program; making it cannot fail.

use super::Object;
use crate::abi::memory as abi;
use kernel::{
    alloc::flags::GFP_KERNEL_ACCOUNT,
    page::PAGE_SIZE,
    prelude::*,
    rbtree::{
        RBTree,
        RBTreeNodeReservation, //
    },
    sync::Arc, //
};

/// The place in the tree that one more range takes.
type Spare = RBTreeNodeReservation<usize, Binding>;

/// A change to a virtual buffer object that was checked against both objects.
pub(crate) struct Change {
    /// The first byte of the virtual buffer object that changes.
    start: usize,
    /// The first byte after those.
    end: usize,
    /// What it does to them.
    action: Action,
    /// For the two ranges that it may cut.
    spares: [Spare; 2],
}

/// What a change does to its range.
enum Action {
    /// Binds a part of an object there.
    Bind(Child, Spare),
    /// Unbinds whatever is bound there, or only the parts of one object.
    Unbind(Option<Arc<Object>>),
}

/// A part of an object.
#[derive(Clone)]
struct Child {
    object: Arc<Object>,
    /// The first byte.
    offset: usize,
}

impl Change {
    /// The change that a program asks for: `child` is the object that it names, if it names one.
    ///
    /// Fails with `EINVAL` when a range is empty, misaligned or outside of its object, when an
    /// object is of the wrong kind, when the operation is unknown, and when nothing is named that
    /// could be bound; with `ENOMEM`; and with what a driver says whose dma-buf cannot be mapped.
    pub(crate) fn new(
        target: &Object,
        child: Option<Arc<Object>>,
        range: &abi::BindRange,
    ) -> Result<Self> {
        let nested = child.as_ref().is_some_and(|child| child.is_virtual());
        if nested || !target.is_virtual() {
            return Err(EINVAL);
        }
        let (start, end) = checked(range.target_offset, range.length, target)?;
        Ok(Self {
            start,
            end,
            action: Action::new(child, range)?,
            spares: [spare()?, spare()?],
        })
    }
}

impl Action {
    /// What a range asks for; fails as [`Change::new`] does.
    fn new(child: Option<Arc<Object>>, range: &abi::BindRange) -> Result<Self> {
        match range.op {
            abi::RANGE_OP_BIND => {
                let object = child.ok_or(EINVAL)?;
                let (offset, _) = checked(range.child_offset, range.length, &object)?;
                // The GPU may reach it here when it has been freed.
                object.storage.map_into_kernel()?;
                Ok(Self::Bind(Child { object, offset }, spare()?))
            }
            abi::RANGE_OP_UNBIND => Ok(Self::Unbind(child)),
            _ => Err(EINVAL),
        }
    }

    /// Whether it does away with what is bound of `object`.
    fn removes(&self, object: &Arc<Object>) -> bool {
        match self {
            Self::Bind(..) | Self::Unbind(None) => true,
            Self::Unbind(Some(only)) => Arc::ptr_eq(only, object),
        }
    }
}

/// Allocates the place of a range.
fn spare() -> Result<Spare> {
    RBTreeNodeReservation::new(GFP_KERNEL_ACCOUNT)
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

/// A bound range. Its key in the tree is the first byte after it.
struct Binding {
    start: usize,
    child: Child,
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
pub(super) struct Bindings(RBTree<usize, Binding>);

impl Bindings {
    /// Nothing is bound.
    pub(super) fn new() -> Self {
        Self(RBTree::new())
    }

    /// Makes a change, and returns what was there before, to be dropped outside of the lock.
    pub(super) fn apply(&mut self, change: Change) -> Self {
        let Change {
            start,
            end,
            action,
            spares: [first, last],
        } = change;
        self.cut(start, first);
        self.cut(end, last);
        let before = self.take(start, end, &action);
        if let Action::Bind(child, place) = action {
            self.0
                .insert(place.into_node(end, Binding { start, child }));
        }
        before
    }

    /// Cuts the range in two that has bytes on both sides of byte `at`, if there is one.
    fn cut(&mut self, at: usize, spare: Spare) {
        let Some(end) = self.first_after(at).map(|(end, _)| end) else {
            return;
        };
        let Some(binding) = self.0.get_mut(&end).filter(|one| one.start < at) else {
            return;
        };
        let left = Binding {
            start: binding.start,
            child: binding.child.clone(),
        };
        binding.child.offset += at - binding.start;
        binding.start = at;
        self.0.insert(spare.into_node(at, left));
    }

    /// Takes out the ranges from byte `start` up to byte `end` that the action does away with. No
    /// range lies across either byte.
    fn take(&mut self, start: usize, end: usize, action: &Action) -> Self {
        let mut taken = Self::new();
        let mut at = start;
        while let Some((next, binding)) = self.first_after(at).filter(|(next, _)| *next <= end) {
            at = next;
            if !action.removes(&binding.child.object) {
                continue;
            }
            if let Some(node) = self.0.remove_node(&next) {
                taken.0.insert(node);
            }
        }
        taken
    }

    /// The first range that has bytes after byte `at`, or that one itself, and where it ends.
    fn first_after(&mut self, at: usize) -> Option<(usize, &Binding)> {
        let end = *self.0.cursor_lower_bound(&(at + 1))?.current().0;
        Some((end, self.0.get(&end)?))
    }

    /// What lies at byte `offset` of an object of `size` bytes.
    pub(super) fn find(&mut self, offset: usize, size: usize) -> Found {
        match self.first_after(offset) {
            Some((end, one)) if one.start <= offset => Found {
                start: one.start,
                end,
                child: Some((one.child.object.clone(), one.child.offset)),
            },
            next => Found {
                start: offset,
                end: next.map_or(size, |(_, one)| one.start),
                child: None,
            },
        }
    }
}
