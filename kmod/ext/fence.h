/* SPDX-License-Identifier: GPL-2.0 */
/* The functions of fence.c, as the Rust side declares them. */

#ifndef KGSL_SHIM_FENCE_H
#define KGSL_SHIM_FENCE_H

#include <linux/types.h>

struct dma_fence;
struct file;

/* The sizes of names, the closing zero included. */
#define KGSL_SHIM_DRIVER_NAME_SIZE 32
#define KGSL_SHIM_TIMELINE_NAME_SIZE 80

struct dma_fence *kgsl_shim_fence_create(const char *driver, const char *timeline, u64 context,
					 u64 seqno);
void kgsl_shim_fence_signal(struct dma_fence *fence, int error);
bool kgsl_shim_fence_is_signaled(struct dma_fence *fence);
struct dma_fence *kgsl_shim_fence_get(struct dma_fence *fence);
void kgsl_shim_fence_put(struct dma_fence *fence);
bool kgsl_shim_begin_signalling(unsigned int *flags);
void kgsl_shim_end_signalling(bool cookie, unsigned int flags);
struct file *kgsl_shim_fence_file(struct dma_fence *fence);
void kgsl_shim_timeline_name(char *name, u32 context);

#endif
