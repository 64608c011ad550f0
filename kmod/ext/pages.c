// SPDX-License-Identifier: GPL-2.0
/*
 * Pages that user space, the GPU and the kernel share: where they come from, and who else has them.
 */

#include <linux/log2.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/string.h>

#include "shim.h"

void *kgsl_shim_page_address(struct page *page)
{
	return page_address(page);
}

/*
 * The address of a page of our own, and how many bytes follow in one piece: those of the rest of its block. Blocks are
 * used and freed as a whole, and neither they nor the addresses of their pages have holes.
 */
void *kgsl_shim_block_address(struct page *page, unsigned long *room)
{
	struct page *head = compound_head(page);

	*room = (compound_nr(head) - (page - head)) << PAGE_SHIFT;
	return page_address(page);
}

/* The largest block of pages that is asked for: what a single entry of the page tables maps, 2 MiB of pages of 4 KiB. */
#define LARGEST_ORDER min_t(unsigned int, PMD_ORDER, MAX_PAGE_ORDER)

/*
 * Fills the first places of @pages, all of which are NULL, with zeroed pages, and returns how many: fewer when memory has
 * run out or the thread is about to die. The pages come in blocks as large as they can be had without trouble: each is a
 * compound page, whose pages follow each other in @pages.
 *
 * They are charged to the memory control group of the program, as those of mainline GPU drivers are, though the C driver
 * charges nobody: a container must not get around its limit by way of the GPU. Rather fails than has the OOM killer look
 * for a victim: the memory of a GPU object is not in any process's resident set.
 */
unsigned long kgsl_shim_alloc_pages(unsigned long count, struct page **pages)
{
	const gfp_t single = GFP_KERNEL_ACCOUNT | __GFP_ZERO | __GFP_NOWARN | __GFP_RETRY_MAYFAIL;
	const gfp_t block = (GFP_KERNEL_ACCOUNT & ~__GFP_RECLAIM) | __GFP_ZERO | __GFP_NOWARN |
			    __GFP_NORETRY | __GFP_COMP;
	unsigned int order = LARGEST_ORDER;
	unsigned long done = 0;

	cond_resched();
	while (done < count && !fatal_signal_pending(current)) {
		struct page *page;

		order = min_t(unsigned int, order, ilog2(count - done));
		if (!order) {
			/* One page at a time where they are charged. */
			const unsigned long got =
				alloc_pages_bulk(single, count - done, pages + done);

			if (!got)
				break;
			done += got;
			continue;
		}
		page = alloc_pages(block, order);
		if (!page) {
			order--;
			continue;
		}
		for (unsigned long i = 0; i < 1UL << order; i++)
			pages[done++] = page + i;
	}
	return done;
}

/* Frees what kgsl_shim_alloc_pages() has filled in. */
void kgsl_shim_free_pages(unsigned long count, struct page **pages)
{
	unsigned long done = 0;

	while (done < count) {
		const unsigned int order = compound_order(pages[done]);

		__free_pages(pages[done], order);
		done += 1UL << order;
	}
}

/*
 * Whether nobody but the caller has a reference to any of these pages, which kgsl_shim_alloc_pages() has filled in and
 * which are mapped nowhere: a device or another driver may have pinned them where they were. Nobody can get a reference
 * to use them by after this; what others wrote before they gave theirs up comes before what the caller writes.
 */
bool kgsl_shim_pages_are_ours(unsigned long count, struct page **pages)
{
	unsigned long done = 0;

	while (done < count) {
		if (page_ref_count(pages[done]) != 1)
			return false;
		done += 1UL << compound_order(pages[done]);
	}
	smp_acquire__after_ctrl_dep();
	return true;
}

/*
 * Makes pages zero that nobody else has, block by block. Not by clear_page(): on x86 that is a single instruction which an
 * emulated CPU goes through byte by byte, while memset() asks what the CPU is good at. On arm64 both use the same one.
 */
void kgsl_shim_zero_pages(unsigned long count, struct page **pages)
{
	unsigned long done = 0;

	while (done < count) {
		const unsigned long block = 1UL << compound_order(pages[done]);

		memset(page_address(pages[done]), 0, block << PAGE_SHIFT);
		done += block;
		cond_resched();
	}
}

/*
 * Whether the control groups that a page is charged to, if it is, could be charged with so many pages more. The kernel
 * looks for memory of a single group where it knows the owner of each piece, which it does not of what a driver keeps.
 */
bool kgsl_shim_group_has_room(struct page *page, unsigned long count)
{
	bool room = true;
#ifdef CONFIG_MEMCG
	struct mem_cgroup *group;

	rcu_read_lock();
	for (group = folio_memcg(page_folio(page)); group && room; group = parent_mem_cgroup(group))
		room = page_counter_read(&group->memory) + count <= READ_ONCE(group->memory.max);
	rcu_read_unlock();
#endif
	return room;
}

unsigned long kgsl_shim_ram_pages(void)
{
	return totalram_pages();
}
