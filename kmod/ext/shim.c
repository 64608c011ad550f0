// SPDX-License-Identifier: GPL-2.0
/*
 * What Rust cannot say on every kernel that the module supports: its parameters and namespaces, which `module!` of 6.18
 * does not know, and kernel functions that are static inlines or macros without a Rust helper.
 */

#include <linux/compat.h>
#include <linux/device.h>
#include <linux/dma-buf.h>
#include <linux/idr.h>
#include <linux/iosys-map.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/ratelimit.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/version.h>
#include <linux/workqueue.h>

#include "shim.h"

MODULE_IMPORT_NS("DMA_BUF");

static char *chip = "auto";
module_param(chip, charp, 0444);
MODULE_PARM_DESC(chip, "Adreno to present: its name (a660, 635, ...), or auto for the device tree's or an A660");

static bool bind_dt;
module_param(bind_dt, bool, 0444);
MODULE_PARM_DESC(bind_dt, "Be the driver of the device tree's qcom,adreno node: the device comes and goes with it");

static bool strict;
module_param(strict, bool, 0444);
MODULE_PARM_DESC(strict, "Whether work that needs a shader core faults; otherwise it is reported and has no effect");

bool kgsl_shim_parameter_strict(void)
{
	return strict;
}

const char *kgsl_shim_parameter_chip(void)
{
	return chip;
}

bool kgsl_shim_parameter_bind_dt(void)
{
	return bind_dt;
}

/* What a wait of no time does: the words that wait_zero= takes. */
static const char *const wait_zero_words[] = { "poll", "forever" };
static int wait_zero;

static int wait_zero_set(const char *word, const struct kernel_param *parameter)
{
	int index = sysfs_match_string(wait_zero_words, word);

	if (index < 0) {
		pr_err("wait_zero=%s means nothing: it is poll or forever\n", word);
		return index;
	}
	WRITE_ONCE(wait_zero, index);
	return 0;
}

static int wait_zero_get(char *page, const struct kernel_param *parameter)
{
	return sysfs_emit(page, "%s\n", wait_zero_words[READ_ONCE(wait_zero)]);
}

static const struct kernel_param_ops wait_zero_operations = {
	.set = wait_zero_set,
	.get = wait_zero_get,
};

module_param_cb(wait_zero, &wait_zero_operations, NULL, 0644);
__MODULE_PARM_TYPE(wait_zero, "charp");
MODULE_PARM_DESC(wait_zero, "DEVICE_WAITTIMESTAMP_CTXTID with a timeout of 0: poll, or wait forever as the C driver does");

bool kgsl_shim_parameter_wait_zero_forever(void)
{
	return READ_ONCE(wait_zero);
}

void kgsl_shim_ida_init(struct ida *ida)
{
	ida_init(ida);
}

/* A workqueue; with @reclaim, one that gets on while no memory can be had for another thread. */
struct workqueue_struct *kgsl_shim_alloc_workqueue(const char *name, bool reclaim)
{
	return alloc_workqueue("%s", WQ_UNBOUND | (reclaim ? WQ_MEM_RECLAIM : 0), 0, name);
}

/*
 * Whether fences may wait for what the current thread does: in a work, and between kgsl_shim_begin_signalling() and
 * kgsl_shim_end_signalling(), which leave the second mark.
 */
bool kgsl_shim_holds_up_fences(void)
{
	return current->flags & (PF_WQ_WORKER | PF_MEMALLOC_NOIO);
}

bool kgsl_shim_fatal_signal_pending(void)
{
	return fatal_signal_pending(current);
}

bool kgsl_shim_is_current_process(const struct pid *process)
{
	return task_tgid(current) == process;
}

bool kgsl_shim_in_compat_call(void)
{
	return in_compat_syscall();
}

static DEFINE_SPINLOCK(place_lock);

void kgsl_shim_place_lock(void)
{
	spin_lock(&place_lock);
}

void kgsl_shim_place_unlock(void)
{
	spin_unlock(&place_lock);
}

/* Whether a message that a program has provoked may be logged: ten in five seconds. */
bool kgsl_shim_may_log(void)
{
	static DEFINE_RATELIMIT_STATE(limit, DEFAULT_RATELIMIT_INTERVAL, DEFAULT_RATELIMIT_BURST);

	return __ratelimit(&limit);
}

/* Pins pages of the calling process for good; returns how many, or a negative error number. */
long kgsl_shim_pin_pages(unsigned long start, unsigned long count, bool writable,
			 struct page **pages)
{
	unsigned int flags = FOLL_LONGTERM | (writable ? FOLL_WRITE : 0);

	return pin_user_pages_fast(start, min_t(unsigned long, count, INT_MAX), flags, pages);
}

/*
 * Notes that the calling process has @count more pages pinned; the note holds a reference to its address space. Nothing
 * is refused here: neither the C driver nor other GPU drivers hold programs to RLIMIT_MEMLOCK, whose default of 8 MiB no
 * program that imports memory would get by with. The pages themselves are charged to who has allocated them.
 */
struct mm_struct *kgsl_shim_note_pinned(unsigned long count)
{
	struct mm_struct *mm = current->mm;

	mmgrab(mm);
	atomic64_add(count, &mm->pinned_vm);
	return mm;
}

void kgsl_shim_forget_pinned(struct mm_struct *mm, unsigned long count)
{
	atomic64_sub(count, &mm->pinned_vm);
	mmdrop(mm);
}

void kgsl_shim_unpin_pages(struct page **pages, unsigned long count, bool written)
{
	unpin_user_pages_dirty_lock(pages, count, written);
}

/* Whether the driver of a dma-buf maps any into the kernel. */
bool kgsl_shim_dma_buf_is_mappable(const struct dma_buf *buffer)
{
	return buffer->ops->vmap;
}

/* Maps a dma-buf into the kernel. Memory of a device cannot be copied like memory, and is refused. */
int kgsl_shim_dma_buf_map(struct dma_buf *buffer, void **address)
{
	struct iosys_map map;
	int error = dma_buf_vmap_unlocked(buffer, &map);

	if (error)
		return error;
	if (map.is_iomem) {
		dma_buf_vunmap_unlocked(buffer, &map);
		return -EOPNOTSUPP;
	}
	*address = map.vaddr;
	return 0;
}

void kgsl_shim_dma_buf_unmap(struct dma_buf *buffer, void *address)
{
	struct iosys_map map = IOSYS_MAP_INIT_VADDR(address);

	dma_buf_vunmap_unlocked(buffer, &map);
}

/* The first node that is not disabled and is compatible with that, with a reference for the caller; NULL without one. */
struct device_node *kgsl_shim_find_node(const char *compatible)
{
	struct device_node *node;

	for_each_compatible_node(node, NULL, compatible)
		if (of_device_is_available(node))
			return node;
	return NULL;
}

/* The node that describes a device, with a reference for the caller; NULL without one. */
struct device_node *kgsl_shim_node_of(struct device *device)
{
	return of_node_get(dev_of_node(device));
}

void kgsl_shim_put_node(struct device_node *node)
{
	of_node_put(node);
}

/* A compatible string of a node; NULL when it has not as many. */
const char *kgsl_shim_node_compatible(struct device_node *node, int index)
{
	const char *string;

	return of_property_read_string_index(node, "compatible", index, &string) ? NULL : string;
}
