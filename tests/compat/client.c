// SPDX-License-Identifier: GPL-2.0
/*
 * A 32-bit client of the KGSL device: does the errand that its argument names, and says where it went wrong. It uses the
 * header for C users, and nothing else of this project.
 */

#include <kgsl_shim.h>

#include "system.h"

#define PAGE 4096ul
#define NOWHERE ((void *)8)
#define EFAULT 14
#define EINVAL 22
#define ENOTTY 25
#define ENODEV 19
#define ERANGE 34
#define EBUSY 16
#define EPERM 1
#define EOPNOTSUPP 95
#define LONG 25000

static int device;

static void number(unsigned long value)
{
	static const char digits[] = "0123456789abcdef";
	char text[] = "0x00000000";
	int place;

	for (place = 9; place > 1; place--, value >>= 4)
		text[place] = digits[value & 15];
	say(text);
}

static void expect(int line, const char *what, unsigned long got, unsigned long wanted)
{
	if (got == wanted)
		return;
	say("line ");
	number(line);
	say(": ");
	say(what);
	say(" is ");
	number(got);
	say(", not ");
	number(wanted);
	say("\n");
	leave(1);
}

#define EQUAL(got, wanted) expect(__LINE__, #got, (unsigned long)(got), (unsigned long)(wanted))
#define TRUE(condition) EQUAL(!!(condition), 1)
#define SERVED(name, argument) EQUAL(issue(device, IOCTL_KGSL_##name, &(argument)), 0)
#define REFUSED(name, argument, error) EQUAL(issue(device, IOCTL_KGSL_##name, argument), -(error))

/* Memory of one page, mapped. */
struct memory {
	__u32 id;
	unsigned long gpuaddr;
	volatile __u32 *dwords;
};

static struct memory allocate(void)
{
	struct kgsl_gpumem_alloc_id allocation = { .size = PAGE };
	struct memory memory;
	long address;

	SERVED(GPUMEM_ALLOC_ID, allocation);
	EQUAL(allocation.mmapsize, PAGE);
	TRUE(allocation.gpuaddr);
	memory.id = allocation.id;
	memory.gpuaddr = allocation.gpuaddr;
	address = map(0, PAGE, MAP_READ_WRITE, MAP_SHARED, device, (unsigned long)memory.id << 12);
	EQUAL(address & (PAGE - 1), 0);
	memory.dwords = (volatile __u32 *)address;
	EQUAL(memory.dwords[0], 0);
	return memory;
}

static __u32 create_context(void)
{
	struct kgsl_drawctxt_create context = {
		.flags = KGSL_CONTEXT_PREAMBLE | KGSL_CONTEXT_NO_GMEM_ALLOC,
	};

	SERVED(DRAWCTXT_CREATE, context);
	return context.drawctxt_id;
}

static __u32 odd_parity(__u32 value)
{
	__u32 parity = 1;

	for (; value; value >>= 1)
		parity ^= value & 1;
	return parity;
}

/* CP_MEM_WRITE of one dword; how many dwords it takes. */
static __u32 mem_write(volatile __u32 *at, __u64 to, __u32 value)
{
	at[0] = 7u << 28 | odd_parity(0x3d) << 23 | 0x3du << 16 | odd_parity(3) << 15 | 3;
	at[1] = to;
	at[2] = to >> 32;
	at[3] = value;
	return 4;
}

static void wait_for(__u32 context, __u32 timestamp)
{
	struct kgsl_device_waittimestamp_ctxtid wait = { context, timestamp, LONG };

	SERVED(DEVICE_WAITTIMESTAMP_CTXTID, wait);
}

/* Submits a write by the newest call; the timestamp. */
static __u32 submit_write(__u32 context, struct memory *commands, unsigned long to, __u32 value)
{
	struct kgsl_command_object object = {
		.gpuaddr = commands->gpuaddr,
		.size = 4 * mem_write(commands->dwords, to, value),
		.flags = KGSL_CMDLIST_IB,
	};
	struct kgsl_gpu_command command = {
		.flags = KGSL_CMDBATCH_SUBMIT_IB_LIST,
		.cmdlist = (unsigned long)&object,
		.cmdsize = sizeof(object),
		.numcmds = 1,
		.context_id = context,
	};

	SERVED(GPU_COMMAND, command);
	return command.timestamp;
}

static void properties(void)
{
	struct kgsl_devinfo info = { 0 };
	struct kgsl_shadowprop shadow = { 0 };
	struct kgsl_version version = { 0 };
	struct kgsl_device_getproperty query = {
		KGSL_PROP_DEVICE_INFO, (unsigned long)&info, sizeof(info),
	};

	EQUAL(sizeof(query), 12);
	SERVED(DEVICE_GETPROPERTY, query);
	EQUAL(info.device_id, KGSL_DEVICE_3D0);
	EQUAL(info.mmu_enabled, 1);
	TRUE(info.chip_id >> 24);
	TRUE(info.gmem_sizebytes);
	query.type = KGSL_PROP_DEVICE_SHADOW;
	query.value = (unsigned long)&shadow;
	query.sizebytes = sizeof(shadow);
	SERVED(DEVICE_GETPROPERTY, query);
	EQUAL(shadow.gpuaddr, KGSL_MEMSTORE_TOKEN);
	EQUAL(shadow.size, KGSL_MEMSTORE_SIZE);
	EQUAL(shadow.flags, KGSL_DEVICE_SHADOW_FLAGS);
	query.type = KGSL_PROP_VERSION;
	query.value = (unsigned long)&version;
	query.sizebytes = sizeof(version);
	SERVED(DEVICE_GETPROPERTY, query);
	EQUAL(version.drv_major, 3);
	query.sizebytes = sizeof(version) + 4;
	REFUSED(DEVICE_GETPROPERTY, &query, EINVAL);
	query.type = 0xffff;
	REFUSED(DEVICE_GETPROPERTY, &query, ENODEV);
	query.type = KGSL_PROP_PWRCTRL;
	SERVED(SETPROPERTY, query);
	query.type = KGSL_PROP_VERSION;
	REFUSED(SETPROPERTY, &query, EINVAL);
}

static void memory(void)
{
	struct memory memory = allocate();
	struct kgsl_gpumem_get_info info = { .id = memory.id };
	struct kgsl_gpumem_alloc older = { .size = PAGE };
	struct kgsl_sharedmem_free freed;
	struct kgsl_gpumem_free_id by_id = { .id = memory.id };
	struct kgsl_gpuobj_alloc object = { .size = PAGE };
	struct kgsl_gpuobj_info object_info = { 0 };

	EQUAL(sizeof(info), 40);
	SERVED(GPUMEM_GET_INFO, info);
	EQUAL(info.gpuaddr, memory.gpuaddr);
	EQUAL(info.size, PAGE);
	EQUAL(info.useraddr, memory.dwords);
	info.id = 0;
	SERVED(GPUMEM_GET_INFO, info);
	EQUAL(info.id, memory.id);
	SERVED(GPUMEM_ALLOC, older);
	TRUE(older.gpuaddr && older.gpuaddr != memory.gpuaddr);
	freed.gpuaddr = older.gpuaddr;
	SERVED(SHAREDMEM_FLUSH_CACHE, freed);
	SERVED(SHAREDMEM_FREE, freed);
	REFUSED(SHAREDMEM_FREE, &freed, EINVAL);
	SERVED(GPUMEM_FREE_ID, by_id);
	REFUSED(GPUMEM_FREE_ID, &by_id, EINVAL);
	SERVED(GPUOBJ_ALLOC, object);
	EQUAL(object.flags >> 32, KGSL_MEMFLAGS_FORCE_32BIT >> 32);
	object_info.id = object.id;
	SERVED(GPUOBJ_INFO, object_info);
	EQUAL(object_info.gpuaddr >> 32, 0);
	TRUE(object_info.gpuaddr);
}

static void addresses_are_shared(void)
{
	struct kgsl_gpumem_alloc_id allocation = {
		.size = PAGE, .flags = KGSL_MEMFLAGS_USE_CPU_MAP,
	};
	struct kgsl_gpumem_get_info info = { 0 };
	struct memory commands = allocate();
	__u32 context = create_context();
	long address;

	SERVED(GPUMEM_ALLOC_ID, allocation);
	EQUAL(allocation.gpuaddr, 0);
	address = map(0, PAGE, MAP_READ_WRITE, MAP_SHARED, device, (unsigned long)allocation.id << 12);
	EQUAL(address & (PAGE - 1), 0);
	info.id = allocation.id;
	SERVED(GPUMEM_GET_INFO, info);
	EQUAL(info.gpuaddr, address);
	wait_for(context, submit_write(context, &commands, address, 7));
	EQUAL(*(volatile __u32 *)address, 7);
	EQUAL(map(0, PAGE, MAP_READ_WRITE, MAP_SHARED, device, (unsigned long)allocation.id << 12),
	      -EBUSY);
}

/* An address to share is looked for behind what lies in the way: a guard page, and what alignment leaves free. */
static void shared_addresses_lie_behind_others(void)
{
	struct kgsl_gpuobj_alloc others[] = {
		{ .size = PAGE, .flags = KGSL_MEMFLAGS_GUARD_PAGE },
		{ .size = PAGE, .flags = 16ull << KGSL_MEMALIGN_SHIFT },
	};
	unsigned int index;

	for (index = 0; index < 2; index++) {
		struct kgsl_gpumem_alloc_id allocation = {
			.size = 4 * PAGE, .flags = KGSL_MEMFLAGS_USE_CPU_MAP,
		};
		struct kgsl_gpuobj_info other = { 0 }, info = { 0 };
		long address;

		SERVED(GPUOBJ_ALLOC, others[index]);
		other.id = others[index].id;
		SERVED(GPUOBJ_INFO, other);
		SERVED(GPUMEM_ALLOC_ID, allocation);
		address = map(other.gpuaddr, 4 * PAGE, MAP_READ_WRITE, MAP_SHARED, device,
			      (unsigned long)allocation.id << 12);
		EQUAL(address & (PAGE - 1), 0);
		TRUE(address >= (long)(other.gpuaddr + PAGE) || address + 4 * PAGE <= other.gpuaddr);
		info.id = allocation.id;
		SERVED(GPUOBJ_INFO, info);
		EQUAL(info.gpuaddr, address);
	}
}

static void timestamps_are_mapped(void)
{
	struct memory commands = allocate();
	__u32 context = create_context();
	volatile struct kgsl_devmemstore *slots;
	unsigned long token = KGSL_MEMSTORE_TOKEN, size = KGSL_MEMSTORE_SIZE;
	long address = map(0, size, MAP_READ, MAP_SHARED, device, token);

	EQUAL(address & (PAGE - 1), 0);
	slots = (volatile struct kgsl_devmemstore *)address;
	EQUAL(slots[context].eoptimestamp, 0);
	wait_for(context, submit_write(context, &commands, commands.gpuaddr + 256, 7));
	EQUAL(slots[context].soptimestamp, 1);
	EQUAL(slots[context].eoptimestamp, 1);
	EQUAL(map(0, size, MAP_READ_WRITE, MAP_SHARED, device, token), -EPERM);
	EQUAL(map(0, 2 * PAGE, MAP_READ_WRITE, MAP_SHARED, device, commands.id << 12), -ERANGE);
}

static void submissions(void)
{
	struct memory commands = allocate(), data = allocate();
	__u32 context = create_context(), first = mem_write(commands.dwords, data.gpuaddr, 1);
	__u32 second = mem_write(commands.dwords + 16, data.gpuaddr + 4, 2);
	struct kgsl_ibdesc list[] = {
		{ .gpuaddr = commands.gpuaddr, .sizedwords = first },
		{ .gpuaddr = commands.gpuaddr + 64, .sizedwords = second },
	};
	struct kgsl_ringbuffer_issueibcmds oldest = {
		.drawctxt_id = context,
		.ibdesc_addr = (unsigned long)list,
		.numibs = 2,
		.flags = KGSL_CMDBATCH_SUBMIT_IB_LIST,
	};
	struct kgsl_cmd_syncpoint_timestamp before = { context, 1 };
	struct kgsl_cmd_syncpoint points[] = { {
		KGSL_CMD_SYNCPOINT_TYPE_TIMESTAMP, (unsigned long)&before, sizeof(before),
	} };
	struct kgsl_submit_commands middle = {
		.context_id = context,
		.flags = KGSL_CMDBATCH_SUBMIT_IB_LIST,
		.cmdlist = (unsigned long)list,
		.numcmds = 2,
		.synclist = (unsigned long)points,
		.numsyncs = 1,
	};
	struct kgsl_cmdstream_readtimestamp_ctxtid retired = { context, KGSL_TIMESTAMP_RETIRED, 0 };

	EQUAL(sizeof(list), 32);
	EQUAL(sizeof(middle), 44);
	SERVED(RINGBUFFER_ISSUEIBCMDS, oldest);
	EQUAL(oldest.timestamp, 1);
	wait_for(context, 1);
	EQUAL(data.dwords[0], 1);
	EQUAL(data.dwords[1], 2);
	mem_write(commands.dwords, data.gpuaddr, 3);
	mem_write(commands.dwords + 16, data.gpuaddr + 4, 4);
	SERVED(SUBMIT_COMMANDS, middle);
	EQUAL(middle.timestamp, 2);
	wait_for(context, 2);
	EQUAL(data.dwords[0], 3);
	EQUAL(data.dwords[1], 4);
	mem_write(commands.dwords, data.gpuaddr, 5);
	oldest.ibdesc_addr = commands.gpuaddr;
	oldest.numibs = first;
	oldest.flags = 0;
	SERVED(RINGBUFFER_ISSUEIBCMDS, oldest);
	wait_for(context, 3);
	EQUAL(data.dwords[0], 5);
	EQUAL(submit_write(context, &commands, data.gpuaddr, 6), 4);
	wait_for(context, 4);
	EQUAL(data.dwords[0], 6);
	SERVED(CMDSTREAM_READTIMESTAMP_CTXTID, retired);
	EQUAL(retired.timestamp, 4);
	before.timestamp = 9;
	REFUSED(SUBMIT_COMMANDS, &middle, EINVAL);
	list[0].sizedwords = 0;
	middle.numsyncs = 0;
	REFUSED(SUBMIT_COMMANDS, &middle, EINVAL);
	middle.cmdlist = (unsigned long)NOWHERE;
	REFUSED(SUBMIT_COMMANDS, &middle, EFAULT);
}

static void imports(void)
{
	long page = map(0, PAGE, MAP_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0);
	struct kgsl_map_user_mem older = {
		.fd = -1, .len = PAGE, .hostptr = page, .memtype = KGSL_USER_MEM_TYPE_ADDR,
	};
	struct kgsl_gpuobj_import_useraddr from = { (unsigned long)page };
	struct kgsl_gpuobj_import newer = {
		.priv = (unsigned long)&from, .priv_len = PAGE, .type = KGSL_USER_MEM_TYPE_ADDR,
	};
	struct kgsl_gpumem_get_info info = { 0 };
	struct memory commands = allocate();
	__u32 context = create_context();

	EQUAL(sizeof(older), 28);
	SERVED(MAP_USER_MEM, older);
	TRUE(older.gpuaddr);
	wait_for(context, submit_write(context, &commands, older.gpuaddr, 7));
	EQUAL(*(volatile __u32 *)page, 7);
	SERVED(GPUOBJ_IMPORT, newer);
	info.id = newer.id;
	SERVED(GPUMEM_GET_INFO, info);
	wait_for(context, submit_write(context, &commands, info.gpuaddr + 8, 9));
	EQUAL(*(volatile __u32 *)(page + 8), 9);
	older.hostptr = 0;
	REFUSED(MAP_USER_MEM, &older, EFAULT);
}

static void events(void)
{
	struct memory commands = allocate(), doomed = allocate();
	__u32 context = create_context();
	__u32 timestamp = submit_write(context, &commands, commands.gpuaddr + 256, 7);
	struct kgsl_timestamp_event_fence fence = { -1 };
	struct kgsl_timestamp_event event = {
		.type = KGSL_TIMESTAMP_EVENT_FENCE,
		.timestamp = timestamp,
		.context_id = context,
		.priv = (unsigned long)&fence,
		.len = sizeof(fence),
	};
	struct kgsl_cmdstream_freememontimestamp_ctxtid later = {
		context, doomed.gpuaddr, KGSL_TIMESTAMP_RETIRED, timestamp,
	};
	struct kgsl_gpumem_get_info info = { .id = doomed.id };

	EQUAL(sizeof(event), 20);
	SERVED(TIMESTAMP_EVENT, event);
	TRUE(fence.fence_fd >= 0);
	EQUAL(wait_readable(fence.fence_fd, LONG), 1);
	event.priv = (unsigned long)NOWHERE;
	REFUSED(TIMESTAMP_EVENT, &event, EFAULT);
	EQUAL(sizeof(later), 16);
	SERVED(CMDSTREAM_FREEMEMONTIMESTAMP_CTXTID, later);
	REFUSED(GPUMEM_GET_INFO, &info, EINVAL);
	later.gpuaddr = doomed.gpuaddr;
	REFUSED(CMDSTREAM_FREEMEMONTIMESTAMP_CTXTID, &later, EINVAL);
}

static void caches(void)
{
	struct memory memory = allocate();
	__u32 ids[] = { memory.id, 9999 };
	struct kgsl_gpumem_sync_cache one = {
		.id = memory.id, .op = KGSL_GPUMEM_CACHE_CLEAN | KGSL_GPUMEM_CACHE_RANGE, .length = PAGE,
	};
	struct kgsl_gpumem_sync_cache_bulk many = {
		.id_list = (unsigned long)ids, .count = 2, .op = KGSL_GPUMEM_CACHE_INV,
	};

	EQUAL(sizeof(one), 20);
	SERVED(GPUMEM_SYNC_CACHE, one);
	one.offset = 1;
	REFUSED(GPUMEM_SYNC_CACHE, &one, EINVAL);
	EQUAL(sizeof(many), 20);
	SERVED(GPUMEM_SYNC_CACHE_BULK, many);
	many.id_list = (unsigned long)NOWHERE;
	REFUSED(GPUMEM_SYNC_CACHE_BULK, &many, EFAULT);
}

/* The group that always counts, and the clock in it. */
#define ALWAYS_ON 0x1b

static void counters(void)
{
	__u32 countables[4] = { 0xbad, 0xbad, 0xbad, 0xbad };
	struct kgsl_perfcounter_get get = { .groupid = ALWAYS_ON };
	struct kgsl_perfcounter_query query = {
		.groupid = ALWAYS_ON, .countables = (unsigned long)countables, .count = 4,
	};
	struct kgsl_perfcounter_read_group one = { .groupid = ALWAYS_ON };
	struct kgsl_perfcounter_read read = { .reads = (unsigned long)&one, .count = 1 };

	SERVED(PERFCOUNTER_GET, get);
	EQUAL(sizeof(query), 24);
	SERVED(PERFCOUNTER_QUERY, query);
	TRUE(query.max_counters);
	EQUAL(countables[0], 0);
	EQUAL(sizeof(read), 16);
	SERVED(PERFCOUNTER_READ, read);
	TRUE(one.value);
	read.reads = (unsigned long)NOWHERE;
	REFUSED(PERFCOUNTER_READ, &read, EFAULT);
}

/* Structures without an address are the same for all programs. */
static void timelines(void)
{
	struct kgsl_timeline_create timeline = { .seqno = 5 };
	struct kgsl_timeline_val point = { .seqno = 0x100000000ull };
	struct kgsl_timeline_signal signal = {
		.timelines = (unsigned long)&point, .count = 1, .timelines_size = sizeof(point),
	};
	struct kgsl_timeline_wait wait = {
		.timelines = (unsigned long)&point,
		.count = 1,
		.timelines_size = sizeof(point),
		.flags = KGSL_TIMELINE_WAIT_ALL,
	};
	struct kgsl_timeline_val now = { 0 };

	SERVED(TIMELINE_CREATE, timeline);
	point.timeline = timeline.id;
	REFUSED(TIMELINE_WAIT, &wait, EBUSY);
	SERVED(TIMELINE_SIGNAL, signal);
	SERVED(TIMELINE_WAIT, wait);
	now.timeline = timeline.id;
	SERVED(TIMELINE_QUERY, now);
	EQUAL(now.seqno >> 32, 1);
	EQUAL(issue(device, IOCTL_KGSL_TIMELINE_DESTROY, &timeline.id), 0);
}

static void misuse(void)
{
	struct kgsl_gpumem_alloc_id allocation = { .size = PAGE };
	struct kgsl_preemption_counters_query counters = { 0 };
	unsigned long short_number = _IOC(_IOC_READ | _IOC_WRITE, KGSL_IOC_TYPE, 0x34, 12);

	REFUSED(GPUMEM_ALLOC_ID, NOWHERE, EFAULT);
	REFUSED(GPUMEM_ALLOC_ID, 0, EFAULT);
	REFUSED(GPUMEM_ALLOC_ID, (void *)0xfffff000ul, EFAULT);
	EQUAL(issue(device, short_number, &allocation), 0);
	TRUE(allocation.id);
	EQUAL(allocation.gpuaddr, 0);
	REFUSED(PREEMPTIONCOUNTER_QUERY, &counters, EOPNOTSUPP);
	EQUAL(issue(device, _IOC(_IOC_WRITE, KGSL_IOC_TYPE, 0x06, 8), &counters), -ENOTTY);
	EQUAL(issue(device, _IOC(_IOC_WRITE, KGSL_IOC_TYPE, 0xff, 8), &counters), -ENOTTY);
}

static const struct errand {
	const char *name;
	void (*run)(void);
} errands[] = {
	{ "properties", properties },
	{ "memory", memory },
	{ "addresses-are-shared", addresses_are_shared },
	{ "shared-addresses-lie-behind-others", shared_addresses_lie_behind_others },
	{ "timestamps-are-mapped", timestamps_are_mapped },
	{ "submissions", submissions },
	{ "imports", imports },
	{ "events", events },
	{ "caches", caches },
	{ "counters", counters },
	{ "timelines", timelines },
	{ "misuse", misuse },
};

static int same(const char *a, const char *b)
{
	for (; *a && *a == *b; a++, b++)
		;
	return *a == *b;
}

/* The stack holds the number of arguments and then their addresses. */
void start(unsigned long *stack);
void start(unsigned long *stack)
{
	const char *name = stack[0] > 1 ? (const char *)stack[2] : "";
	unsigned long index;

	device = open_file("/dev/kgsl-3d0");
	TRUE(device >= 0);
	for (index = 0; index < sizeof(errands) / sizeof(errands[0]); index++) {
		if (!same(errands[index].name, name))
			continue;
		errands[index].run();
		leave(0);
	}
	say("no such errand\n");
	leave(2);
}
