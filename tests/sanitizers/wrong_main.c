// SPDX-License-Identifier: GPL-2.0

/*
 * What C code of a module can do wrong, one thing each time that it is inserted: `wrong=NAME`. It is never loaded for
 * long: when the kernel has lived through it, the insertion fails with ECANCELED; only a leak stays, to be found. What
 * Rust code can do wrong is in wrong_rust.rs.
 */

#include <linux/delay.h>
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/vmalloc.h>

void wrong_rust_use_after_free(void);
void wrong_rust_out_of_bounds(void);
void wrong_rust_vmalloc_out_of_bounds(void);
void wrong_rust_leak(void);
void wrong_rust_sleep(void);
void wrong_rust_lock_order(void);
void wrong_rust_overflow(void);

static char *wrong = "";
module_param(wrong, charp, 0);
MODULE_PARM_DESC(wrong, "what to do wrong");

/* The compiler must neither see what is wrong nor drop it. */
static volatile int sink;
static volatile int four = 4;
static volatile int forty = 40;

static noinline void wrong_c_use_after_free(void)
{
	volatile char *memory = kmalloc(64, GFP_KERNEL);

	if (!memory)
		return;
	kfree((void *)memory);
	sink = memory[8];
}

static noinline void wrong_c_out_of_bounds(void)
{
	volatile char *memory = kmalloc(40, GFP_KERNEL);

	if (!memory)
		return;
	sink = memory[forty];
	kfree((void *)memory);
}

static noinline void wrong_c_vmalloc_out_of_bounds(void)
{
	volatile char *memory = vmalloc(PAGE_SIZE + 8);

	if (!memory)
		return;
	sink = memory[PAGE_SIZE + forty];
	vfree((void *)memory);
}

static int numbers[4];

static noinline void wrong_c_index(void)
{
	sink = numbers[four];
}

static noinline void wrong_c_shift(void)
{
	sink = 1 << forty;
}

static noinline void wrong_c_bool(void)
{
	bool truth;

	*(volatile char *)&truth = forty;
	sink = truth;
}

static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);

static noinline void wrong_c_lock_order(void)
{
	mutex_lock(&first);
	mutex_lock(&second);
	mutex_unlock(&second);
	mutex_unlock(&first);
	mutex_lock(&second);
	mutex_lock(&first);
	mutex_unlock(&first);
	mutex_unlock(&second);
}

static noinline void wrong_c_sleep(void)
{
	static DEFINE_SPINLOCK(lock);

	spin_lock(&lock);
	might_sleep();
	spin_unlock(&lock);
}

static int __rcu *shared;

static noinline void wrong_c_rcu(void)
{
	sink = rcu_dereference(shared) != NULL;
}

static void nothing(struct timer_list *timer)
{
}

static noinline void wrong_c_object(void)
{
	struct timer_list *timer = kmalloc(sizeof(*timer), GFP_KERNEL);

	if (!timer)
		return;
	timer_setup(timer, nothing, 0);
	mod_timer(timer, jiffies + 1000 * HZ);
	kfree(timer);
}

static noinline void wrong_c_list(void)
{
	static LIST_HEAD(head);
	static struct list_head entry;

	list_add(&entry, &head);
	list_del(&entry);
	list_del(&entry);
}

/* The allocator of 7.2 keeps the addresses of what it has given away last: kmemleak finds these and not the objects lost. */
static noinline void wrong_c_leak(void)
{
	int i;

	for (i = 0; i < 1024; i++) {
		void *memory = kmalloc(200, GFP_KERNEL);

		OPTIMIZER_HIDE_VAR(memory);
	}
}

static void wrong_leak(void)
{
	wrong_c_leak();
	wrong_rust_leak();
}

/* KASAN would see it first. */
static noinline __no_sanitize_address void write_unseen(volatile char *memory)
{
	memory[100] = 1;
}

static noinline void wrong_c_free_page(void)
{
	struct page *page = alloc_page(GFP_KERNEL);
	int i;

	if (!page)
		return;
	__free_page(page);
	write_unseen(page_address(page));
	/* It is the next that this CPU gives out, or one of the next. */
	for (i = 0; i < 64; i++) {
		struct page *again = alloc_page(GFP_KERNEL);

		if (again)
			__free_page(again);
		if (again == page)
			return;
	}
}

static long counter;

static int count(void *unused)
{
	while (!kthread_should_stop()) {
		counter++;
		cond_resched();
	}
	return 0;
}

static noinline void wrong_c_race(void)
{
	struct task_struct *tasks[2];
	int i;

	for (i = 0; i < 2; i++)
		tasks[i] = kthread_run(count, NULL, "wrong-%d", i);
	msleep(3000);
	for (i = 0; i < 2; i++)
		if (!IS_ERR(tasks[i]))
			kthread_stop(tasks[i]);
}

static const struct {
	const char *name;
	void (*act)(void);
} acts[] = {
	{ "c_use_after_free", wrong_c_use_after_free },
	{ "c_out_of_bounds", wrong_c_out_of_bounds },
	{ "c_vmalloc_out_of_bounds", wrong_c_vmalloc_out_of_bounds },
	{ "c_index", wrong_c_index },
	{ "c_shift", wrong_c_shift },
	{ "c_bool", wrong_c_bool },
	{ "c_lock_order", wrong_c_lock_order },
	{ "c_sleep", wrong_c_sleep },
	{ "c_rcu", wrong_c_rcu },
	{ "c_object", wrong_c_object },
	{ "c_list", wrong_c_list },
	{ "c_free_page", wrong_c_free_page },
	{ "c_race", wrong_c_race },
	{ "rust_use_after_free", wrong_rust_use_after_free },
	{ "rust_out_of_bounds", wrong_rust_out_of_bounds },
	{ "rust_vmalloc_out_of_bounds", wrong_rust_vmalloc_out_of_bounds },
	{ "leak", wrong_leak },
	{ "rust_sleep", wrong_rust_sleep },
	{ "rust_lock_order", wrong_rust_lock_order },
	{ "rust_overflow", wrong_rust_overflow },
};

static int __init wrong_init(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(acts); i++) {
		if (strcmp(acts[i].name, wrong))
			continue;
		acts[i].act();
		/* Leaks are told by the names of functions, which go with the module. */
		return acts[i].act == wrong_leak ? 0 : -ECANCELED;
	}
	return -EINVAL;
}

static void __exit wrong_exit(void)
{
}

module_init(wrong_init);
module_exit(wrong_exit);
MODULE_DESCRIPTION("Does wrong on purpose, for the suite `sanitizers`");
MODULE_LICENSE("GPL");
