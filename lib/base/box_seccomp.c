/*
 * seccomp, as two filters of which the stricter answer counts: one that
 * refuses what is dangerous by its arguments or altogether, and a list of
 * the calls that our programs, libc, SQLite and the web server's library
 * make. What is on neither answers EPERM.
 */
#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/box_parts.h"

#define LOW32 UINT64_C(0xffffffff)
#define NAMESPACES                                                             \
	((uint64_t)(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS |             \
	    CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET))

static const char *const files[] = { "read", "write", "readv", "writev",
	"pread64", "pwrite64", "preadv", "pwritev", "preadv2", "pwritev2",
	"lseek", "_llseek", "close", "close_range", "stat", "lstat", "fstat",
	"stat64", "lstat64", "fstat64", "fstatat64", "newfstatat", "statx",
	"statfs", "fstatfs", "statfs64", "fstatfs64", "access", "faccessat",
	"faccessat2", "open", "openat", "openat2", "creat", "fcntl", "fcntl64",
	"flock", "truncate", "ftruncate", "truncate64", "ftruncate64", "fsync",
	"fdatasync", "syncfs", "sync_file_range", "fallocate", "fadvise64",
	"fadvise64_64", "readahead", "rename", "renameat", "renameat2",
	"unlink", "unlinkat", "mkdir", "mkdirat", "rmdir", "link", "linkat",
	"symlink", "symlinkat", "readlink", "readlinkat", "getdents",
	"getdents64", "getcwd", "umask", "fchmod", "fchown", "fchown32",
	"copy_file_range", "sendfile", "sendfile64", "splice", "tee", "ioctl",
	"inotify_init1", "inotify_add_watch", "inotify_rm_watch", NULL };

static const char *const process[] = { "mmap", "mmap2", "munmap", "mremap",
	"mprotect", "madvise", "brk", "msync", "mincore", "mlock", "mlock2",
	"munlock", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn",
	"sigreturn", "rt_sigtimedwait", "rt_sigsuspend", "rt_sigpending",
	"sigaltstack", "restart_syscall", "pause", "futex", "futex_time64",
	"futex_waitv", "sched_yield", "sched_getaffinity", "sched_getparam",
	"sched_getscheduler", "nanosleep", "clock_nanosleep", "clock_gettime",
	"clock_getres", "gettimeofday", "time", "times", "getpid", "getppid",
	"gettid", "getpgrp", "getpgid", "getsid", "getuid", "geteuid", "getgid",
	"getegid", "getresuid", "getresgid", "getgroups", "getuid32",
	"geteuid32", "getgid32", "getegid32", "getrandom", "getrusage",
	"getrlimit", "ugetrlimit", "setrlimit", "prlimit64", "getpriority",
	"uname", "sysinfo", "set_robust_list", "get_robust_list", "rseq",
	"set_tid_address", "membarrier", "arch_prctl", "set_thread_area",
	"cacheflush", "exit", "exit_group", "alarm", "getitimer", "setitimer",
	"getcpu", "timer_create", "timer_settime", "timer_gettime",
	"timer_delete", "timerfd_create", "timerfd_settime", "timerfd_gettime",
	"wait4", "waitid", "waitpid", "seccomp", "landlock_create_ruleset",
	"landlock_add_rule", "landlock_restrict_self", "clone3", NULL };

static const char *const streams[] = { "poll", "ppoll", "ppoll_time64",
	"select", "_newselect", "pselect6", "epoll_create", "epoll_create1",
	"epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2", "eventfd",
	"eventfd2", "signalfd4", "pipe", "pipe2", "dup", "dup2", "dup3", "recv",
	"recvfrom", "recvmsg", "recvmmsg", "send", "sendto", "sendmsg",
	"sendmmsg", "shutdown", "getsockopt", "setsockopt", "getsockname",
	"getpeername", "socketpair", NULL };

static const char *const killed[] = { "ptrace", "process_vm_readv",
	"process_vm_writev", "keyctl", "add_key", "request_key", "bpf", "mount",
	"umount2", "pivot_root", "kexec_load", "kexec_file_load", "init_module",
	"finit_module", "delete_module", "io_uring_setup", "io_uring_enter",
	"io_uring_register", "perf_event_open", "userfaultfd", NULL };
static const char *const execs[] = { "execve", "execveat", NULL };
static const char *const forks[] = { "fork", "vfork", "kill", "tgkill",
	"setsid", "setpgid", "pidfd_open", "pidfd_send_signal", NULL };
static const char *const accepts[] = { "accept", "accept4", NULL };
static const char *const connects[] = { "connect", NULL };
static const char *const leak_checker[] = { "clone", "ptrace", "personality",
	NULL };

static int
add_all(scmp_filter_ctx filter, uint32_t action, const char *const *names)
{
	int call, status;

	for (; *names != NULL; names++) {
		call = seccomp_syscall_resolve_name(*names);
		if (call == __NR_SCMP_ERROR)
			continue; /* newer than this library */
		status = seccomp_rule_add(filter, action, call, 0);
		if (status != 0 && status != -EDOM)
			return status;
	}
	return 0;
}

static struct scmp_arg_cmp
masked(unsigned n, uint64_t mask, uint64_t value)
{
	return (struct scmp_arg_cmp){ .arg = n,
		.op = SCMP_CMP_MASKED_EQ,
		.datum_a = mask,
		.datum_b = value };
}

/* One call under one condition. */
static int
add_if(scmp_filter_ctx filter, uint32_t action, int call,
    struct scmp_arg_cmp condition)
{
	int status =
	    seccomp_rule_add_array(filter, action, call, 1, &condition);

	return status == -EDOM ? 0 : status;
}

/* The first filter: all is allowed but this. */
static int
refuse(scmp_filter_ctx filter, unsigned allow)
{
	const uint64_t both = PROT_WRITE | PROT_EXEC;
	uint32_t denied = SCMP_ACT_ERRNO(EPERM);
	int status = 0;

	if (!BOX_SANITIZED)
		status = add_all(filter, SCMP_ACT_KILL_PROCESS, killed);
	if (status == 0 && (allow & BOX_EXEC) == 0)
		status = add_all(filter, SCMP_ACT_KILL_PROCESS, execs);
	if (status == 0)
		status = seccomp_rule_add(
		    filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	if (status == 0)
		status = add_if(
		    filter, denied, SCMP_SYS(mmap), masked(2, both, both));
	if (status == 0)
		status = add_if(
		    filter, denied, SCMP_SYS(mprotect), masked(2, both, both));
	if (status == 0) /* typing into the terminal behind us */
		status = add_if(
		    filter, denied, SCMP_SYS(ioctl), masked(1, LOW32, TIOCSTI));
	if (status == 0)
		status = add_if(filter, denied, SCMP_SYS(ioctl),
		    masked(1, LOW32, TIOCLINUX));
	return status;
}

static int
allow_sockets(scmp_filter_ctx filter, unsigned allow)
{
	static const int client[] = { AF_INET, AF_INET6, AF_CAN, AF_NETLINK };
	int status = 0;
	size_t i;

	if ((allow & BOX_NET_SERVER) != 0)
		status = add_all(filter, SCMP_ACT_ALLOW, accepts);
	if (status != 0 || (allow & (BOX_NET_CLIENT | BOX_NET_UNIX)) == 0)
		return status;
	status = add_all(filter, SCMP_ACT_ALLOW, connects);
	if (status == 0 && (allow & BOX_NET_UNIX) != 0)
		status = add_if(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket),
		    masked(0, LOW32, AF_UNIX));
	if ((allow & BOX_NET_CLIENT) == 0)
		return status;
	for (i = 0; status == 0 && i < sizeof(client) / sizeof(*client); i++)
		status = add_if(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket),
		    masked(0, LOW32, (uint64_t)client[i]));
	if (status == 0) /* CAN sockets are bound; TCP is Landlock's */
		status =
		    seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(bind), 0);
	return status;
}

static int
allow_children(scmp_filter_ctx filter, unsigned allow)
{
	uint64_t self = (uint64_t)getpid();
	int status;

	if ((allow & BOX_FORK) != 0) {
		status = add_all(filter, SCMP_ACT_ALLOW, forks);
		if (status == 0 && !BOX_SANITIZED)
			status = add_if(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone),
			    masked(0, NAMESPACES, 0));
	} else {
		status = add_if(filter, SCMP_ACT_ALLOW, SCMP_SYS(kill),
		    masked(0, LOW32, self));
		if (status == 0)
			status = add_if(filter, SCMP_ACT_ALLOW,
			    SCMP_SYS(tgkill), masked(0, LOW32, self));
		if (status == 0 && (allow & BOX_THREADS) != 0 && !BOX_SANITIZED)
			status = add_if(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone),
			    masked(0, CLONE_THREAD | NAMESPACES, CLONE_THREAD));
	}
	if (status == 0 && (allow & BOX_EXEC) != 0)
		status = add_all(filter, SCMP_ACT_ALLOW, execs);
	if (status == 0 && (allow & BOX_EXEC) != 0) /* gnuplot gives up */
		status = add_if(filter, SCMP_ACT_ALLOW, SCMP_SYS(setuid),
		    masked(0, LOW32, (uint64_t)getuid()));
	if (status == 0 && BOX_SANITIZED)
		status = add_all(filter, SCMP_ACT_ALLOW, leak_checker);
	return status;
}

/* The second filter: nothing is allowed but this. */
static int
permit(scmp_filter_ctx filter, unsigned allow)
{
	static const int harmless[] = { PR_SET_NAME, PR_GET_NAME,
		PR_SET_PDEATHSIG, PR_GET_DUMPABLE, PR_SET_DUMPABLE,
		PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, PR_GET_SECCOMP,
		PR_CAPBSET_READ,
		0x53564d41 /* PR_SET_VMA: names of mappings */ };
	const struct scmp_arg_cmp no_path = masked(1, UINT64_MAX, 0);
	int status = add_all(filter, SCMP_ACT_ALLOW, files);
	size_t i;

	if (status == 0)
		status = add_all(filter, SCMP_ACT_ALLOW, process);
	if (status == 0)
		status = add_all(filter, SCMP_ACT_ALLOW, streams);
	for (i = 0; status == 0 && i < sizeof(harmless) / sizeof(*harmless);
	     i++)
		status = add_if(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl),
		    masked(0, LOW32, (uint64_t)harmless[i]));
	if (status == 0) /* the times of an open file only */
		status = add_if(
		    filter, SCMP_ACT_ALLOW, SCMP_SYS(utimensat), no_path);
	if (status == 0)
		status = allow_sockets(filter, allow);
	if (status == 0)
		status = allow_children(filter, allow);
	return status;
}

static int
load(uint32_t otherwise, int (*fill)(scmp_filter_ctx, unsigned), unsigned allow)
{
	scmp_filter_ctx filter = seccomp_init(otherwise);
	int status;

	if (filter == NULL)
		return -ENOMEM;
	status = fill(filter, allow);
	if (status == 0)
		status = seccomp_load(filter);
	seccomp_release(filter);
	return status;
}

int
box_seccomp(unsigned allow, struct failure *why)
{
	int status;

	if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) < 0)
		return 0;
	status = load(SCMP_ACT_ALLOW, refuse, allow);
	if (status == 0)
		status = load(SCMP_ACT_ERRNO(EPERM), permit, allow);
	if (status == 0)
		return 1;
	errno = -status;
	return failure_set(why, EXIT_AGAIN, "seccomp:");
}
