// SPDX-License-Identifier: GPL-2.0

//! A list whose elements are allocated before a lock is taken, and moved under it without memory.

use kernel::{
    alloc::flags,
    prelude::*, //
};

/// An element that is in no list yet.
pub(super) struct Node<T> {
    value: T,
    next: Option<KBox<Node<T>>>,
}

impl<T> Node<T> {
    /// Allocates an element.
    pub(super) fn new(value: T) -> Result<KBox<Self>> {
        Ok(KBox::new(
            Self { value, next: None },
            flags::GFP_KERNEL_ACCOUNT,
        )?)
    }
}

/// Taking the value out of an element that is in no list.
pub(super) trait IntoValue<T> {
    /// The value.
    fn into_value(self) -> T;
}

impl<T> IntoValue<T> for KBox<Node<T>> {
    fn into_value(self) -> T {
        KBox::into_inner(self).value
    }
}

/// A list in no particular order.
pub(super) struct List<T> {
    head: Option<KBox<Node<T>>>,
    length: usize,
}

impl<T> List<T> {
    /// An empty list.
    pub(super) const fn new() -> Self {
        Self {
            head: None,
            length: 0,
        }
    }

    /// How many elements there are.
    pub(super) fn len(&self) -> usize {
        self.length
    }

    /// Puts an element in.
    pub(super) fn push(&mut self, mut node: KBox<Node<T>>) {
        node.next = self.head.take();
        self.head = Some(node);
        self.length += 1;
    }

    /// The first element of which `matches` holds.
    pub(super) fn find_mut(&mut self, mut matches: impl FnMut(&T) -> bool) -> Option<&mut T> {
        let mut next = self.head.as_deref_mut();
        while let Some(node) = next {
            if matches(&node.value) {
                return Some(&mut node.value);
            }
            next = node.next.as_deref_mut();
        }
        None
    }

    /// Takes an element out.
    pub(super) fn pop(&mut self) -> Option<T> {
        Some(self.pop_node()?.into_value())
    }

    /// Takes out all elements of which `matches` holds, in one pass.
    pub(super) fn take_matching(&mut self, mut matches: impl FnMut(&T) -> bool) -> Self {
        let mut taken = Self::new();
        let mut kept = Self::new();
        while let Some(node) = self.pop_node() {
            match matches(&node.value) {
                true => taken.push(node),
                false => kept.push(node),
            }
        }
        *self = kept;
        taken
    }

    /// Takes everything out.
    pub(super) fn take_all(&mut self) -> Self {
        core::mem::replace(self, Self::new())
    }

    fn pop_node(&mut self) -> Option<KBox<Node<T>>> {
        let mut node = self.head.take()?;
        self.head = node.next.take();
        self.length -= 1;
        Some(node)
    }
}

impl<T> Drop for List<T> {
    /// Link by link: a long list must not recurse.
    fn drop(&mut self) {
        while self.pop_node().is_some() {}
    }
}
