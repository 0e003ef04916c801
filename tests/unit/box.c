/* What is refused inside the box, tried in children that box themselves. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/box.h"
#include "base/box_parts.h"

enum { DENIED = 40, DONE = 41, NO_BOX = 42, NO_MEANS = 43 };

static char inside[64], outside[64], secret[128];

static int
answer(int result)
{
	return result >= 0                                        ? DONE
	    : errno == EPERM || errno == EACCES || errno == EXDEV ? DENIED
								  : errno;
}

/* Exit status of `try` in a boxed child; 256 + signal when killed. */
static int
boxed(unsigned allow, int (*try)(void))
{
	const struct box_path paths[] = { { inside, BOX_WRITE },
		{ "/bin/true", BOX_READ }, { "/nowhere", BOX_READ } };
	struct failure why;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (box_enter(paths, 3, allow, true, NULL, 0, &why) != 0) {
			fprintf(stderr, "# %s\n", why.message);
			_exit(why.status == EXIT_WRONG ? NO_MEANS : NO_BOX);
		}
		_exit(try());
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == NO_MEANS) {
		fprintf(stderr, "# SKIP: this kernel cannot box\n");
		skip();
	}
	return WIFSIGNALED(status) ? 256 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

static int
open_foreign(void)
{
	return answer(open(secret, O_RDONLY));
}

static int
open_through_link(void)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/link", inside);
	return answer(open(path, O_RDONLY));
}

static int
write_inside(void)
{
	char path[128], other[128];
	int fd;

	snprintf(path, sizeof(path), "%s/new", inside);
	snprintf(other, sizeof(other), "%s/newer", inside);
	fd = open(path, O_CREAT | O_RDWR, 0600);
	if (fd < 0 || write(fd, "x", 1) != 1 || ftruncate(fd, 0) != 0 ||
	    fchmod(fd, 0640) != 0 || fsync(fd) != 0 || close(fd) != 0 ||
	    rename(path, other) != 0 || unlink(other) != 0)
		return answer(-1);
	return DONE;
}

static int
rename_out(void)
{
	char path[128], other[128];

	snprintf(path, sizeof(path), "%s/kept", inside);
	snprintf(other, sizeof(other), "%s/stolen", outside);
	return answer(rename(path, other));
}

static int
write_read_only(void)
{
	return answer(open("/bin/true", O_WRONLY));
}

static int
change_mode(void)
{
	return answer(chmod(secret, 0777));
}

static int
run_program(void)
{
	execl("/bin/true", "true", (char *)NULL);
	return answer(-1);
}

static int
run_other(void)
{
	execl("/bin/false", "false", (char *)NULL);
	return answer(-1);
}

static int
trace_parent(void)
{
	return answer((int)ptrace(PTRACE_ATTACH, getppid(), NULL, NULL));
}

static int
signal_parent(void)
{
	return answer(kill(getppid(), 0));
}

static int
fork_child(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return answer(pid);
}

static void *
idle(void *argument)
{
	return argument;
}

static int
start_thread(void)
{
	pthread_t thread;
	int status = pthread_create(&thread, NULL, idle, NULL);

	if (status == 0)
		pthread_join(thread, NULL);
	errno = status;
	return answer(status == 0 ? 0 : -1);
}

static int
open_socket(void)
{
	return answer(socket(AF_INET, SOCK_STREAM, 0));
}

static int
open_packet_socket(void)
{
	return answer(socket(AF_PACKET, SOCK_DGRAM, 0));
}

/* Nobody listens on port 1: that refusal is not the box's. */
static int
connect_tcp(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(1),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	int status = connect(fd, (struct sockaddr *)&to, sizeof(to));

	return status != 0 && errno == ECONNREFUSED ? DONE : answer(status);
}

static int
bind_tcp(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return answer(bind(fd, (struct sockaddr *)&at, sizeof(at)));
}

static int
unix_socket(void)
{
	return answer(socket(AF_UNIX, SOCK_STREAM, 0));
}

static int
writable_code(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return answer(page == MAP_FAILED ? -1 : 0);
}

static int
use_memory(void)
{
	char *big = malloc((size_t)64 << 20);
	FILE *file;

	if (big == NULL)
		return answer(-1);
	memset(big, 1, (size_t)64 << 20);
	free(big);
	file = fopen("/dev/null", "w");
	if (file == NULL || fprintf(file, "%g\n", 1.5) < 0)
		return answer(-1);
	return answer(fclose(file));
}

static void
test_files(void **state)
{
	(void)state;
	assert_int_equal(boxed(0, open_foreign), DENIED);
	assert_int_equal(boxed(0, open_through_link), DENIED);
	assert_int_equal(boxed(0, rename_out), DENIED);
	assert_int_equal(boxed(0, write_read_only), DENIED);
	assert_int_equal(boxed(0, change_mode), DENIED);
	assert_int_equal(boxed(0, write_inside), DONE);
	assert_int_equal(boxed(0, use_memory), DONE);
}

static void
test_processes(void **state)
{
	(void)state;
	assert_int_equal(boxed(0, run_program), 256 + SIGSYS);
	assert_int_equal(boxed(BOX_FORK, run_program), 256 + SIGSYS);
	assert_int_equal(boxed(BOX_EXEC, run_program), 0);
	assert_int_equal(boxed(BOX_EXEC, run_other), DENIED);
	assert_int_equal(boxed(0, signal_parent), DENIED);
	assert_int_equal(boxed(BOX_FORK, fork_child), DONE);
	assert_int_equal(boxed(BOX_THREADS, start_thread), DONE);
	assert_int_equal(boxed(0, writable_code), DENIED);
}

/* The leak checker needs these calls, so that build cannot refuse them. */
static void
test_not_sanitized(void **state)
{
	(void)state;
	if (BOX_SANITIZED) {
		fprintf(stderr, "# SKIP: built with a sanitizer\n");
		skip();
	}
	assert_int_equal(boxed(0, trace_parent), 256 + SIGSYS);
	assert_int_equal(
	    boxed(BOX_FORK | BOX_EXEC, trace_parent), 256 + SIGSYS);
	assert_int_equal(boxed(0, fork_child), DENIED);
	assert_int_equal(boxed(BOX_THREADS, fork_child), DENIED);
	assert_int_equal(boxed(0, start_thread), DENIED);
}

static void
test_network(void **state)
{
	(void)state;
	assert_int_equal(boxed(0, open_socket), DENIED);
	assert_int_equal(boxed(BOX_NET_SERVER, open_socket), DENIED);
	assert_int_equal(boxed(BOX_NET_UNIX, open_socket), DENIED);
	assert_int_equal(boxed(BOX_NET_CLIENT, connect_tcp), DONE);
	assert_int_equal(boxed(BOX_NET_CLIENT, open_packet_socket), DENIED);
	assert_int_equal(boxed(BOX_NET_CLIENT, unix_socket), DENIED);
	assert_int_equal(boxed(BOX_NET_UNIX, unix_socket), DONE);
}

static void
test_bind(void **state)
{
	(void)state;
	if (syscall(SYS_landlock_create_ruleset, NULL, 0, 1) < 4) {
		fprintf(stderr, "# SKIP: Landlock before version 4\n");
		skip();
	}
	assert_int_equal(boxed(BOX_NET_CLIENT, bind_tcp), DENIED);
}

static void
test_report(void **state)
{
	char report[64] = "";
	struct failure why;
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		if (box_enter(
			NULL, 0, 0, false, report, sizeof(report), &why) != 0)
			_exit(1);
		_exit(strstr(report, "no_new_privs") == NULL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static int
put_file(const char *path)
{
	int fd = open(path, O_CREAT | O_WRONLY, 0600);

	return fd < 0 ? -1 : close(fd);
}

static int
set_up(void **state)
{
	char path[128];

	(void)state;
	snprintf(inside, sizeof(inside), "/tmp/box-in.XXXXXX");
	snprintf(outside, sizeof(outside), "/tmp/box-out.XXXXXX");
	if (mkdtemp(inside) == NULL || mkdtemp(outside) == NULL)
		return -1;
	snprintf(secret, sizeof(secret), "%s/secret", outside);
	snprintf(path, sizeof(path), "%s/link", inside);
	if (put_file(secret) != 0 || symlink(secret, path) != 0)
		return -1;
	snprintf(path, sizeof(path), "%s/kept", inside);
	return put_file(path);
}

static int
tear_down(void **state)
{
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/link", inside);
	unlink(path);
	snprintf(path, sizeof(path), "%s/kept", inside);
	unlink(path);
	rmdir(inside);
	unlink(secret);
	return rmdir(outside);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_processes),
		cmocka_unit_test(test_not_sanitized),
		cmocka_unit_test(test_network),
		cmocka_unit_test(test_bind),
		cmocka_unit_test(test_report),
	};

	return cmocka_run_group_tests_name("box", tests, set_up, tear_down);
}
