/* lib/spool: keys of lines, writers, halves, and what a failure leaves. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/io.h"
#include "spool/archive.h"
#include "spool/spool.h"

static char dir[64];
static struct failure why;

static void
key_is(const char *line, int64_t time_ms, const char *tenant,
    const char *device, const char *profile)
{
	struct spool_key key;

	spool_key(line, strlen(line), &key);
	assert_int_equal(key.time_ms, time_ms);
	assert_string_equal(key.tenant, tenant);
	assert_string_equal(key.device, device);
	assert_string_equal(key.profile, profile);
}

/* 1767323045678: date -ud 2026-01-02T03:04:05.678Z +%s%3N */
static void
reads_keys(void **state)
{
	(void)state;
	key_is("{\"kind\":\"frame\",\"time\":\"2026-01-02T03:04:05.678Z\","
	       "\"tenant\":\"eds\",\"device\":\"d1\",\"profile\":\"p\"}",
	    INT64_C(1767323045678), "eds", "d1", "p");
	key_is("{\"device\":\"d\\u0031\",\"tenant\":\"eds\",\"x\":"
	       "{\"tenant\":\"acme\"},\"kind\":\"frame\", \"profile\":\"p\","
	       "\"time\":\"2026-01-02T04:04:05.678+01:00\"}",
	    INT64_C(1767323045678), "eds", "d1", "p");
	key_is("{\"kind\":\"frame\",\"x\":\"\\\"tenant\\\":\\\"acme\\\"\"}", -1,
	    "-", "", "");
	key_is("{\"kind\":\"frame\",\"time\":\"now\",\"tenant\":\"../x\"}", -1,
	    "-", "", "");
	key_is(
	    "{\"kind\":\"frame\",\"tenant\":7,\"device\":[]}", -1, "-", "", "");
	key_is("no JSON at all", -1, "-", "", "");
	key_is("", -1, "-", "", "");
	key_is("{\"kind\":\"frame\",\"tenant\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}",
	    -1, "-", "", "");
}

static struct spool_writer *
writer_open(void)
{
	struct spool_writer *writer = spool_writer_open(dir, 0, &why);

	assert_non_null(writer);
	return writer;
}

static void
put(struct spool_writer *writer, const char *line)
{
	assert_int_equal(spool_writer_put(writer, line, strlen(line), &why), 0);
}

static int64_t
commit(struct spool_writer *writer)
{
	int64_t segment;

	assert_int_equal(spool_writer_commit(writer, &segment, &why), 0);
	return segment;
}

static void
content_is(const char *part, const char *name, const char *wanted)
{
	struct buf text = { 0 };
	char path[256];

	snprintf(path, sizeof(path), "%s/%s/%s", dir, part, name);
	assert_int_equal(io_file_read(AT_FDCWD, path, 1 << 20, &text, &why), 0);
	assert_string_equal(text.data, wanted);
	buf_free(&text);
}

static void
writes_segments(void **state)
{
	struct spool_writer *one = writer_open(), *other = writer_open();

	(void)state;
	assert_int_equal(commit(one), 0);
	put(one, "{\"a\":1}");
	put(other, "{\"a\":2}");
	put(one, "{\"a\":3}");
	assert_int_equal(spool_writer_open_size(one), 16);
	assert_int_equal(commit(other), 1);
	assert_int_equal(commit(one), 2);
	assert_int_equal(commit(one), 0);
	content_is("new", "0000000000000001", "{\"a\":2}\n");
	content_is("new", "0000000000000002", "{\"a\":1}\n{\"a\":3}\n");
	spool_writer_close(one);
	spool_writer_close(other);
}

static void
refuses_lines(void **state)
{
	struct spool_writer *writer = writer_open();
	char *longer = calloc(1, IO_LINE_MAX + 2);

	(void)state;
	memset(longer, 'a', IO_LINE_MAX + 1);
	assert_int_equal(spool_writer_put(writer, "", 0, &why), -1);
	assert_int_equal(why.status, EXIT_REFUSED);
	assert_int_equal(spool_writer_put(writer, "a\nb", 3, &why), -1);
	assert_int_equal(spool_writer_put(writer, "a\0b", 3, &why), -1);
	assert_int_equal(
	    spool_writer_put(writer, longer, IO_LINE_MAX + 1, &why), -1);
	assert_int_equal(
	    spool_writer_put(writer, "{\"kind\":\"mark\"}", 15, &why), -1);
	assert_int_equal(
	    spool_writer_put(writer, "{\"x\":1, \"kind\":\"mark\"}", 22, &why),
	    -1);
	assert_int_equal(commit(writer), 0);
	free(longer);
	spool_writer_close(writer);
}

/* A file size limit stands for a full disk. */
static void
keeps_lines_over_a_failure(void **state)
{
	struct spool_writer *writer = writer_open();
	struct rlimit limit, before;
	struct stat st;
	char line[1001], path[128];
	int64_t segment;
	int i;

	(void)state;
	memset(line, 'x', 1000);
	line[1000] = '\0';
	getrlimit(RLIMIT_FSIZE, &before);
	limit = before;
	limit.rlim_cur = 100000;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
	for (i = 0; i < 300; i++)
		put(writer, line);
	assert_int_equal(spool_writer_commit(writer, &segment, &why), -1);
	assert_int_equal(why.status, EXIT_AGAIN);
	assert_int_equal(spool_writer_commit(writer, &segment, &why), -1);
	put(writer, "{\"last\":1}");
	setrlimit(RLIMIT_FSIZE, &before);
	assert_int_equal(commit(writer), 1);
	snprintf(path, sizeof(path), "%s/new/0000000000000001", dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 300 * 1001 + 11);
	spool_writer_close(writer);
}

static void
finishes_what_was_left(void **state)
{
	struct spool_writer *left = writer_open(), *alive = writer_open();
	char line[70001];
	struct buf wanted = { 0 };

	(void)state;
	memset(line, 'y', 70000);
	line[70000] = '\0';
	put(left, line); /* more than is kept in memory alone */
	put(left, "lost: never written");
	put(alive, line);
	spool_writer_close(left);
	spool_writer_close(writer_open());
	buf_text(&wanted, line);
	buf_char(&wanted, '\n');
	content_is("new", "0000000000000001", wanted.data);
	put(alive, "{\"b\":1}");
	assert_int_equal(commit(alive), 2);
	buf_text(&wanted, "{\"b\":1}\n");
	content_is("new", "0000000000000002", wanted.data);
	buf_free(&wanted);
	spool_writer_close(alive);
}

static void
halves_segments(void **state)
{
	struct spool_writer *writer = writer_open();
	struct spool_names names;
	struct spool spool;
	int fd;

	(void)state;
	put(writer, "1");
	put(writer, "2");
	put(writer, "3");
	commit(writer);
	put(writer, "4");
	commit(writer);
	assert_int_equal(spool_open(&spool, dir, false, &why), 0);
	assert_int_equal(
	    spool_halve(&spool, spool.fresh, "0000000000000001", &why), 0);
	assert_int_equal(
	    spool_halve(&spool, spool.fresh, "0000000000000001.1", &why), 0);
	content_is("new", "0000000000000001.0", "1\n");
	content_is("new", "0000000000000001.1.0", "2\n");
	content_is("new", "0000000000000001.1.1", "3\n");
	assert_int_equal(spool_list(spool.fresh, &names, &why), 0);
	assert_int_equal(names.count, 4);
	assert_string_equal(names.name[0], "0000000000000001.0");
	assert_string_equal(names.name[2], "0000000000000001.1.1");
	assert_string_equal(names.name[3], "0000000000000002");
	assert_int_equal(spool_number(names.name[2]), 1);
	spool_names_free(&names);
	assert_int_equal(
	    spool_halve(&spool, spool.fresh, "0000000000000001.1.0", &why), 1);
	content_is("refused", "0000000000000001.1.0", "2\n");
	/* a line of another tenant, of the same segment */
	fd = spool_wait_dir(&spool, "acme");
	assert_int_equal(
	    spool_put_file(fd, "0000000000000001.1.0", "4\n", 2, &why), 0);
	assert_int_equal(
	    spool_halve(&spool, fd, "0000000000000001.1.0", &why), 1);
	close(fd);
	content_is("refused", "0000000000000001.1.0", "2\n");
	content_is("refused", "0000000000000001.1.0.2", "4\n");
	assert_int_equal(
	    spool_halve(&spool, spool.fresh, "0000000000000009", &why), -1);
	spool_close(&spool);
	spool_writer_close(writer);
}

static void
names_segments(void **state)
{
	(void)state;
	assert_int_equal(spool_number("0000000000000042"), 42);
	assert_int_equal(spool_number("0000000000000042.1"), 42);
	assert_int_equal(spool_number("42"), 0);
	assert_int_equal(spool_number("000000000000004x"), 0);
	assert_int_equal(spool_number(".part-0000000001"), 0);
	assert_int_equal(spool_number("0000000000000042~"), 0);
	assert_int_equal(spool_number("00000000000000042"), 0);
}

static int
set_up(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/spool-unit.XXXXXX");
	return mkdtemp(dir) == NULL ? -1 : 0;
}

static int
tear_down(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	return system(command);
}

#define TEST(function)                                                         \
	cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reads_keys),
		TEST(writes_segments),
		TEST(refuses_lines),
		TEST(keeps_lines_over_a_failure),
		TEST(finishes_what_was_left),
		TEST(halves_segments),
		TEST(names_segments),
	};

	return cmocka_run_group_tests_name("spool", tests, NULL, NULL);
}
