// SPDX-License-Identifier: GPL-2.0

//! Contexts: who submits, and the timestamps that order what it submits.

use super::Ioctl;

/// Waits until a timestamp of a context has retired.
pub const DEVICE_WAITTIMESTAMP_CTXTID: Ioctl<WaitTimestamp> = Ioctl::write(0x07);
/// Creates a context.
pub const DRAWCTXT_CREATE: Ioctl<ContextCreate> = Ioctl::read_write(0x13);
/// Destroys a context.
pub const DRAWCTXT_DESTROY: Ioctl<ContextDestroy> = Ioctl::write(0x14);
/// Reads a timestamp of a context.
pub const CMDSTREAM_READTIMESTAMP_CTXTID: Ioctl<ReadTimestamp> = Ioctl::read_write(0x16);

/// `struct kgsl_device_waittimestamp_ctxtid`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct WaitTimestamp {
    /// Which context.
    pub context_id: u32,
    /// Which timestamp must have retired.
    pub timestamp: u32,
    /// How long to wait at most, in milliseconds; `u32::MAX` is for ever.
    pub timeout: u32,
}

/// `struct kgsl_drawctxt_create`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct ContextCreate {
    /// `CONTEXT_*`; the driver returns what it uses.
    pub flags: u32,
    /// Out: the id of the context.
    pub drawctxt_id: u32,
}

/// `struct kgsl_drawctxt_destroy`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct ContextDestroy {
    /// Which context.
    pub drawctxt_id: u32,
}

/// `struct kgsl_cmdstream_readtimestamp_ctxtid`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct ReadTimestamp {
    /// Which context.
    pub context_id: u32,
    /// Which of its timestamps: a `TIMESTAMP_*`.
    pub kind: u32,
    /// Out: the timestamp.
    pub timestamp: u32,
}

/// `KGSL_TIMESTAMP_CONSUMED`: the GPU has begun it.
pub const TIMESTAMP_CONSUMED: u32 = 1;
/// `KGSL_TIMESTAMP_RETIRED`: the GPU has finished it.
pub const TIMESTAMP_RETIRED: u32 = 2;
/// `KGSL_TIMESTAMP_QUEUED`: the last that was given out.
pub const TIMESTAMP_QUEUED: u32 = 3;

/// `KGSL_CONTEXT_SAVE_GMEM`.
pub const CONTEXT_SAVE_GMEM: u32 = 0x1;
/// `KGSL_CONTEXT_NO_GMEM_ALLOC`: demanded of every context.
pub const CONTEXT_NO_GMEM_ALLOC: u32 = 0x2;
/// `KGSL_CONTEXT_CTX_SWITCH`.
pub const CONTEXT_CTX_SWITCH: u32 = 0x8;
/// `KGSL_CONTEXT_PREAMBLE`: demanded of every context.
pub const CONTEXT_PREAMBLE: u32 = 0x10;
/// `KGSL_CONTEXT_TRASH_STATE`.
pub const CONTEXT_TRASH_STATE: u32 = 0x20;
/// `KGSL_CONTEXT_PER_CONTEXT_TS`: always on.
pub const CONTEXT_PER_CONTEXT_TS: u32 = 0x40;
/// `KGSL_CONTEXT_USER_GENERATED_TS`: the program numbers its submissions itself.
pub const CONTEXT_USER_GENERATED_TS: u32 = 0x80;
/// `KGSL_CONTEXT_NO_FAULT_TOLERANCE`.
pub const CONTEXT_NO_FAULT_TOLERANCE: u32 = 0x200;
/// `KGSL_CONTEXT_PWR_CONSTRAINT`.
pub const CONTEXT_PWR_CONSTRAINT: u32 = 0x800;
/// `KGSL_CONTEXT_PRIORITY_MASK`.
pub const CONTEXT_PRIORITY_MASK: u32 = 0xf000;
/// `KGSL_CONTEXT_PRIORITY_SHIFT`.
pub const CONTEXT_PRIORITY_SHIFT: u32 = 12;
/// `KGSL_CONTEXT_IFH_NOP`.
pub const CONTEXT_IFH_NOP: u32 = 0x1_0000;
/// `KGSL_CONTEXT_SECURE`.
pub const CONTEXT_SECURE: u32 = 0x2_0000;
/// `KGSL_CONTEXT_NO_SNAPSHOT`.
pub const CONTEXT_NO_SNAPSHOT: u32 = 0x4_0000;
/// `KGSL_CONTEXT_SPARSE`.
pub const CONTEXT_SPARSE: u32 = 0x8_0000;
/// `KGSL_CONTEXT_TYPE_MASK`.
pub const CONTEXT_TYPE_MASK: u32 = 0x01f0_0000;
/// `KGSL_CONTEXT_TYPE_SHIFT`.
pub const CONTEXT_TYPE_SHIFT: u32 = 20;
/// `KGSL_CONTEXT_PREEMPT_STYLE_MASK`.
pub const CONTEXT_PREEMPT_STYLE_MASK: u32 = 0x0e00_0000;
/// `KGSL_CONTEXT_INVALIDATE_ON_FAULT`.
pub const CONTEXT_INVALIDATE_ON_FAULT: u32 = 0x1000_0000;
/// `KGSL_CONTEXT_LPAC`.
pub const CONTEXT_LPAC: u32 = 0x2000_0000;
/// `KGSL_CONTEXT_FAULT_INFO`: faults are kept for GET_FAULT_REPORT.
pub const CONTEXT_FAULT_INFO: u32 = 0x4000_0000;

/// The priority of a context that asked for none.
pub const CONTEXT_PRIORITY_MEDIUM: u32 = 8;
