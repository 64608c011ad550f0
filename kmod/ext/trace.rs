// SPDX-License-Identifier: GPL-2.0

//! Trace events, as `kgsl_shim_trace.h` describes them. A call costs a branch that is never taken
//! while nobody traces.

extern "C" {
    fn kgsl_shim_trace_queued(context: u32, timestamp: u32, queued: u32);
    fn kgsl_shim_trace_submitted(context: u32, timestamp: u32, queued: u32);
    fn kgsl_shim_trace_retired(context: u32, timestamp: u32, active: u64);
    fn kgsl_shim_trace_fault(context: u32, timestamp: u32, kind: u32, address: u64);
    fn kgsl_shim_trace_alloc(gpu_address: u64, size: u64, process: u32, id: u32, flags: u64);
    fn kgsl_shim_trace_free(gpu_address: u64, size: u64, process: u32, id: u32, flags: u64);
}

/// A submission is queued; so many wait in its context now, itself included.
pub(crate) fn queued(context: u32, timestamp: u32, queued: usize) {
    // SAFETY: The function may be called from any context.
    unsafe { kgsl_shim_trace_queued(context, timestamp, saturate(queued)) }
}

/// A context takes up a submission; so many wait behind it.
pub(crate) fn submitted(context: u32, timestamp: u32, queued: usize) {
    // SAFETY: The function may be called from any context.
    unsafe { kgsl_shim_trace_submitted(context, timestamp, saturate(queued)) }
}

/// A submission has retired, after its command processor has run for so many nanoseconds.
pub(crate) fn retired(context: u32, timestamp: u32, active: u64) {
    // SAFETY: The function may be called from any context.
    unsafe { kgsl_shim_trace_retired(context, timestamp, active) }
}

/// Why a submission could not go on; the numbers are those that `kgsl_shim_trace.h` names.
#[derive(Clone, Copy)]
pub(crate) enum Fault {
    /// The command stream is wrong.
    Stream = 0,
    /// The GPU could not access memory.
    Page = 1,
    /// It waited too long.
    Timeout = 2,
}

/// A submission could not go on; `address` is a GPU address in bytes, where there is one.
pub(crate) fn fault(context: u32, timestamp: u32, kind: Fault, address: u64) {
    // SAFETY: The function may be called from any context.
    // CAST: The enum's own numbers.
    unsafe { kgsl_shim_trace_fault(context, timestamp, kind as u32, address) }
}

/// A memory object, as events show it.
#[derive(Clone, Copy)]
pub(crate) struct Memory {
    /// Its GPU address, in bytes; 0 when it has none.
    pub(crate) gpu_address: u64,
    /// Its size, in bytes.
    pub(crate) size: u64,
    /// The number of the process that it belongs to.
    pub(crate) process: u32,
    /// Its id in the process.
    pub(crate) id: u32,
    /// Its flags.
    pub(crate) flags: u64,
}

/// A memory object is made.
pub(crate) fn allocated(of: Memory) {
    // SAFETY: The function may be called from any context.
    unsafe { kgsl_shim_trace_alloc(of.gpu_address, of.size, of.process, of.id, of.flags) }
}

/// A memory object is taken from the GPU.
pub(crate) fn freed(of: Memory) {
    // SAFETY: The function may be called from any context.
    unsafe { kgsl_shim_trace_free(of.gpu_address, of.size, of.process, of.id, of.flags) }
}

/// A number of submissions, which are few.
fn saturate(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
