// SPDX-License-Identifier: GPL-2.0
/*
 * Nodes of sysfs and debugfs, and what they tell of processes. They are C because the structures have other shapes from one kernel series to the next and
 * with other options, and because lockdep wants a key for each attribute that lies in allocated memory.
 */

#include <linux/cpumask.h>
#include <linux/debugfs.h>
#include <linux/device.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "observe.h"

/* The name of the process of the calling thread: TASK_COMM_LEN bytes, the last of them zero. */
void kgsl_shim_process_name(char *name)
{
	strscpy_pad(name, current->group_leader->comm, TASK_COMM_LEN);
}

unsigned int kgsl_shim_online_cpus(void)
{
	return num_online_cpus();
}

/* Makes an attribute that can only be read. All of them share a key: none is taken while another is. */
void kgsl_shim_attribute_init(struct device_attribute *attribute, const char *name,
			      ssize_t (*show)(struct device *, struct device_attribute *, char *))
{
	struct device_attribute fresh = { .attr = { .name = name, .mode = 0444 }, .show = show };

	*attribute = fresh;
	sysfs_attr_init(&attribute->attr);
}

/* Makes a group of attributes, in a directory of its own unless @name is NULL. */
void kgsl_shim_attribute_group_init(struct attribute_group *group, const char *name,
				    struct attribute **attributes)
{
	struct attribute_group fresh = { .name = name, .attrs = attributes };

	*group = fresh;
}

/* A new directory of debugfs, or an error: one that the kernel has no debugfs, too. */
struct dentry *kgsl_shim_debugfs_directory(const char *name, struct dentry *parent)
{
	return debugfs_create_dir(name, parent);
}

/* A new file of debugfs that only root reads, or an error. */
struct dentry *kgsl_shim_debugfs_file(const char *name, struct dentry *parent, void *data,
				      const struct file_operations *operations)
{
	return debugfs_create_file(name, 0400, parent, data, operations);
}

/* Takes a directory with all that is in it, or a file, out; waits for whoever reads it. */
void kgsl_shim_debugfs_remove(struct dentry *entry)
{
	debugfs_remove(entry);
}
