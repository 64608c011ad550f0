// SPDX-License-Identifier: GPL-2.0

/*
 * A module with something of everything that the loader looks at: symbols for everybody, for GPL-compatible modules
 * and in a namespace, a weak one that nobody has, and one that it exports itself.
 */

#include <linux/dma-buf.h>
#include <linux/kobject.h>
#include <linux/module.h>
#include <linux/slab.h>

extern int verdict_nobody_has_this(void) __attribute__((weak));

/* In data, for code would reach a weak symbol through a GOT, which the loader does not have. */
static int (*volatile verdict_weak)(void) = verdict_nobody_has_this;

int verdict_value(void);

int verdict_value(void)
{
	return 42;
}
EXPORT_SYMBOL_GPL(verdict_value);

static int __init verdict_init(void)
{
	void *memory = kmalloc(verdict_value(), GFP_KERNEL);
	struct dma_buf *none = dma_buf_get(-1);

	kfree(memory);
	kobject_put(NULL);
	pr_info("verdict_c: loaded, dma_buf_get says %ld\n", PTR_ERR(none));
	return 0;
}

static void __exit verdict_exit(void)
{
	if (verdict_weak)
		verdict_weak();
}

module_init(verdict_init);
module_exit(verdict_exit);
MODULE_DESCRIPTION("What the suite `verdicts` changes and loads");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS("DMA_BUF");
