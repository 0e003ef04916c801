/*
 * Preloaded into Debian's user-mode Linux 6.1: it keeps 2696 bytes of
 * extended processor state, and on a machine with AMX the kernel insists on
 * the full size for PTRACE_SETREGSET.
 */
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define NT_X86_XSTATE 0x202
#define GET_SET 0x4204
#define PUT_SET 0x4205

static long
raw(long request, long pid, void *address, void *data)
{
	return syscall(SYS_ptrace, request, pid, address, data);
}

static long
whole_state(long request, long pid, void *address, struct iovec *asked)
{
	static char big[65536] __attribute__((aligned(64)));
	struct iovec all = { big, sizeof(big) };
	long status = raw(GET_SET, pid, address, &all);
	size_t size =
	    asked->iov_len < all.iov_len ? asked->iov_len : all.iov_len;

	if (status < 0)
		return status;
	if (request == PUT_SET) {
		memcpy(big, asked->iov_base, size);
		return raw(PUT_SET, pid, address, &all);
	}
	memcpy(asked->iov_base, big, size);
	asked->iov_len = size;
	return 0;
}

long
ptrace(int request, ...)
{
	va_list list;
	void *address, *data;
	long pid, value;

	va_start(list, request);
	pid = va_arg(list, int);
	address = va_arg(list, void *);
	data = va_arg(list, void *);
	va_end(list);
	if (request >= 1 && request <= 3) { /* peeks answer the value */
		if (raw(request, pid, address, &value) < 0)
			return -1;
		errno = 0;
		return value;
	}
	if ((request == GET_SET || request == PUT_SET) &&
	    (long)address == NT_X86_XSTATE)
		return whole_state(request, pid, address, data);
	return raw(request, pid, address, data);
}
