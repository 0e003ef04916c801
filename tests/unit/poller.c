/* A set of devices that is replaced before the first step. */
#include "wire/poller.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static char directory[] = "/tmp/tbms-poller.XXXXXX";

static void
take_frame(void *context, const struct frame *frame)
{
	(void)frame;
	++*(int *)context;
}

static void
say(void *context, const char *text)
{
	(void)context;
	(void)text;
}

static void
write_profile(void)
{
	char path[64];
	FILE *file;

	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/p.json", directory);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs("{\"protocol\":\"modbus\",\"modbus\":{\"function\":3},"
	      "\"measurements\":[{\"name\":\"pack_voltage\",\"at\":1,"
	      "\"type\":\"u16\"}]}",
	    file);
	fclose(file);
}

static void
forget_profile(void)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/p.json", directory);
	unlink(path);
	rmdir(directory);
}

/* SIGHUP may come while the first list is read: the ways of that list are
 * gone, and nobody looks after them. */
static void
replaced_at_once(void **state)
{
	static const char *const addresses[] = { "tcp://127.0.0.1:1",
		"tcp://127.0.0.1:2", "tcp://127.0.0.1:3" };
	struct device device = { .tenant = "eds",
		.device = "a",
		.profile = "p",
		.battery = "",
		.host = "127.0.0.1",
		.interface = "",
		.base = "",
		.secret = "",
		.cafile = "",
		.link = LINK_TCP,
		.unit = 1,
		.timeout_ms = 1000 };
	int frames = 0, status;
	struct poller_options options = { .profile_dir = directory,
		.boot = "",
		.frame = take_frame,
		.say = say,
		.context = &frames };
	struct failure why;
	struct poller *poller;
	sigset_t none;
	size_t at;

	(void)state;
	write_profile();
	poller = poller_open(&options, &why);
	assert_non_null(poller);
	for (size_t i = 0; i < 3; i++) {
		device.address = addresses[i];
		device.port = (uint16_t)(i + 1);
		assert_int_equal(
		    poller_devices(poller, &device, 1, &at, &why), 0);
	}
	sigemptyset(&none);
	while ((status = poller_step(poller, &none, &why)) > 0)
		continue;
	assert_int_equal(status, 0);
	/* nobody listens there: one frame says so */
	assert_int_equal(frames, 1);
	assert_int_equal(poller_failures(poller), 1);
	poller_close(poller);
	forget_profile();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replaced_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
