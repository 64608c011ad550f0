// SPDX-License-Identifier: GPL-2.0
/*
 * Fences of our own. They are C because the operations' table, the inline reference counting and the lock all have
 * different shapes from one kernel series to the next, and none has a Rust helper.
 *
 * A fence may outlive everything else of the module: user space holds it through a sync_file. So each holds a reference
 * to the module until it is released.
 */

#include <linux/dma-fence.h>
#include <linux/kref.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/sync_file.h>

#include "fence.h"

/* The size of a name, the closing zero included. */
#define TIMELINE_NAME_SIZE 80

/* A timeline with a name of its own, which its fences share. */
struct kgsl_shim_timeline {
	struct kref references;
	struct rcu_head rcu;
	u64 context;
	char name[TIMELINE_NAME_SIZE];
};

struct shim_fence {
	struct dma_fence base;
	spinlock_t lock;
	/* Constants of the module, or the name of the timeline. */
	const char *driver;
	const char *name;
	/* NULL for a fence on a timeline without others. */
	struct kgsl_shim_timeline *timeline;
};

static struct shim_fence *to_shim_fence(struct dma_fence *fence)
{
	return container_of(fence, struct shim_fence, base);
}

static const char *driver_name(struct dma_fence *fence)
{
	return to_shim_fence(fence)->driver;
}

static const char *timeline_name(struct dma_fence *fence)
{
	return to_shim_fence(fence)->name;
}

static void free_timeline(struct kref *references)
{
	struct kgsl_shim_timeline *timeline =
		container_of(references, struct kgsl_shim_timeline, references);

	/* As the fences themselves: who looks at names may do so under RCU. */
	kfree_rcu(timeline, rcu);
}

void kgsl_shim_timeline_put(struct kgsl_shim_timeline *timeline)
{
	kref_put(&timeline->references, free_timeline);
}

/*
 * The module may go as soon as it is put, so that comes last: the compiler makes it a jump, after
 * which nothing of the module runs.
 */
static void release(struct dma_fence *fence)
{
	/* dma_fence_free() frees what starts with the fence. */
	static_assert(offsetof(struct shim_fence, base) == 0);
	struct kgsl_shim_timeline *timeline = to_shim_fence(fence)->timeline;

	dma_fence_free(fence);
	if (timeline)
		kgsl_shim_timeline_put(timeline);
	module_put(THIS_MODULE);
}

static const struct dma_fence_ops fence_ops = {
	.get_driver_name = driver_name,
	.get_timeline_name = timeline_name,
	.release = release,
};

/* Without @timeline, @context is that of a timeline without others. */
static struct dma_fence *create(const char *driver, const char *name,
				struct kgsl_shim_timeline *timeline, u64 context, u64 seqno)
{
	/* Not zeroed: dma_fence_init() sets all of its part, and the rest is set here. */
	struct shim_fence *fence = kmalloc(sizeof(*fence), GFP_KERNEL_ACCOUNT);

	if (!fence)
		return NULL;
	__module_get(THIS_MODULE);
	if (timeline)
		kref_get(&timeline->references);
	spin_lock_init(&fence->lock);
	fence->driver = driver;
	fence->name = name;
	fence->timeline = timeline;
	dma_fence_init(&fence->base, &fence_ops, &fence->lock, context, seqno);
	return &fence->base;
}

/*
 * A new fence, not signaled, on a timeline without others, or NULL when there is no memory. @driver and @name live as
 * long as the module.
 */
struct dma_fence *kgsl_shim_fence_create(const char *driver, const char *name, u64 seqno)
{
	return create(driver, name, NULL, dma_fence_context_alloc(1), seqno);
}

/* The same on a timeline with others. */
struct dma_fence *kgsl_shim_fence_create_on(const char *driver,
					    struct kgsl_shim_timeline *timeline, u64 seqno)
{
	return create(driver, timeline->name, timeline, timeline->context, seqno);
}

/* Signals a fence of ours, with a negative error number or 0; a fence that is signaled already stays as it is. */
void kgsl_shim_fence_signal(struct dma_fence *fence, int error)
{
	unsigned long flags;

	spin_lock_irqsave(&to_shim_fence(fence)->lock, flags);
	if (!test_bit(DMA_FENCE_FLAG_SIGNALED_BIT, &fence->flags)) {
		if (error)
			dma_fence_set_error(fence, error);
		dma_fence_signal_locked(fence);
	}
	spin_unlock_irqrestore(&to_shim_fence(fence)->lock, flags);
}

bool kgsl_shim_fence_is_signaled(struct dma_fence *fence)
{
	return dma_fence_is_signaled(fence);
}

struct dma_fence *kgsl_shim_fence_get(struct dma_fence *fence)
{
	return dma_fence_get(fence);
}

void kgsl_shim_fence_put(struct dma_fence *fence)
{
	dma_fence_put(fence);
}

/*
 * What comes between the two is what waiters wait for; lockdep checks that it waits for none of them. Memory that is
 * taken meanwhile waits for no device, which may be one of them.
 */
bool kgsl_shim_begin_signalling(unsigned int *flags)
{
	*flags = memalloc_noio_save();
	return dma_fence_begin_signalling();
}

void kgsl_shim_end_signalling(bool cookie, unsigned int flags)
{
	dma_fence_end_signalling(cookie);
	memalloc_noio_restore(flags);
}

/* A new file that stands for the fence, or NULL when there is no memory. */
struct file *kgsl_shim_fence_file(struct dma_fence *fence)
{
	struct sync_file *sync_file = sync_file_create(fence);

	return sync_file ? sync_file->file : NULL;
}

/*
 * The timeline of the timestamps of a context that the calling thread creates, under the name by which user space sees
 * it, or NULL when there is no memory.
 */
struct kgsl_shim_timeline *kgsl_shim_timeline_of_context(u32 context)
{
	struct kgsl_shim_timeline *timeline = kzalloc(sizeof(*timeline), GFP_KERNEL_ACCOUNT);

	if (!timeline)
		return NULL;
	kref_init(&timeline->references);
	timeline->context = dma_fence_context_alloc(1);
	snprintf(timeline->name, sizeof(timeline->name), "kgsl-3d0_%u-%s(%d)-%s(%d)", context,
		 current->group_leader->comm, task_tgid_nr(current), current->comm,
		 task_pid_nr(current));
	return timeline;
}
