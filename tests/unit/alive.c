/* A sign of life: on a terminal, and nowhere else. */
#define _XOPEN_SOURCE 700
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alive.h"
#include "base/err.h"

/* What is said with standard error being `to`, as read from `from`. */
static void
say(int from, int to, int64_t after_ms, char *text, size_t room)
{
	int kept = dup(STDERR_FILENO);
	struct alive alive;
	ssize_t got;

	dup2(to, STDERR_FILENO);
	alive_open(&alive, "eds", after_ms);
	alive_tell(&alive, 7, "readings");
	alive_tell(&alive, 8, "readings"); /* within the same second */
	alive_close(&alive);
	dup2(kept, STDERR_FILENO);
	close(kept);
	fcntl(from, F_SETFL, O_NONBLOCK);
	got = read(from, text, room - 1);
	text[got < 0 ? 0 : got] = '\0';
}

static void
terminal(void **state)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY), slave;
	char text[200];

	(void)state;
	assert_true(master >= 0);
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	assert_true(slave >= 0);
	err_name_set("rollup");
	say(master, slave, 0, text, sizeof(text));
	assert_string_equal(
	    text, "\rrollup: tenant eds: 7 readings, 0 s\033[K\r\033[K");
	say(master, slave, 60000, text, sizeof(text));
	assert_string_equal(text, "");
	close(slave);
	close(master);
}

static void
file(void **state)
{
	char text[200];
	int pair[2];

	(void)state;
	assert_int_equal(pipe(pair), 0);
	say(pair[0], pair[1], 0, text, sizeof(text));
	assert_string_equal(text, "");
	close(pair[0]);
	close(pair[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(terminal),
		cmocka_unit_test(file) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
