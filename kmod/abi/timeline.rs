// SPDX-License-Identifier: GPL-2.0

//! Timelines: 64-bit counters that programs and the GPU advance and wait for.

use super::Ioctl;

/// Creates a timeline.
pub const TIMELINE_CREATE: Ioctl<TimelineCreate> = Ioctl::read_write(0x58);
/// Waits for points of timelines.
pub const TIMELINE_WAIT: Ioctl<TimelineWait> = Ioctl::write(0x59);
/// Reads a timeline.
pub const TIMELINE_QUERY: Ioctl<TimelineValue> = Ioctl::read_write(0x5a);
/// Advances timelines.
pub const TIMELINE_SIGNAL: Ioctl<TimelineSignal> = Ioctl::write(0x5b);
/// Makes a sync_file of a point of a timeline.
pub const TIMELINE_FENCE_GET: Ioctl<TimelineFenceGet> = Ioctl::read_write(0x5c);
/// Destroys a timeline.
pub const TIMELINE_DESTROY: Ioctl<TimelineDestroy> = Ioctl::write(0x5d);

/// `struct kgsl_timeline_create`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct TimelineCreate {
    /// Where the timeline starts.
    pub seqno: u64,
    /// Out: the id.
    pub id: u32,
    /// Padding; must be 0.
    pub pad: u32,
}

/// `struct kgsl_timeline_val`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct TimelineValue {
    /// A point of the timeline.
    pub seqno: u64,
    /// Which timeline.
    pub timeline: u32,
    /// Padding; must be 0.
    pub pad: u32,
}

/// `struct kgsl_timeline_wait`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct TimelineWait {
    /// How long to wait at most, whole seconds.
    pub tv_sec: i64,
    /// How long to wait at most, nanoseconds of the second.
    pub tv_nsec: i64,
    /// User address of an array of [`TimelineValue`].
    pub timelines: u64,
    /// How many there are.
    pub count: u32,
    /// Size of one of them, in bytes.
    pub timelines_size: u32,
    /// [`TIMELINE_WAIT_ALL`] or [`TIMELINE_WAIT_ANY`].
    pub flags: u32,
    /// Padding; must be 0.
    pub pad: u32,
}

/// `KGSL_TIMELINE_WAIT_ALL`: wait for all of them.
pub const TIMELINE_WAIT_ALL: u32 = 1;
/// `KGSL_TIMELINE_WAIT_ANY`: wait for one of them.
pub const TIMELINE_WAIT_ANY: u32 = 2;

/// `struct kgsl_timeline_signal`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct TimelineSignal {
    /// User address of an array of [`TimelineValue`].
    pub timelines: u64,
    /// How many there are.
    pub count: u32,
    /// Size of one of them, in bytes.
    pub timelines_size: u32,
}

/// `struct kgsl_timeline_fence_get`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct TimelineFenceGet {
    /// A point of the timeline.
    pub seqno: u64,
    /// Which timeline.
    pub timeline: u32,
    /// Out: the sync_file.
    pub handle: i32,
}

/// The argument of TIMELINE_DESTROY, a bare `u32`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct TimelineDestroy {
    /// Which timeline.
    pub id: u32,
}
