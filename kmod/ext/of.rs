// SPDX-License-Identifier: GPL-2.0

//! Nodes of the device tree, with or without a device.
//!
//! On a kernel without device trees there are none.
//!
//! C header: `include/linux/of.h`

use super::{
    device,
    shim, //
};
use core::{
    marker::PhantomData,
    ptr::NonNull, //
};
use kernel::{
    bindings,
    device::Device,
    ffi::c_int,
    prelude::*, //
};

/// A node of the device tree.
///
/// # Invariants
///
/// Owns a reference to a valid node.
pub(crate) struct Node(NonNull<bindings::device_node>);

impl Node {
    /// The first node that is not disabled and has `compatible` among its compatible strings.
    pub(crate) fn find(compatible: &CStr) -> Option<Self> {
        // SAFETY: The string is NUL-terminated and only read; the result is a node with a reference
        // for us, or null.
        let node = unsafe { shim::kgsl_shim_find_node(compatible.as_char_ptr()) };
        // INVARIANT: The reference is ours.
        NonNull::new(node).map(Self)
    }

    /// The node that describes a device.
    pub(crate) fn of(device: &Device) -> Option<Self> {
        // SAFETY: The device is valid; the result is a node with a reference for us, or null.
        let node = unsafe { shim::kgsl_shim_node_of(device::as_raw(device)) };
        // INVARIANT: The reference is ours.
        NonNull::new(node).map(Self)
    }

    /// What the node is compatible with, the most specific first.
    pub(crate) fn compatible(&self) -> Compatible<'_> {
        Compatible {
            node: self.0,
            next: 0,
            borrow: PhantomData,
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // SAFETY: By the invariant the reference is ours, and it goes with us.
        unsafe { shim::kgsl_shim_put_node(self.0.as_ptr()) }
    }
}

/// The compatible strings of a node.
///
/// # Invariants
///
/// The node is valid for as long as the borrow.
pub(crate) struct Compatible<'a> {
    node: NonNull<bindings::device_node>,
    next: c_int,
    borrow: PhantomData<&'a Node>,
}

impl<'a> Iterator for Compatible<'a> {
    type Item = &'a CStr;

    fn next(&mut self) -> Option<&'a CStr> {
        // SAFETY: By the invariant the node is valid. The result is a string of its property, or
        // null when there are not as many.
        let string = unsafe { shim::kgsl_shim_node_compatible(self.node.as_ptr(), self.next) };
        let string = NonNull::new(string.cast_mut())?;
        self.next = self.next.checked_add(1)?;
        // SAFETY: The string is NUL-terminated, and lives as long as the node's property, which
        // lives as long as the node.
        Some(unsafe { CStr::from_char_ptr(string.as_ptr()) })
    }
}
