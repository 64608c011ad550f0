/* SPDX-License-Identifier: GPL-2.0 */
/* The functions of fence.c, as the Rust side declares them. */

#ifndef KGSL_SHIM_FENCE_H
#define KGSL_SHIM_FENCE_H

#include <linux/types.h>

struct dma_fence;
struct file;
struct kgsl_shim_timeline;

struct dma_fence *kgsl_shim_fence_create(const char *driver, const char *name, u64 seqno);
struct dma_fence *kgsl_shim_fence_create_on(const char *driver,
					    struct kgsl_shim_timeline *timeline, u64 seqno);
void kgsl_shim_fence_signal(struct dma_fence *fence, int error);
bool kgsl_shim_fence_is_signaled(struct dma_fence *fence);
struct dma_fence *kgsl_shim_fence_get(struct dma_fence *fence);
void kgsl_shim_fence_put(struct dma_fence *fence);
bool kgsl_shim_begin_signalling(unsigned int *flags);
void kgsl_shim_end_signalling(bool cookie, unsigned int flags);
struct file *kgsl_shim_fence_file(struct dma_fence *fence);
struct kgsl_shim_timeline *kgsl_shim_timeline_of_context(u32 context);
void kgsl_shim_timeline_put(struct kgsl_shim_timeline *timeline);

#endif
