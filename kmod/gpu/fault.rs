// SPDX-License-Identifier: GPL-2.0

//! Why the GPU stops.

/// An access that the address space refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryFault {
    /// The first GPU address, in bytes, that could not be accessed.
    pub address: u64,
    /// Whether the access was a write.
    pub write: bool,
}
