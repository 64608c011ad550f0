/* SPDX-License-Identifier: GPL-2.0 */
/* The functions of shim.c, pages.c and mapping.c, as the Rust side declares them. */

#ifndef KGSL_SHIM_SHIM_H
#define KGSL_SHIM_SHIM_H

#include <linux/types.h>

struct device;
struct device_node;
struct dma_buf;
struct file;
struct ida;
struct mm_struct;
struct page;
struct pid;
struct vm_area_struct;
struct vm_fault;
struct workqueue_struct;

const char *kgsl_shim_parameter_chip(void);
bool kgsl_shim_parameter_bind_dt(void);
bool kgsl_shim_parameter_wait_zero_forever(void);
bool kgsl_shim_parameter_strict(void);
void kgsl_shim_ida_init(struct ida *ida);
void *kgsl_shim_page_address(struct page *page);
void *kgsl_shim_block_address(struct page *page, unsigned long *room);
struct workqueue_struct *kgsl_shim_alloc_workqueue(const char *name, bool reclaim);
bool kgsl_shim_holds_up_fences(void);
bool kgsl_shim_fatal_signal_pending(void);
bool kgsl_shim_is_current_process(const struct pid *process);
bool kgsl_shim_in_compat_call(void);
bool kgsl_shim_may_log(void);
unsigned long kgsl_shim_alloc_pages(unsigned long count, struct page **pages);
void kgsl_shim_free_pages(unsigned long count, struct page **pages);
bool kgsl_shim_pages_are_ours(unsigned long count, struct page **pages);
void kgsl_shim_zero_pages(unsigned long count, struct page **pages);
bool kgsl_shim_group_has_room(struct page *page, unsigned long count);
unsigned long kgsl_shim_ram_pages(void);
long kgsl_shim_pin_pages(unsigned long start, unsigned long count, bool writable,
			 struct page **pages);
struct mm_struct *kgsl_shim_note_pinned(unsigned long count);
void kgsl_shim_forget_pinned(struct mm_struct *mm, unsigned long count);
void kgsl_shim_unpin_pages(struct page **pages, unsigned long count, bool written);
bool kgsl_shim_dma_buf_is_mappable(const struct dma_buf *buffer);
int kgsl_shim_dma_buf_map(struct dma_buf *buffer, void **address);
void kgsl_shim_dma_buf_unmap(struct dma_buf *buffer, void *address);
int kgsl_shim_map_pages(struct vm_area_struct *vma, struct page **pages, unsigned long count,
			bool on_demand);
unsigned int kgsl_shim_fault(struct vm_fault *fault, struct page *page, bool blocks);
struct vm_area_struct *kgsl_shim_fault_area(const struct vm_fault *fault);
unsigned long kgsl_shim_fault_offset(const struct vm_fault *fault);
void kgsl_shim_note_no_accesses(struct file *file);
unsigned long kgsl_shim_default_address(struct file *file, unsigned long hint,
					unsigned long length, unsigned long page_offset,
					unsigned long flags);
unsigned long kgsl_shim_next_free_address(unsigned long start, unsigned long length);
void kgsl_shim_place_lock(void);
void kgsl_shim_place_unlock(void);
struct device_node *kgsl_shim_find_node(const char *compatible);
struct device_node *kgsl_shim_node_of(struct device *device);
void kgsl_shim_put_node(struct device_node *node);
const char *kgsl_shim_node_compatible(struct device_node *node, int index);

#endif
