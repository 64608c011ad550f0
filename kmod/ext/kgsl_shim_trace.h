/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Trace events, under the C driver's names where it has the same: /sys/kernel/tracing/events/kgsl/. Times are
 * nanoseconds, sizes bytes.
 */

#undef TRACE_SYSTEM
#define TRACE_SYSTEM kgsl

#if !defined(KGSL_SHIM_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define KGSL_SHIM_TRACE_H

#include <linux/tracepoint.h>

DECLARE_EVENT_CLASS(adreno_cmdbatch,
	TP_PROTO(u32 id, u32 timestamp, u32 queued),
	TP_ARGS(id, timestamp, queued),
	TP_STRUCT__entry(
		__field(u32, id)
		__field(u32, timestamp)
		__field(u32, queued)
	),
	TP_fast_assign(
		__entry->id = id;
		__entry->timestamp = timestamp;
		__entry->queued = queued;
	),
	TP_printk("ctx=%u ts=%u queued=%u", __entry->id, __entry->timestamp, __entry->queued)
);

/* A submission is queued; @queued of them wait in the context now, this one included. */
DEFINE_EVENT(adreno_cmdbatch, adreno_cmdbatch_queued,
	TP_PROTO(u32 id, u32 timestamp, u32 queued),
	TP_ARGS(id, timestamp, queued)
);

/* The command processor of the context takes up a submission; @queued of them are behind it. */
DEFINE_EVENT(adreno_cmdbatch, adreno_cmdbatch_submitted,
	TP_PROTO(u32 id, u32 timestamp, u32 queued),
	TP_ARGS(id, timestamp, queued)
);

/* A submission has retired, after the command processor has run for @active nanoseconds. */
TRACE_EVENT(adreno_cmdbatch_retired,
	TP_PROTO(u32 id, u32 timestamp, u64 active),
	TP_ARGS(id, timestamp, active),
	TP_STRUCT__entry(
		__field(u32, id)
		__field(u32, timestamp)
		__field(u64, active)
	),
	TP_fast_assign(
		__entry->id = id;
		__entry->timestamp = timestamp;
		__entry->active = active;
	),
	TP_printk("ctx=%u ts=%u active=%llu", __entry->id, __entry->timestamp, __entry->active)
);

/* A submission could not go on, and has ended its context. */
TRACE_EVENT(adreno_gpu_fault,
	TP_PROTO(u32 id, u32 timestamp, u32 type, u64 address),
	TP_ARGS(id, timestamp, type, address),
	TP_STRUCT__entry(
		__field(u32, id)
		__field(u32, timestamp)
		__field(u32, type)
		__field(u64, address)
	),
	TP_fast_assign(
		__entry->id = id;
		__entry->timestamp = timestamp;
		__entry->type = type;
		__entry->address = address;
	),
	TP_printk("ctx=%u ts=%u type=%s gpuaddr=0x%llx", __entry->id, __entry->timestamp,
		  __print_symbolic(__entry->type, { 0, "stream" }, { 1, "page" },
				   { 2, "timeout" }),
		  __entry->address)
);

DECLARE_EVENT_CLASS(kgsl_mem,
	TP_PROTO(u64 gpuaddr, u64 size, u32 tgid, u32 id, u64 flags),
	TP_ARGS(gpuaddr, size, tgid, id, flags),
	TP_STRUCT__entry(
		__field(u64, gpuaddr)
		__field(u64, size)
		__field(u32, tgid)
		__field(u32, id)
		__field(u64, flags)
	),
	TP_fast_assign(
		__entry->gpuaddr = gpuaddr;
		__entry->size = size;
		__entry->tgid = tgid;
		__entry->id = id;
		__entry->flags = flags;
	),
	TP_printk("gpuaddr=0x%llx size=%llu tgid=%u id=%u flags=0x%llx", __entry->gpuaddr,
		  __entry->size, __entry->tgid, __entry->id, __entry->flags)
);

/* A memory object is made: allocated or imported. */
DEFINE_EVENT(kgsl_mem, kgsl_mem_alloc,
	TP_PROTO(u64 gpuaddr, u64 size, u32 tgid, u32 id, u64 flags),
	TP_ARGS(gpuaddr, size, tgid, id, flags)
);

/* A memory object is taken from the GPU; its memory lives on while a program has it mapped. */
DEFINE_EVENT(kgsl_mem, kgsl_mem_free,
	TP_PROTO(u64 gpuaddr, u64 size, u32 tgid, u32 id, u64 flags),
	TP_ARGS(gpuaddr, size, tgid, id, flags)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE kgsl_shim_trace
#include <trace/define_trace.h>
