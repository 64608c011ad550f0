// SPDX-License-Identifier: GPL-2.0
/*
 * Copies of structures from and to the program. They are a few words long, for which copy_from_user() is a long way:
 * four calls, and on x86_64 an instruction for strings, which takes its time to begin. So they go word by word, as
 * the kernel's own short copies do.
 */

#include <linux/fault-inject-usercopy.h>
#include <linux/kernel.h>
#include <linux/uaccess.h>
#include <linux/unaligned.h>

#include "user.h"

/* Copies one value of a type. */
#define READ_ONE(type, to, from, fault)                                                            \
	do {                                                                                       \
		type value;                                                                        \
                                                                                                   \
		unsafe_get_user(value, (const type __user *)(from), fault);                        \
		put_unaligned(value, (type *)(to));                                                \
	} while (0)

#define WRITE_ONE(type, to, from, fault)                                                           \
	unsafe_put_user(get_unaligned((const type *)(from)), (type __user *)(to), fault)

/* Copies what is left by values of a type, while there is so much of it. */
#define COPY_WHILE(ONE, type, to, from, size, fault)                                               \
	while ((size) >= sizeof(type)) {                                                           \
		ONE(type, to, from, fault);                                                        \
		(to) += sizeof(type);                                                              \
		(from) += sizeof(type);                                                            \
		(size) -= sizeof(type);                                                            \
	}

/* Copies @size bytes: four words at a time, as long as there are so many. */
#define COPY(ONE, to, from, size, fault)                                                           \
	do {                                                                                       \
		for (; (size) >= 32; (to) += 32, (from) += 32, (size) -= 32) {                     \
			ONE(u64, to, from, fault);                                                 \
			ONE(u64, (to) + 8, (from) + 8, fault);                                     \
			ONE(u64, (to) + 16, (from) + 16, fault);                                   \
			ONE(u64, (to) + 24, (from) + 24, fault);                                   \
		}                                                                                  \
		COPY_WHILE(ONE, u64, to, from, size, fault);                                       \
		COPY_WHILE(ONE, u32, to, from, size, fault);                                       \
		COPY_WHILE(ONE, u8, to, from, size, fault);                                        \
	} while (0)

/* Copies @size bytes from the program; whether all of them could be read. What is at @to is of no use where not. */
bool kgsl_shim_read_user(void *to, const void __user *from, unsigned long size)
{
	might_fault();
	/* As copy_from_user(): of nothing it does not matter where it is. */
	if (!size)
		return true;
	if (should_fail_usercopy() || !user_read_access_begin(from, size))
		return false;
	COPY(READ_ONE, to, from, size, fault);
	user_read_access_end();
	return true;
fault:
	user_read_access_end();
	return false;
}

/* Copies @size bytes to the program; whether all of them could be written. */
bool kgsl_shim_write_user(void __user *to, const void *from, unsigned long size)
{
	might_fault();
	if (!size)
		return true;
	if (should_fail_usercopy() || !user_write_access_begin(to, size))
		return false;
	COPY(WRITE_ONE, to, from, size, fault);
	user_write_access_end();
	return true;
fault:
	user_write_access_end();
	return false;
}
