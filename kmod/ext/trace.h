/* SPDX-License-Identifier: GPL-2.0 */
/* The functions of trace.c, as the Rust side declares them. */

#ifndef KGSL_SHIM_TRACE_CALLS_H
#define KGSL_SHIM_TRACE_CALLS_H

#include <linux/types.h>

void kgsl_shim_trace_queued(u32 context, u32 timestamp, u32 queued);
void kgsl_shim_trace_submitted(u32 context, u32 timestamp, u32 queued);
void kgsl_shim_trace_retired(u32 context, u32 timestamp, u64 active);
void kgsl_shim_trace_fault(u32 context, u32 timestamp, u32 type, u64 address);
void kgsl_shim_trace_alloc(u64 gpu_address, u64 size, u32 process, u32 id, u64 flags);
void kgsl_shim_trace_free(u64 gpu_address, u64 size, u32 process, u32 id, u64 flags);

#endif
