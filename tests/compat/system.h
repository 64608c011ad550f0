/* SPDX-License-Identifier: GPL-2.0 */
/* The system calls of a 32-bit program without a C library, on i386 and on arm. */

#ifndef COMPAT_SYSTEM_H
#define COMPAT_SYSTEM_H

#if defined(__i386__)

__asm__(".globl _start\n"
	"_start:\n"
	"	movl %esp, %eax\n"
	"	andl $-16, %esp\n"
	"	subl $12, %esp\n"
	"	pushl %eax\n"
	"	call start\n");

static long call5(long number, long a, long b, long c, long d, long e)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
			 : "memory");
	return result;
}

/* The sixth argument would be the frame pointer, so that this is the older call, which takes its arguments in memory. */
static long map(unsigned long hint, unsigned long length, int access, int flags, int fd,
		unsigned long offset)
{
	unsigned long arguments[] = { hint, length, access, flags, fd, offset };

	return call5(90, (long)arguments, 0, 0, 0, 0);
}

#elif defined(__arm__)

__asm__(".globl _start\n"
	"_start:\n"
	"	mov r0, sp\n"
	"	bic sp, sp, #15\n"
	"	bl start\n");

static long call6(long number, long a, long b, long c, long d, long e, long f)
{
	register long r0 __asm__("r0") = a;
	register long r1 __asm__("r1") = b;
	register long r2 __asm__("r2") = c;
	register long r3 __asm__("r3") = d;
	register long r4 __asm__("r4") = e;
	register long r5 __asm__("r5") = f;
	register long r7 __asm__("r7") = number;

	__asm__ volatile("svc #0"
			 : "+r"(r0)
			 : "r"(r1), "r"(r2), "r"(r3), "r"(r4), "r"(r5), "r"(r7)
			 : "memory");
	return r0;
}

static long call5(long number, long a, long b, long c, long d, long e)
{
	return call6(number, a, b, c, d, e, 0);
}

static long map(unsigned long hint, unsigned long length, int access, int flags, int fd,
		unsigned long offset)
{
	return call6(192, hint, length, access, flags, fd, offset >> 12);
}

#else
#error "an architecture whose system calls are not known"
#endif

#define OPEN_READ_WRITE 2
#define MAP_READ 1
#define MAP_READ_WRITE 3
#define MAP_SHARED 1
#define MAP_PRIVATE_ANONYMOUS 0x22
#define POLL_IN 1

struct poll {
	int fd;
	short events;
	short happened;
};

static void leave(int status)
{
	for (;;)
		call5(1, status, 0, 0, 0, 0);
}

static inline void say(const char *text)
{
	const char *end = text;

	while (*end)
		end++;
	call5(4, 1, (long)text, end - text, 0, 0);
}

static long open_file(const char *path)
{
	return call5(5, (long)path, OPEN_READ_WRITE, 0, 0, 0);
}

static long issue(int fd, unsigned long number, void *argument)
{
	return call5(54, fd, number, (long)argument, 0, 0);
}

static inline long wait_readable(int fd, int milliseconds)
{
	struct poll one = { fd, POLL_IN, 0 };

	return call5(168, (long)&one, 1, milliseconds, 0, 0);
}

/* What the compiler calls of its own accord. */
void *memset(void *to, int value, unsigned long length)
{
	volatile char *byte = to;

	while (length--)
		*byte++ = value;
	return to;
}

void *memcpy(void *to, const void *from, unsigned long length)
{
	volatile char *byte = to;
	const char *source = from;

	while (length--)
		*byte++ = *source++;
	return to;
}

#endif
