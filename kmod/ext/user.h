/* SPDX-License-Identifier: GPL-2.0 */
/* The functions of user.c, as the Rust side declares them. */

#ifndef KGSL_SHIM_USER_H
#define KGSL_SHIM_USER_H

#include <linux/compiler.h>
#include <linux/types.h>

bool kgsl_shim_read_user(void *to, const void __user *from, unsigned long size);
bool kgsl_shim_write_user(void __user *to, const void *from, unsigned long size);

#endif
