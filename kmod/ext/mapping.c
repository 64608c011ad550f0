// SPDX-License-Identifier: GPL-2.0
/*
 * How pages of our own are mapped into a process.
 */

#include <linux/align.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/version.h>

#include "shim.h"

static bool is_shared_and_writable(const struct vm_area_struct *vma)
{
	const vm_flags_t wanted = VM_SHARED | VM_WRITE;

	return (vma->vm_flags & wanted) == wanted;
}

static unsigned long address_of(const struct vm_area_struct *vma, unsigned long index)
{
	return vma->vm_start + (index << PAGE_SHIFT);
}

/*
 * Maps the pages from @first to before @end as vm_insert_pages() does, but as written already where the program may write
 * them: a CPU that leaves the dirty bit to the kernel would fault at the first write to each of them, and nobody asks
 * whether they are dirty. The area is still the caller's alone.
 */
static int insert(struct vm_area_struct *vma, unsigned long first, unsigned long end,
		  struct page **pages)
{
	const pgprot_t protection = vma->vm_page_prot;
	int error = 0;

	if (is_shared_and_writable(vma))
		vma->vm_page_prot = pte_pgprot(pte_mkdirty(pfn_pte(0, protection)));
	while (first < end && !error) {
		unsigned long left = end - first;

		error = vm_insert_pages(vma, address_of(vma, first), pages + first, &left);
		first = end - left;
	}
	vma->vm_page_prot = protection;
	return error;
}

/* Whether a single entry of the page tables can map the block that starts with @page, which is the one of that index. */
static bool fits_one_entry(const struct vm_area_struct *vma, unsigned long index, struct page *page)
{
	return IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE) && compound_order(page) == PMD_ORDER &&
	       vma->vm_flags & VM_SHARED && IS_ALIGNED(address_of(vma, index), PMD_SIZE);
}

/*
 * Maps @count pages, which are whole blocks, at the start of an area that is still the caller's alone, and whose offset is
 * that in the pages from then on: the handler of faults wants to know. With @on_demand, blocks that fit one entry are left
 * to kgsl_shim_fault(), since nobody but such a handler can make such entries.
 *
 * The area is not a mixed map then: all that is in it are pages with references, as in the mapping of a file, and Linux
 * 6.18 takes an entry for a block in a mixed map for one that has none. That holds for every area with such a handler,
 * since the kernel may make an entry for a block of what the handler returns.
 */
int kgsl_shim_map_pages(struct vm_area_struct *vma, struct page **pages, unsigned long count,
			bool on_demand)
{
	unsigned long block, done, first = 0;
	int error;

	vma->vm_pgoff = 0;
	for (done = 0; done < count; done += block) {
		block = 1UL << compound_order(pages[done]);
		if (!on_demand || !fits_one_entry(vma, done, pages[done]))
			continue;
		error = insert(vma, first, done, pages);
		if (error)
			return error;
		first = done + block;
	}
	error = insert(vma, first, count, pages);
	if (on_demand)
		vm_flags_clear(vma, VM_MIXEDMAP);
	return error;
}

#ifdef CONFIG_TRANSPARENT_HUGEPAGE
/* Whether one entry may map the block of @page, which belongs where the fault was: nothing of it is mapped yet. */
static bool may_map_block(const struct vm_fault *fault, struct page *page)
{
	const struct vm_area_struct *vma = fault->vma;
	const struct folio *block = page_folio(page);
	const unsigned long address = ALIGN_DOWN(fault->address, PAGE_SIZE);
	const unsigned long start = address - (folio_page_idx(block, page) << PAGE_SHIFT);

	return folio_order(block) == PMD_ORDER && vma->vm_flags & VM_SHARED &&
	       IS_ALIGNED(start, PMD_SIZE) && range_in_vma(vma, start, start + PMD_SIZE) &&
	       pmd_none(pmdp_get_lockless(fault->pmd));
}
#endif

/*
 * Handles a fault in an area of kgsl_shim_map_pages(), where @page belongs: with @blocks maps its whole block, or else the
 * page. The latter is for areas of which a part has gone, has got another protection or has moved, and for pages that the
 * program has said it does not need.
 *
 * As in DRM, nobody asks whether the administrator wants transparent huge pages: none are made, the blocks are there.
 *
 * Of two faults in one block the second finds what the first has made, and leaves it: the entry, or a table, where the
 * first was answered with a page, since there was an entry that somebody has let go meanwhile. The kernel would warn of the
 * table if it were told of a write. So it is not, and a CPU that leaves the dirty bit to the kernel faults once more for
 * each block. An area that moves may bring tables, which the kernel may drop and make at any time: there no more blocks
 * are mapped.
 */
unsigned int kgsl_shim_fault(struct vm_fault *fault, struct page *page, bool blocks)
{
#ifdef CONFIG_TRANSPARENT_HUGEPAGE
	if (blocks && may_map_block(fault, page))
		return vmf_insert_folio_pmd(fault, page_folio(page), false);
#endif
	get_page(page);
	fault->page = page;
	return 0;
}

struct vm_area_struct *kgsl_shim_fault_area(const struct vm_fault *fault)
{
	return fault->vma;
}

/* In pages, from the start of what the area shows. */
unsigned long kgsl_shim_fault_offset(const struct vm_fault *fault)
{
	return fault->pgoff;
}

/*
 * Says of a file that is being opened that it does not matter when the memory was accessed that it maps: nobody reclaims
 * that. The kernel would note it for each page that is unmapped.
 */
void kgsl_shim_note_no_accesses(struct file *file)
{
	file->f_mode |= FMODE_NOREUSE;
}

/*
 * Where the kernel itself would map a file of the calling process: so that large blocks fit one entry, where it can, and
 * the program has no wish.
 */
unsigned long kgsl_shim_default_address(struct file *file, unsigned long hint,
					unsigned long length, unsigned long page_offset,
					unsigned long flags)
{
#ifdef CONFIG_TRANSPARENT_HUGEPAGE
	/* Blocks start where the object does, whatever offset it is known by. */
	if (length >= PMD_SIZE && !hint)
		return thp_get_unmapped_area(file, hint, length, 0, flags);
#endif
#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 2, 0)
	return mm_get_unmapped_area(current->mm, file, hint, length, page_offset, flags);
#else
	return mm_get_unmapped_area(file, hint, length, page_offset, flags);
#endif
}

/*
 * The first address from @start on after which the calling process has @length bytes free. Called with the mmap lock
 * held.
 */
unsigned long kgsl_shim_next_free_address(unsigned long start, unsigned long length)
{
	struct vm_area_struct *vma;

	while ((vma = find_vma_intersection(current->mm, start, start + length)))
		start = vma->vm_end;
	return start;
}
