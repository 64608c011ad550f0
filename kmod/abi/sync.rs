// SPDX-License-Identifier: GPL-2.0

//! Fences: sync_files of timestamps, and fences that the program signals itself.

use core::mem::size_of;

use super::Ioctl;

/// Makes a sync_file of a timestamp.
pub const TIMESTAMP_EVENT: Ioctl<TimestampEvent> =
    Ioctl::read_write_from(0x33, size_of::<TimestampEvent>());
/// Creates a source of fences.
pub const SYNCSOURCE_CREATE: Ioctl<SyncsourceCreate> = Ioctl::read_write(0x40);
/// Destroys a source of fences.
pub const SYNCSOURCE_DESTROY: Ioctl<SyncsourceCreate> = Ioctl::read_write(0x41);
/// Creates a fence of a source.
pub const SYNCSOURCE_CREATE_FENCE: Ioctl<SyncsourceFence> = Ioctl::read_write(0x42);
/// Signals a fence of a source.
pub const SYNCSOURCE_SIGNAL_FENCE: Ioctl<SyncsourceFence> = Ioctl::read_write(0x43);

/// `struct kgsl_timestamp_event`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct TimestampEvent {
    /// Which event: [`TIMESTAMP_EVENT_FENCE`].
    pub kind: i32,
    /// Which timestamp.
    pub timestamp: u32,
    /// Which context.
    pub context_id: u32,
    /// Padding.
    pub pad: u32,
    /// User address of a [`TimestampEventFence`].
    pub private: u64,
    /// Size of that, in bytes.
    pub len: u64,
}

/// `KGSL_TIMESTAMP_EVENT_FENCE`.
pub const TIMESTAMP_EVENT_FENCE: i32 = 2;

/// `struct kgsl_timestamp_event_fence`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct TimestampEventFence {
    /// Out: the sync_file.
    pub fence_fd: i32,
}

/// `struct kgsl_syncsource_create` and `struct kgsl_syncsource_destroy`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct SyncsourceCreate {
    /// The id of the source: out of the one, in to the other.
    pub id: u32,
    /// Reserved.
    pub reserved: [u32; 3],
}

/// `struct kgsl_syncsource_create_fence` and `struct kgsl_syncsource_signal_fence`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct SyncsourceFence {
    /// Which source.
    pub id: u32,
    /// The sync_file: out of the one, in to the other.
    pub fence_fd: i32,
    /// Reserved.
    pub reserved: [u32; 4],
}
