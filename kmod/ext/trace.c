// SPDX-License-Identifier: GPL-2.0
/*
 * Trace events. A tracepoint is a macro, and the kernel crate's `declare_trace!` knows the kernel's own only. Each
 * function here is a branch that is patched away while nobody traces.
 */

#define CREATE_TRACE_POINTS
#include "kgsl_shim_trace.h"

#include "trace.h"

void kgsl_shim_trace_queued(u32 context, u32 timestamp, u32 queued)
{
	trace_adreno_cmdbatch_queued(context, timestamp, queued);
}

void kgsl_shim_trace_submitted(u32 context, u32 timestamp, u32 queued)
{
	trace_adreno_cmdbatch_submitted(context, timestamp, queued);
}

void kgsl_shim_trace_retired(u32 context, u32 timestamp, u64 active)
{
	trace_adreno_cmdbatch_retired(context, timestamp, active);
}

void kgsl_shim_trace_fault(u32 context, u32 timestamp, u32 type, u64 address)
{
	trace_adreno_gpu_fault(context, timestamp, type, address);
}

void kgsl_shim_trace_alloc(u64 gpu_address, u64 size, u32 process, u32 id, u64 flags)
{
	trace_kgsl_mem_alloc(gpu_address, size, process, id, flags);
}

void kgsl_shim_trace_free(u64 gpu_address, u64 size, u32 process, u32 id, u64 flags)
{
	trace_kgsl_mem_free(gpu_address, size, process, id, flags);
}
