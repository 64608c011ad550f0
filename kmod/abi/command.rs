// SPDX-License-Identifier: GPL-2.0

//! Submitting command buffers.

use core::mem::offset_of;

use super::Ioctl;

/// Submits indirect buffers, the oldest form.
pub const RINGBUFFER_ISSUEIBCMDS: Ioctl<RingbufferIssueIbCmds> =
    Ioctl::read_write_from(0x10, offset_of!(RingbufferIssueIbCmds, timestamp));
/// Submits indirect buffers and synchronisation points, the middle form.
pub const SUBMIT_COMMANDS: Ioctl<SubmitCommands> =
    Ioctl::read_write_from(0x3d, offset_of!(SubmitCommands, timestamp));
/// Submits command objects, memory objects and synchronisation points.
pub const GPU_COMMAND: Ioctl<GpuCommand> =
    Ioctl::read_write_from(0x4a, offset_of!(GpuCommand, timestamp));
/// Queues a bind or a timeline operation in a context.
pub const GPU_AUX_COMMAND: Ioctl<GpuAuxCommand> =
    Ioctl::read_write_from(0x57, offset_of!(GpuAuxCommand, timestamp));
/// Reads the faults of a context.
pub const GET_FAULT_REPORT: Ioctl<FaultReport> = Ioctl::read_write(0x5e);

/// `struct kgsl_ringbuffer_issueibcmds`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct RingbufferIssueIbCmds {
    /// Which context.
    pub drawctxt_id: u32,
    /// Padding.
    pub pad: u32,
    /// User address of an array of [`IbDesc`], or the GPU address of the one buffer.
    pub ibdesc_addr: u64,
    /// How many descriptors, or the size of the one buffer in dwords.
    pub numibs: u32,
    /// In: with user-generated timestamps, the timestamp. Out: the timestamp.
    pub timestamp: u32,
    /// `CMDBATCH_*`.
    pub flags: u32,
    /// Padding.
    pub pad1: u32,
}

/// `struct kgsl_ibdesc`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct IbDesc {
    /// GPU address, in bytes.
    pub gpuaddr: u64,
    /// Padding of the C structure.
    pub pad: u64,
    /// Size, in dwords.
    pub sizedwords: u64,
    /// `CMDBATCH_*` of this buffer.
    pub ctrl: u32,
    /// Padding.
    pub pad1: u32,
}

/// `struct kgsl_submit_commands`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct SubmitCommands {
    /// Which context.
    pub context_id: u32,
    /// `CMDBATCH_*`.
    pub flags: u32,
    /// User address of an array of [`IbDesc`].
    pub cmdlist: u64,
    /// How many there are.
    pub numcmds: u32,
    /// Padding.
    pub pad: u32,
    /// User address of an array of [`CmdSyncpoint`].
    pub synclist: u64,
    /// How many there are.
    pub numsyncs: u32,
    /// In: with user-generated timestamps, the timestamp. Out: the timestamp.
    pub timestamp: u32,
    /// Reserved.
    pub reserved: [u32; 4],
}

/// `struct kgsl_cmd_syncpoint`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct CmdSyncpoint {
    /// A `SYNCPOINT_*`.
    pub kind: u32,
    /// Padding.
    pub pad: u32,
    /// User address of the payload.
    pub private: u64,
    /// Size of the payload, in bytes.
    pub size: u64,
}

/// `struct kgsl_gpu_command`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct GpuCommand {
    /// `CMDBATCH_*`.
    pub flags: u64,
    /// User address of an array of [`CommandObject`].
    pub cmdlist: u64,
    /// Size of one of them, in bytes.
    pub cmdsize: u32,
    /// How many there are.
    pub numcmds: u32,
    /// User address of an array of [`CommandObject`] that name memory.
    pub objlist: u64,
    /// Size of one of them, in bytes.
    pub objsize: u32,
    /// How many there are.
    pub numobjs: u32,
    /// User address of an array of [`CommandSyncpoint`].
    pub synclist: u64,
    /// Size of one of them, in bytes.
    pub syncsize: u32,
    /// How many there are.
    pub numsyncs: u32,
    /// Which context.
    pub context_id: u32,
    /// In: with user-generated timestamps, the timestamp. Out: the timestamp.
    pub timestamp: u32,
}

/// `struct kgsl_command_object`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct CommandObject {
    /// Offset within the object, in bytes.
    pub offset: u64,
    /// GPU address, in bytes.
    pub gpuaddr: u64,
    /// Size, in bytes.
    pub size: u64,
    /// `CMDLIST_*` or `OBJLIST_*`.
    pub flags: u32,
    /// Id of the memory object; not every client sets it.
    pub id: u32,
}

/// `struct kgsl_command_syncpoint`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct CommandSyncpoint {
    /// User address of the payload.
    pub private: u64,
    /// Size of the payload, in bytes.
    pub size: u64,
    /// A `SYNCPOINT_*`.
    pub kind: u32,
    /// Padding.
    pub pad: u32,
}

/// `KGSL_CMD_SYNCPOINT_TYPE_TIMESTAMP`: [`SyncpointTimestamp`].
pub const SYNCPOINT_TIMESTAMP: u32 = 0;
/// `KGSL_CMD_SYNCPOINT_TYPE_FENCE`: [`SyncpointFence`].
pub const SYNCPOINT_FENCE: u32 = 1;
/// `KGSL_CMD_SYNCPOINT_TYPE_TIMELINE`: [`SyncpointTimeline`].
pub const SYNCPOINT_TIMELINE: u32 = 2;

/// `struct kgsl_cmd_syncpoint_timestamp`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct SyncpointTimestamp {
    /// Which context.
    pub context_id: u32,
    /// Which of its timestamps must have retired.
    pub timestamp: u32,
}

/// `struct kgsl_cmd_syncpoint_fence`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct SyncpointFence {
    /// A sync_file.
    pub fd: i32,
}

/// `struct kgsl_cmd_syncpoint_timeline`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct SyncpointTimeline {
    /// User address of an array of [`TimelineValue`](super::timeline::TimelineValue).
    pub timelines: u64,
    /// How many there are.
    pub count: u32,
    /// Size of one of them, in bytes.
    pub timelines_size: u32,
}

/// `struct kgsl_gpu_aux_command`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct GpuAuxCommand {
    /// `AUX_COMMAND_*`.
    pub flags: u64,
    /// User address of an array of [`AuxCommandGeneric`].
    pub cmdlist: u64,
    /// Size of one of them, in bytes.
    pub cmdsize: u32,
    /// How many there are.
    pub numcmds: u32,
    /// User address of an array of [`CommandSyncpoint`].
    pub synclist: u64,
    /// Size of one of them, in bytes.
    pub syncsize: u32,
    /// How many there are.
    pub numsyncs: u32,
    /// Which context.
    pub context_id: u32,
    /// In: with user-generated timestamps, the timestamp. Out: the timestamp.
    pub timestamp: u32,
}

/// `KGSL_GPU_AUX_COMMAND_BIND`: an [`AuxCommandBind`].
pub const AUX_COMMAND_BIND: u32 = 1;
/// `KGSL_GPU_AUX_COMMAND_TIMELINE`: an [`AuxCommandTimeline`].
pub const AUX_COMMAND_TIMELINE: u32 = 2;
/// `KGSL_GPU_AUX_COMMAND_SYNC`: synchronisation points precede.
pub const AUX_COMMAND_SYNC: u32 = 0x400;

/// `struct kgsl_gpu_aux_command_generic`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct AuxCommandGeneric {
    /// User address of the payload.
    pub private: u64,
    /// Size of the payload, in bytes.
    pub size: u64,
    /// [`AUX_COMMAND_BIND`] or [`AUX_COMMAND_TIMELINE`].
    pub kind: u32,
    /// Padding.
    pub pad: u32,
}

/// `struct kgsl_gpu_aux_command_bind`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct AuxCommandBind {
    /// User address of an array of [`BindRange`](super::memory::BindRange).
    pub rangeslist: u64,
    /// How many there are.
    pub numranges: u64,
    /// Size of one of them, in bytes.
    pub rangesize: u64,
    /// Id of the virtual buffer object.
    pub target: u32,
    /// Padding.
    pub pad: u32,
}

/// `struct kgsl_gpu_aux_command_timeline`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct AuxCommandTimeline {
    /// User address of an array of [`TimelineValue`](super::timeline::TimelineValue).
    pub timelines: u64,
    /// How many there are.
    pub count: u32,
    /// Size of one of them, in bytes.
    pub timelines_size: u32,
}

/// `KGSL_CMDBATCH_MEMLIST`.
pub const CMDBATCH_MEMLIST: u32 = 0x1;
/// `KGSL_CMDBATCH_MARKER`: only a timestamp, no commands.
pub const CMDBATCH_MARKER: u32 = 0x2;
/// `KGSL_CMDBATCH_SUBMIT_IB_LIST`.
pub const CMDBATCH_SUBMIT_IB_LIST: u32 = 0x4;
/// `KGSL_CMDBATCH_CTX_SWITCH`.
pub const CMDBATCH_CTX_SWITCH: u32 = 0x8;
/// `KGSL_CMDBATCH_PROFILING`: the object list names a profiling buffer.
pub const CMDBATCH_PROFILING: u32 = 0x10;
/// `KGSL_CMDBATCH_PROFILING_KTIME`: its wall clock is the boot clock.
pub const CMDBATCH_PROFILING_KTIME: u32 = 0x20;
/// `KGSL_CMDBATCH_END_OF_FRAME`.
pub const CMDBATCH_END_OF_FRAME: u32 = 0x100;
/// `KGSL_CMDBATCH_SYNC`: only synchronisation points.
pub const CMDBATCH_SYNC: u32 = 0x400;
/// `KGSL_CMDBATCH_PWR_CONSTRAINT`.
pub const CMDBATCH_PWR_CONSTRAINT: u32 = 0x800;

/// `KGSL_CMDLIST_IB`: commands.
pub const CMDLIST_IB: u32 = 0x1;
/// `KGSL_CMDLIST_CTXTSWITCH_PREAMBLE`.
pub const CMDLIST_CTXTSWITCH_PREAMBLE: u32 = 0x2;
/// `KGSL_CMDLIST_IB_PREAMBLE`.
pub const CMDLIST_IB_PREAMBLE: u32 = 0x4;
/// `KGSL_OBJLIST_MEMOBJ`: memory that the commands use.
pub const OBJLIST_MEMOBJ: u32 = 0x8;
/// `KGSL_OBJLIST_PROFILE`: a [`ProfilingBuffer`].
pub const OBJLIST_PROFILE: u32 = 0x10;

/// `struct kgsl_cmdbatch_profiling_buffer`: what a profiled submission leaves in memory.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct ProfilingBuffer {
    /// Wall clock at the submission, whole seconds.
    pub wall_clock_s: u64,
    /// Wall clock at the submission, nanoseconds of the second.
    pub wall_clock_ns: u64,
    /// Always-on counter when the submission was queued, in ticks of 19.2 MHz.
    pub gpu_ticks_queued: u64,
    /// Always-on counter when the GPU began, in ticks of 19.2 MHz.
    pub gpu_ticks_submitted: u64,
    /// Always-on counter when the GPU ended, in ticks of 19.2 MHz.
    pub gpu_ticks_retired: u64,
}

/// `KGSL_MAX_NUMIBS`: command objects in a submission, at most.
pub const MAX_NUMIBS: u32 = 2000;
/// `KGSL_MAX_SYNCPOINTS`: synchronisation points in a submission, at most.
pub const MAX_SYNCPOINTS: u32 = 32;
/// Dwords in a command object, at most: the size field of CP_INDIRECT_BUFFER.
pub const MAX_IB_DWORDS: u64 = 0xf_ffff;

/// `struct kgsl_fault_report`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct FaultReport {
    /// User address of an array of [`Fault`].
    pub faultlist: u64,
    /// How many there are.
    pub faultnents: u32,
    /// Size of one of them, in bytes.
    pub faultsize: u32,
    /// Which context.
    pub context_id: u32,
    /// Padding.
    pub pad: u32,
}

/// `struct kgsl_fault`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct Fault {
    /// User address of an array of reports of that type.
    pub fault: u64,
    /// The type: `FAULT_TYPE_*`.
    pub kind: u32,
    /// How many reports the array holds; 0 asks for the number.
    pub count: u32,
    /// Size of one of them, in bytes.
    pub size: u32,
    /// Padding.
    pub pad: u32,
}

/// `KGSL_FAULT_TYPE_NO_FAULT`.
pub const FAULT_TYPE_NO_FAULT: u32 = 0;
/// `KGSL_FAULT_TYPE_PAGEFAULT`: a [`PageFaultReport`].
pub const FAULT_TYPE_PAGEFAULT: u32 = 1;

/// `KGSL_FAULT_TYPE_MAX`: how many types there are.
pub const FAULT_TYPES: u32 = 2;

/// `struct kgsl_pagefault_report`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct PageFaultReport {
    /// GPU address that faulted.
    pub fault_addr: u64,
    /// Reserved for future use.
    pub reserved: [u64; 2],
    /// `PAGEFAULT_*`.
    pub flags: u32,
    /// Padding.
    pub pad: u32,
}

/// `KGSL_PAGEFAULT_TYPE_NONE`.
pub const PAGEFAULT_NONE: u32 = 0;
/// `KGSL_PAGEFAULT_TYPE_READ`: the access was a read.
pub const PAGEFAULT_READ: u32 = 1 << 0;
/// `KGSL_PAGEFAULT_TYPE_WRITE`: the access was a write.
pub const PAGEFAULT_WRITE: u32 = 1 << 1;
/// `KGSL_PAGEFAULT_TYPE_TRANSLATION`: nothing is mapped there.
pub const PAGEFAULT_TRANSLATION: u32 = 1 << 2;
/// `KGSL_PAGEFAULT_TYPE_PERMISSION`: what is mapped there is read-only.
pub const PAGEFAULT_PERMISSION: u32 = 1 << 3;
