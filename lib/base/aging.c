/* The file has the three times of struct aging, a blank between them. */
#include "base/aging.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/io.h"

#define LEAP_MS (AGING_LEAP_DAYS * DAY_MS)
#define FILE_MAX 256

void
aging_step(struct aging *aging, int64_t now_ms)
{
	int64_t passed = now_ms > aging->seen_ms ? now_ms - aging->seen_ms : 0;

	if (passed > LEAP_MS || now_ms < aging->leap_ms)
		aging->leap_ms = now_ms;
	aging->aged_ms += passed < LEAP_MS ? passed : LEAP_MS;
	if (aging->aged_ms > now_ms ||
	    now_ms - aging->leap_ms >= AGING_BELIEVE_DAYS * DAY_MS)
		aging->aged_ms = now_ms;
	aging->seen_ms = now_ms;
}

static bool
next_time(const char **text, int64_t *time_ms)
{
	size_t size = strcspn(*text, " \n");
	bool good = clock_parse(*text, size, time_ms);

	*text += size + ((*text)[size] != '\0');
	return good;
}

static int
read_last(const char *path, struct aging *aging, struct failure *why)
{
	struct buf text = { NULL, 0, 0 };
	struct aging last;
	const char *at;
	int result = 0;

	if (access(path, F_OK) == 0)
		result = io_file_read(AT_FDCWD, path, FILE_MAX, &text, why);
	if (text.size > FILE_MAX) {
		buf_free(&text); /* none of ours */
		result = 0;
	}
	at = text.data;
	if (result == 0 && at != NULL && next_time(&at, &last.seen_ms) &&
	    next_time(&at, &last.leap_ms) && next_time(&at, &last.aged_ms))
		*aging = last;
	buf_free(&text);
	return result;
}

int
aging_look(
    const char *path, int64_t now_ms, int64_t *aged_ms, struct failure *why)
{
	struct aging aging = { now_ms, now_ms, now_ms };
	struct buf text = { NULL, 0, 0 };
	int result;

	*aged_ms = 0;
	if (read_last(path, &aging, why) == -1)
		return -1;
	aging_step(&aging, now_ms);
	*aged_ms = aging.aged_ms;
	buf_time(&text, aging.seen_ms);
	buf_char(&text, ' ');
	buf_time(&text, aging.leap_ms);
	buf_char(&text, ' ');
	buf_time(&text, aging.aged_ms);
	buf_char(&text, '\n');
	/* who looks next may be another user, and there is no secret in it */
	result = io_file_replace(path, text.data, text.size, 0644, true, why);
	buf_free(&text);
	return result;
}
