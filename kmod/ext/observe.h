/* SPDX-License-Identifier: GPL-2.0 */
/* The functions of observe.c, as the Rust side declares them. */

#ifndef KGSL_SHIM_OBSERVE_H
#define KGSL_SHIM_OBSERVE_H

#include <linux/types.h>

struct attribute;
struct attribute_group;
struct dentry;
struct device;
struct device_attribute;
struct file_operations;

void kgsl_shim_process_name(char *name);
unsigned int kgsl_shim_online_cpus(void);
void kgsl_shim_attribute_init(struct device_attribute *attribute, const char *name,
			      ssize_t (*show)(struct device *, struct device_attribute *, char *));
void kgsl_shim_attribute_group_init(struct attribute_group *group, const char *name,
				    struct attribute **attributes);
struct dentry *kgsl_shim_debugfs_directory(const char *name, struct dentry *parent);
struct dentry *kgsl_shim_debugfs_file(const char *name, struct dentry *parent, void *data,
				      const struct file_operations *operations);
void kgsl_shim_debugfs_remove(struct dentry *entry);

#endif
