/* The archive read back: lines of one tenant and a range of time. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"
#include "spool/archive.h"
#include "spool/archive_dir.h"
#include "spool/archive_file.h"
#include "spool/journal.h"

#define HOUR_SUFFIX ".ndjson.zst"
#define READ_SIZE ((size_t)128 << 10)

struct reading_back {
	const struct spool *spool;
	const struct spool_range *range;
	const struct spool_walk *walk;
	char first[16], last[16]; /* hours, as 2026-01-02T03 */
	char pruned[16]; /* the newest that was removed */
	bool stopped;
};

static void
hand_out(struct reading_back *back, const struct buf *text, size_t *at)
{
	struct spool_key key;
	const char *line;
	size_t size;

	while (!back->stopped && spool_line(text, at, &line, &size)) {
		spool_key(line, size, &key);
		if (strcmp(key.tenant, back->range->tenant) == 0 &&
		    key.time_ms >= back->range->from_ms &&
		    key.time_ms < back->range->to_ms)
			back->stopped = back->walk->line(
			    back->walk->context, line, size, &key);
	}
}

/* ---- what is not archived yet ----------------------------------------- */

/* A segment that is gone has moved on to where we look later. */
static int
read_segments(
    struct reading_back *back, int dir_fd, int next_fd, struct failure *why)
{
	struct buf text = { 0 };
	struct spool_names names;
	size_t i, at;
	int status = spool_list(dir_fd, &names, why);
	bool cut;

	for (i = 0; status == 0 && !back->stopped && i < names.count; i++) {
		int from = faccessat(dir_fd, names.name[i], F_OK, 0) == 0
		    ? dir_fd
		    : next_fd;

		buf_clear(&text);
		at = 0;
		if (from < 0 ||
		    spool_read(from, names.name[i], &text, &cut, why) != 0)
			continue;
		hand_out(back, &text, &at);
	}
	spool_names_free(&names);
	buf_free(&text);
	return status;
}

/* ---- an hour ---------------------------------------------------------- */

struct hour {
	struct archive_file file;
	ZSTD_DStream *stream;
	ZSTD_inBuffer in;
	struct buf text;
	size_t pending; /* 0: at the end of a frame */
};

/* One step; *full: there may be more to come out of what was read. */
static const char *
decompress(struct reading_back *back, struct hour *hour, bool *full)
{
	ZSTD_outBuffer out = { NULL, READ_SIZE, 0 };
	size_t at = 0;

	out.dst = buf_reserve(&hour->text, READ_SIZE);
	hour->pending = ZSTD_decompressStream(hour->stream, &out, &hour->in);
	if (ZSTD_isError(hour->pending))
		return ZSTD_getErrorName(hour->pending);
	*full = out.pos == out.size;
	hour->text.size += out.pos;
	hand_out(back, &hour->text, &at);
	hour->text.size -= at;
	memmove(hour->text.data, hour->text.data + at, hour->text.size);
	return hour->text.size > 2 * IO_LINE_MAX ? "line too long" : NULL;
}

/* NULL, or what is wrong with the file. */
static const char *
read_hour(struct reading_back *back, struct hour *hour)
{
	const char *wrong;
	bool full = false;

	while (hour->file.left > 0 && !back->stopped) {
		wrong = archive_file_next(
		    &hour->file, back->spool, back->range->tenant);
		if (wrong != NULL)
			return wrong;
		hour->in =
		    (ZSTD_inBuffer){ hour->file.data, hour->file.size, 0 };
		while (
		    (hour->in.pos < hour->in.size || full) && !back->stopped) {
			wrong = decompress(back, hour, &full);
			if (wrong != NULL)
				return wrong;
		}
	}
	return back->stopped || (hour->pending == 0 && hour->text.size == 0)
	    ? NULL
	    : "its end is missing";
}

static int
open_hour(struct reading_back *back, int day_fd, const char *name,
    struct hour *hour, struct failure *why)
{
	struct stat st = { 0 };
	int lock;

	hour->file.fd = openat(day_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (hour->file.fd < 0)
		return errno == ENOENT
		    ? 0
		    : failure_set(why, EXIT_AGAIN, "archive: %s:", name);
	if (journal_lock(back->spool, LOCK_SH, &lock, why) != 0 ||
	    fstat(hour->file.fd, &st) != 0) {
		journal_unlock(lock);
		return -1;
	}
	journal_unlock(lock);
	hour->file.left = st.st_size;
	return 1;
}

/* An hour was read to its end. */
static void
tell_whole(struct reading_back *back, const char *stamp)
{
	const struct spool_range *range = back->range;
	int64_t from_ms, to_ms;
	char text[32];

	snprintf(text, sizeof(text), "%.13s:00:00Z", stamp);
	if (back->walk->whole == NULL || back->stopped ||
	    strcmp(stamp, back->pruned) <= 0 ||
	    !clock_parse(text, strlen(text), &from_ms))
		return;
	to_ms = from_ms + HOUR_MS;
	from_ms = from_ms > range->from_ms ? from_ms : range->from_ms;
	to_ms = to_ms < range->to_ms ? to_ms : range->to_ms;
	if (from_ms < to_ms)
		back->walk->whole(back->walk->context, from_ms, to_ms);
}

/* One file of an hour. 1 read to its end, 0 not, -1 with a failure. */
static int
walk_file(struct reading_back *back, int day_fd, const char *stamp,
    const char *name, struct failure *why)
{
	struct hour hour = { .file = { .fd = -1 } };
	const char *wrong = NULL;
	char message[512];
	int status = open_hour(back, day_fd, name, &hour, why);

	if (status > 0) {
		hour.file.sealed = strcmp(name + 2, HOUR_SUFFIX) != 0;
		snprintf(hour.file.path, sizeof(hour.file.path), "%s/%.10s/%s",
		    back->range->tenant, stamp, name);
		hour.stream = ZSTD_createDStream();
		wrong = read_hour(back, &hour);
		if (wrong != NULL) {
			snprintf(message, sizeof(message),
			    "archive/%s/%.10s/%s: %s", back->range->tenant,
			    stamp, name, wrong);
			back->walk->damaged(back->walk->context, message);
		}
		ZSTD_freeDStream(hour.stream);
		buf_free(&hour.text);
		archive_file_done(&hour.file);
	}
	if (hour.file.fd >= 0)
		close(hour.file.fd);
	return status < 0 ? -1 : status > 0 && wrong == NULL;
}

static bool
is_hour(const char *name)
{
	return strcmp(name + 2, HOUR_SUFFIX) == 0 ||
	    strcmp(name + 2, HOUR_SUFFIX ".sealed") == 0;
}

/* The files of an hour: one in clear from before the tenant had a key, and
 * a sealed one. All of it is known where both are read to their ends. */
static int
walk_hour(struct reading_back *back, int day_fd, const char *day, char **names,
    size_t count, struct failure *why)
{
	bool whole = false, damaged = false;
	char stamp[32];
	int got;

	snprintf(stamp, sizeof(stamp), "%.10sT%.2s", day, names[0]);
	if (strcmp(stamp, back->first) < 0 || strcmp(stamp, back->last) > 0)
		return 0;
	for (size_t i = 0; i < count && !back->stopped; i++) {
		if (!is_hour(names[i]))
			continue;
		got = walk_file(back, day_fd, stamp, names[i], why);
		if (got == -1)
			return -1;
		whole = true;
		damaged = damaged || got == 0;
	}
	if (whole && !damaged)
		tell_whole(back, stamp);
	return 0;
}

/* ---- days and hours --------------------------------------------------- */

static int
walk_day(struct reading_back *back, int tenant_fd, const char *day,
    struct failure *why)
{
	int day_fd = openat(
	    tenant_fd, day, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	struct spool_names hours = { NULL, 0 };
	size_t i, count;
	int status;

	if (day_fd < 0)
		return 0;
	status = archive_list_dated(day_fd, &hours, why);
	for (i = 0; status == 0 && !back->stopped && i < hours.count;
	     i += count) {
		count = 1;
		while (i + count < hours.count &&
		    memcmp(hours.name[i], hours.name[i + count], 2) == 0)
			count++;
		status =
		    walk_hour(back, day_fd, day, hours.name + i, count, why);
	}
	spool_names_free(&hours);
	close(day_fd);
	return status;
}

static void
set_hour(char hour[16], int64_t time_ms)
{
	struct buf text = { 0 };

	buf_time(&text, time_ms);
	snprintf(hour, 16, "%.13s", text.data);
	buf_free(&text);
}

static int
read_pruned(int tenant_fd, char stamp[16], struct failure *why)
{
	struct buf text = { 0 };
	int status = 0;

	if (faccessat(tenant_fd, "pruned", F_OK, 0) == 0)
		status = io_file_read(tenant_fd, "pruned", 64, &text, why);
	snprintf(stamp, 16, "%.13s", text.size > 0 ? text.data : "");
	buf_free(&text);
	return status;
}

int
spool_archive_walk(const struct spool *spool, const struct spool_range *range,
    const struct spool_walk *walk, struct failure *why)
{
	struct reading_back back = {
		.spool = spool, .range = range, .walk = walk
	};
	int tenant_fd = archive_open_tenant(spool, range->tenant, why), status;
	struct spool_names days = { NULL, 0 };
	size_t i;

	if (tenant_fd < 0)
		return -1;
	set_hour(back.first, range->from_ms);
	set_hour(back.last, range->to_ms);
	status = read_pruned(tenant_fd, back.pruned, why);
	if (status == 0)
		status = read_segments(&back, spool->fresh, spool->fed, why);
	if (status == 0)
		status = read_segments(&back, spool->fed, -1, why);
	if (status == 0)
		status = archive_list_dated(tenant_fd, &days, why);
	for (i = 0; status == 0 && !back.stopped && i < days.count; i++)
		if (strncmp(days.name[i], back.first, 10) >= 0 &&
		    strncmp(days.name[i], back.last, 10) <= 0)
			status = walk_day(&back, tenant_fd, days.name[i], why);
	spool_names_free(&days);
	close(tenant_fd);
	return status;
}
