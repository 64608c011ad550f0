// SPDX-License-Identifier: GPL-2.0
/*
 * The part of the fuzzer that is a 32-bit program: makes calls that follow from a seed, which is its argument in
 * hexadecimal, and ends with how many they were. Structures are those of the header for C users; each is described by a
 * letter for each of its dwords, since on 32-bit machines it consists of such.
 */

#include <kgsl_shim.h>

#include "system.h"

#define PAGE 4096ul
#define CALLS 96
#define KEPT 8
#define UNMAP 91

/* Memory for lists and for whatever the kernel writes, which may be more than a count says. */
static __u32 arena[0x4000];
static unsigned int room;
static __u32 dice;
static int device;

/* What calls have made: the last of each kind, which may be gone. */
static __u32 contexts[KEPT], objects[KEPT], addresses[KEPT];
static volatile __u32 *view;
static __u32 view_address;

static __u32 any(void)
{
	dice ^= dice << 13;
	dice ^= dice >> 17;
	dice ^= dice << 5;
	return dice;
}

static __u32 below(__u32 end)
{
	return any() % end;
}

static __u32 odd(void)
{
	static const __u32 edges[] = { 0, 1, PAGE - 1, PAGE, 0x7fffffff, 0x80000000, 0xfffff000, ~0u };

	switch (below(3)) {
	case 0:
		return edges[below(8)];
	case 1:
		return 1u << below(32);
	default:
		return any();
	}
}

static void keep(__u32 *kept, __u32 value)
{
	kept[below(KEPT)] = value;
}

/* The address of some dwords of the arena. */
static __u32 *dwords(unsigned int count)
{
	__u32 *start;

	if (room + count > 0x3000)
		room = 0;
	start = arena + room;
	room += count;
	return start;
}

/* A stream at the beginning of a page that both see: writes, and seldom whatever packet. */
static __u32 stream(void)
{
	static const __u32 mem_write = 0x703d8003;
	unsigned int at, writes = 1 + below(4);

	if (!view)
		return 0;
	for (at = 0; at < writes; at++) {
		view[4 * at] = below(16) ? mem_write : any();
		view[4 * at + 1] = addresses[below(KEPT)];
		view[4 * at + 2] = 0;
		view[4 * at + 3] = any();
	}
	return 4 * writes;
}

static __u32 buffers(void)
{
	__u32 *list = dwords(8);
	unsigned int index;

	for (index = 0; index < 2; index++) {
		struct kgsl_ibdesc buffer = { .gpuaddr = view_address, .sizedwords = stream() };

		if (!below(8))
			buffer.gpuaddr = addresses[below(KEPT)] + 4 * below(32);
		memcpy(list + 4 * index, &buffer, sizeof(buffer));
	}
	return (unsigned long)list;
}

static __u32 points(void)
{
	__u32 *list = dwords(6), *which = dwords(2);
	unsigned int index;

	which[0] = contexts[below(KEPT)];
	which[1] = below(4);
	for (index = 0; index < 2; index++) {
		struct kgsl_cmd_syncpoint point = {
			.type = below(8) ? KGSL_CMD_SYNCPOINT_TYPE_TIMESTAMP : below(5),
			.priv = (unsigned long)which,
			.size = below(8) ? 8 : below(32),
		};

		memcpy(list + 3 * index, &point, sizeof(point));
	}
	return (unsigned long)list;
}

/* Numbers for whatever a list may have: ids, groups of counters. */
static __u32 numbers(void)
{
	__u32 *list = dwords(16);
	unsigned int index;

	for (index = 0; index < 16; index++)
		list[index] = below(2) ? objects[below(KEPT)] : below(16);
	return (unsigned long)list;
}

/* What a letter stands for. */
static __u32 field(char kind)
{
	/* No size that the machine could just have: what is merely much could end other programs. */
	if (!below(48) && kind != 's')
		return odd();
	switch (kind) {
	case 'c':
		return contexts[below(KEPT)];
	case 'm':
		return objects[below(KEPT)];
	case 'a':
		return addresses[below(KEPT)];
	case 'b':
		return buffers();
	case 'y':
		return points();
	case 'l':
		return numbers();
	case 's':
		return below(16) ? (1 + below(4)) * PAGE : below(64 * PAGE);
	case 'n':
		return below(4);
	case 'k':
		return below(40);
	case 't':
		return below(3) + 1;
	case 'w':
		return KGSL_CONTEXT_PREAMBLE | KGSL_CONTEXT_NO_GMEM_ALLOC;
	case 'f':
		return below(4) ? 0 : KGSL_MEMFLAGS_USE_CPU_MAP;
	case 'i':
		return KGSL_CMDBATCH_SUBMIT_IB_LIST;
	default:
		return 0;
	}
}

static const struct call {
	unsigned long number;
	const char *fields;
	__u32 weight;
} calls[] = {
	{ IOCTL_KGSL_DRAWCTXT_CREATE, "w0", 4 },
	{ IOCTL_KGSL_DRAWCTXT_DESTROY, "c", 1 },
	{ IOCTL_KGSL_DEVICE_WAITTIMESTAMP_CTXTID, "ctn", 2 },
	{ IOCTL_KGSL_GPUMEM_ALLOC, "0sf", 3 },
	{ IOCTL_KGSL_GPUMEM_ALLOC_ID, "0fs0000", 8 },
	{ IOCTL_KGSL_GPUMEM_FREE_ID, "m0", 2 },
	{ IOCTL_KGSL_SHAREDMEM_FREE, "a", 2 },
	{ IOCTL_KGSL_SHAREDMEM_FLUSH_CACHE, "a", 2 },
	{ IOCTL_KGSL_CMDSTREAM_FREEMEMONTIMESTAMP_CTXTID, "cant", 2 },
	{ IOCTL_KGSL_GPUMEM_GET_INFO, "am00000000", 4 },
	{ IOCTL_KGSL_GPUMEM_SYNC_CACHE, "amkns", 3 },
	{ IOCTL_KGSL_GPUMEM_SYNC_CACHE_BULK, "lkk00", 3 },
	{ IOCTL_KGSL_MAP_USER_MEM, "00s0lk0", 2 },
	{ IOCTL_KGSL_DEVICE_GETPROPERTY, "kls", 4 },
	{ IOCTL_KGSL_DEVICE_GETPROPERTY, "klk", 4 },
	{ IOCTL_KGSL_SETPROPERTY, "klk", 1 },
	{ IOCTL_KGSL_PREEMPTIONCOUNTER_QUERY, "lnnn", 1 },
	{ IOCTL_KGSL_TIMESTAMP_EVENT, "ntclk", 4 },
	{ IOCTL_KGSL_PERFCOUNTER_QUERY, "klk000", 2 },
	{ IOCTL_KGSL_PERFCOUNTER_READ, "ln00", 2 },
	{ IOCTL_KGSL_SUBMIT_COMMANDS, "cibnyn00000", 8 },
	{ IOCTL_KGSL_RINGBUFFER_ISSUEIBCMDS, "cbn0i", 8 },
};

/* What comes first, so that calls have something to work on: contexts and memory. */
static const unsigned int prologue[] = { 0, 4, 4, 0 };

/* Sees the object of an id, and writes streams there. */
static void look_at(__u32 id, __u32 address)
{
	long seen = map(0, PAGE, MAP_READ_WRITE, MAP_SHARED, device, (unsigned long)id << 12);

	if (seen < 0 && seen > -4096)
		return;
	if (view)
		call5(UNMAP, (long)view, PAGE, 0, 0, 0);
	view = (volatile __u32 *)seen;
	view_address = address ? address : (unsigned long)seen;
}

/* Remembers what a call has made. */
static void remember(unsigned long number, const __u32 *argument)
{
	switch (number) {
	case IOCTL_KGSL_DRAWCTXT_CREATE:
		keep(contexts, argument[1]);
		break;
	case IOCTL_KGSL_GPUMEM_ALLOC:
		keep(addresses, argument[0]);
		break;
	case IOCTL_KGSL_GPUMEM_ALLOC_ID:
		keep(objects, argument[0]);
		keep(addresses, argument[4]);
		if (below(2))
			look_at(argument[0], argument[4]);
		break;
	case IOCTL_KGSL_MAP_USER_MEM:
		keep(addresses, argument[1]);
		break;
	}
}

static const struct call *choose(void)
{
	unsigned int index, total = 0, left;

	for (index = 0; index < sizeof(calls) / sizeof(calls[0]); index++)
		total += calls[index].weight;
	left = below(total);
	for (index = 0; left >= calls[index].weight; index++)
		left -= calls[index].weight;
	return &calls[index];
}

static void make(const struct call *call)
{
	/* As much as a wrong size can say. */
	__u32 argument[64] = { 0 };
	const char *letter = call->fields;
	unsigned int index;

	for (index = 0; letter[index]; index++)
		argument[index] = field(letter[index]);
	if (!below(96))
		issue(device, call->number ^ (below(256) << 16), argument);
	else if (issue(device, call->number, argument) == 0)
		remember(call->number, argument);
}

/* The stack holds the number of arguments and then their addresses. */
void start(unsigned long *stack);
void start(unsigned long *stack)
{
	const char *digit = stack[0] > 1 ? (const char *)stack[2] : "";
	unsigned int count;

	for (; *digit; digit++)
		dice = dice << 4 | (*digit <= '9' ? *digit - '0' : *digit - 'a' + 10);
	/* From 0 nothing follows. */
	dice |= 1;
	device = open_file("/dev/kgsl-3d0");
	for (count = 0; device >= 0 && count < CALLS; count++)
		make(count < 4 ? &calls[prologue[count]] : choose());
	leave(count);
}
