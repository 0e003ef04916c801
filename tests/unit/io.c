/* Lines in, blocks out, files replaced as a whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/io.h"

/* A file that holds these bytes, open at its start. */
static int
file_of(const char *data, size_t size)
{
	FILE *file = tmpfile();
	int fd;

	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, size, file), size);
	assert_int_equal(fflush(file), 0);
	fd = dup(fileno(file));
	fclose(file);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static void
test_lines(void **state)
{
	static const char text[] = "one\n\ntwo\0x\nlast";
	int fd = file_of(text, sizeof(text) - 1);
	struct io_reader reader;
	char *line;
	size_t size;

	(void)state;
	io_reader_open(&reader, fd, "test");
	assert_int_equal(io_reader_next(&reader, &line, &size), IO_LINE);
	assert_string_equal(line, "one");
	assert_int_equal(io_reader_next(&reader, &line, &size), IO_LINE);
	assert_int_equal(size, 0);
	assert_int_equal(io_reader_next(&reader, &line, &size), IO_LINE);
	assert_int_equal(size, 5);
	assert_memory_equal(line, "two\0x", 6);
	assert_int_equal(io_reader_next(&reader, &line, &size), IO_CUT);
	assert_string_equal(line, "last");
	assert_int_equal(reader.line, 4);
	assert_int_equal(io_reader_next(&reader, &line, &size), IO_END);
	io_reader_close(&reader);
	close(fd);
}

/* A line of exactly the limit is taken; one byte more is skipped, and the
 * line behind it is whole. */
static void
test_long(void **state)
{
	size_t total = 2 * IO_LINE_MAX + 1 + 2 + 3;
	char *text = malloc(total);
	struct io_reader reader;
	char *line;
	size_t size;
	int fd;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', total);
	text[IO_LINE_MAX] = '\n';
	text[2 * IO_LINE_MAX + 2] = '\n';
	memcpy(text + 2 * IO_LINE_MAX + 3, "ok\n", 3);
	fd = file_of(text, total);
	io_reader_open(&reader, fd, "test");
	assert_int_equal(io_reader_next(&reader, &line, &size), IO_LINE);
	assert_int_equal(size, IO_LINE_MAX);
	assert_int_equal(io_reader_next(&reader, &line, &size), IO_LONG);
	assert_int_equal(io_reader_next(&reader, &line, &size), IO_LINE);
	assert_string_equal(line, "ok");
	assert_int_equal(reader.line, 3);
	io_reader_close(&reader);
	close(fd);
	free(text);
}

static void
test_endless(void **state)
{
	struct io_reader reader;
	char *line;
	size_t size, block = 3 * IO_LINE_MAX;
	char *text = malloc(block);
	int fd;

	(void)state;
	assert_non_null(text);
	memset(text, 'y', block);
	fd = file_of(text, block);
	io_reader_open(&reader, fd, "test");
	assert_int_equal(io_reader_next(&reader, &line, &size), IO_LONG);
	assert_int_equal(io_reader_next(&reader, &line, &size), IO_END);
	assert_true(reader.room < 4 * IO_LINE_MAX);
	io_reader_close(&reader);
	close(fd);
	free(text);
}

static void
test_full_disk(void **state)
{
	struct io_writer writer;
	int fd = open("/dev/full", O_WRONLY);

	(void)state;
	io_writer_open(&writer, fd, "test");
	io_writer_put(&writer, "text\n", 5);
	assert_int_equal(io_writer_flush(&writer), -1);
	assert_int_equal(writer.error, ENOSPC);
	io_writer_put(&writer, "more\n", 5);
	assert_int_equal(io_writer_close(&writer), -1);
	assert_int_equal(errno, ENOSPC);
	close(fd);
}

static void
test_replace(void **state)
{
	char dir[] = "/tmp/tbms-io.XXXXXX";
	struct buf path = { 0 }, text = { 0 };
	struct failure why;
	struct stat info;

	(void)state;
	assert_non_null(mkdtemp(dir));
	buf_print(&path, "%s/a/b", dir);
	assert_int_equal(io_mkdirs(path.data, 0700, &why), 0);
	buf_text(&path, "/file");
	assert_int_equal(
	    io_file_replace(path.data, "old", 3, 0640, false, &why), 0);
	assert_int_equal(
	    io_file_replace(path.data, "newer", 5, 0600, true, &why), 0);
	assert_int_equal(stat(path.data, &info), 0);
	assert_int_equal(info.st_mode & 07777, 0600);
	assert_int_equal(io_file_read(AT_FDCWD, path.data, 5, &text, &why), 0);
	assert_string_equal(text.data, "newer");
	buf_clear(&text);
	assert_int_equal(io_file_read(AT_FDCWD, path.data, 4, &text, &why), -1);
	assert_int_equal(why.status, EXIT_WRONG);
	assert_int_equal(io_file_read(AT_FDCWD, dir, 100, &text, &why), -1);
	assert_int_equal(
	    io_file_replace("/nonexistent/x", "", 0, 0600, false, &why), -1);
	assert_int_equal(why.status, EXIT_AGAIN);
	unlink(path.data);
	buf_free(&path);
	buf_free(&text);
}

static void
test_slug(void **state)
{
	(void)state;
	assert_true(io_slug_ok("eds"));
	assert_true(io_slug_ok("0-a"));
	assert_false(io_slug_ok(""));
	assert_false(io_slug_ok("-a"));
	assert_false(io_slug_ok(".."));
	assert_false(io_slug_ok("a/b"));
	assert_false(io_slug_ok("EDS"));
	assert_false(io_slug_ok("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
				"aaaaaaaaaaaaaaaaaaa"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_endless),
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_replace),
		cmocka_unit_test(test_slug),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
