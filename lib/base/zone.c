/*
 * tzdata's compiled files (RFC 8536, version 2 and up): the 64-bit block of
 * transitions. After the last transition its offset stays; tzdata as
 * Debian builds it lists them to the year 2037.
 */
#include "base/zone.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/mem.h"

#define ZONE_DIRECTORY "/usr/share/zoneinfo"
#define ZONE_FILE_MAX ((size_t)1 << 20)
#define HEADER_SIZE 44
#define DAY_S 86400

struct zone_type {
	int32_t offset_s;
	char name[8];
};

struct zone {
	size_t count; /* transitions */
	int64_t *at_s;
	uint8_t *type_of;
	size_t type_count;
	struct zone_type *type;
};

/* A name of tzdata: Area/City, no dots, so that it cannot leave. */
static bool
name_ok(const char *name)
{
	size_t size = strlen(name);

	return size > 0 && size < 64 && name[0] != '/' && name[0] != '-' &&
	    strspn(name,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789_+-/") == size;
}

static int64_t
big_endian(const uint8_t *data, size_t size)
{
	uint64_t value = data[0] & 0x80 ? UINT64_MAX : 0;

	for (size_t i = 0; i < size; i++)
		value = value << 8 | data[i];
	return (int64_t)value;
}

/* The six counts of a header: isutc, isstd, leap, time, type, char. */
struct counts {
	size_t isutc, isstd, leap, time, type, text;
};

static bool
read_counts(const uint8_t *data, size_t size, struct counts *counts)
{
	size_t *field[] = { &counts->isutc, &counts->isstd, &counts->leap,
		&counts->time, &counts->type, &counts->text };

	if (size < HEADER_SIZE || memcmp(data, "TZif", 4) != 0 || data[4] < '2')
		return false;
	for (size_t i = 0; i < 6; i++) {
		int64_t value = big_endian(data + 20 + 4 * i, 4);

		if (value < 0 || value > 100000)
			return false;
		*field[i] = (size_t)value;
	}
	return true;
}

static size_t
block_size(const struct counts *counts, size_t time_size)
{
	return counts->time * (time_size + 1) + counts->type * 6 +
	    counts->text + counts->leap * (time_size + 4) + counts->isstd +
	    counts->isutc;
}

static bool
read_types(struct zone *zone, const uint8_t *types, const uint8_t *texts,
    size_t text_size)
{
	for (size_t i = 0; i < zone->type_count; i++) {
		struct zone_type *type = &zone->type[i];
		size_t start = types[6 * i + 5];

		type->offset_s = (int32_t)big_endian(types + 6 * i, 4);
		if (start >= text_size || type->offset_s > 2 * DAY_S ||
		    type->offset_s < -2 * DAY_S)
			return false;
		for (size_t k = 0; k + 1 < sizeof(type->name) &&
		     start + k < text_size && texts[start + k] != '\0';
		     k++)
			type->name[k] = (char)texts[start + k];
	}
	return true;
}

static bool
read_block(struct zone *zone, const uint8_t *data, const struct counts *counts)
{
	const uint8_t *types_of = data + counts->time * 8;
	const uint8_t *types = types_of + counts->time;

	zone->count = counts->time;
	zone->type_count = counts->type;
	zone->at_s = mem_zero(counts->time, sizeof(*zone->at_s));
	zone->type_of = mem_zero(counts->time, 1);
	zone->type = mem_zero(counts->type, sizeof(*zone->type));
	for (size_t i = 0; i < counts->time; i++) {
		zone->at_s[i] = big_endian(data + 8 * i, 8);
		zone->type_of[i] = types_of[i];
		if (types_of[i] >= counts->type ||
		    (i > 0 && zone->at_s[i] <= zone->at_s[i - 1]))
			return false;
	}
	return counts->type > 0 &&
	    read_types(zone, types, types + counts->type * 6, counts->text);
}

static bool
read_file(struct zone *zone, const uint8_t *data, size_t size)
{
	struct counts counts;
	size_t first;

	if (!read_counts(data, size, &counts))
		return false;
	first = HEADER_SIZE + block_size(&counts, 4);
	if (size < first || !read_counts(data + first, size - first, &counts))
		return false;
	first += HEADER_SIZE;
	if (size - first < block_size(&counts, 8))
		return false;
	return read_block(zone, data + first, &counts);
}

struct zone *
zone_open(const char *name, struct failure *why)
{
	struct zone *zone = NULL;
	struct buf file = { 0 };
	int dir;

	if (!name_ok(name)) {
		failure_set(why, EXIT_WRONG, "\"%s\" is no time zone", name);
		return NULL;
	}
	dir = open(ZONE_DIRECTORY, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0) {
		failure_set(why, EXIT_WRONG, ZONE_DIRECTORY ":");
		return NULL;
	}
	if (io_file_read(dir, name, ZONE_FILE_MAX, &file, why) < 0) {
		failure_prefix(why, "time zone");
		why->status = EXIT_WRONG;
	} else {
		zone = mem_zero(1, sizeof(*zone));
		if (!read_file(zone, (const uint8_t *)file.data, file.size)) {
			zone_free(zone);
			zone = NULL;
			failure_set(why, EXIT_WRONG,
			    "\"%s\" is no time zone file", name);
		}
	}
	buf_free(&file);
	close(dir);
	return zone;
}

void
zone_free(struct zone *zone)
{
	if (zone == NULL)
		return;
	free(zone->at_s);
	free(zone->type_of);
	free(zone->type);
	free(zone);
}

/* How many transitions lie at or before the instant. */
static size_t
passed(const struct zone *zone, int64_t time_s)
{
	size_t low = 0, high = zone->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (zone->at_s[middle] <= time_s)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Before the first transition type 0 holds (RFC 8536, 3.2). */
static const struct zone_type *
type_at(const struct zone *zone, int64_t time_s)
{
	size_t n = passed(zone, time_s);

	return &zone->type[n == 0 ? 0 : zone->type_of[n - 1]];
}

static int64_t
floor_div(int64_t value, int64_t by)
{
	return value / by - (value % by < 0 ? 1 : 0);
}

void
zone_local(const struct zone *zone, int64_t time_ms, struct zone_time *local)
{
	int64_t time_s = floor_div(time_ms, 1000);
	const struct zone_type *type = type_at(zone, time_s);
	int64_t here = time_s + type->offset_s;
	int64_t days = floor_div(here, DAY_S);
	int second = (int)(here - days * DAY_S);
	struct buf text = { 0 };

	buf_time(&text, (days < 0 ? 0 : days) * DAY_S * 1000);
	local->year = atoi(text.data);
	local->month = atoi(text.data + 5);
	local->day = atoi(text.data + 8);
	buf_free(&text);
	local->hour = second / 3600;
	local->minute = second / 60 % 60;
	local->second = second % 60;
	local->offset_s = type->offset_s;
	memcpy(local->name, type->name, sizeof(local->name));
}

/* Keep a period that starts at or before the instant on its side of the
 * changes of offset: an hour of half an hour stays one of its own. */
static void
clip(const struct zone *zone, int64_t time_s, int64_t *start_s, int64_t *end_s)
{
	size_t n = passed(zone, time_s);

	if (n > 0 && zone->at_s[n - 1] > *start_s &&
	    type_at(zone, *start_s)->offset_s !=
		type_at(zone, time_s)->offset_s)
		*start_s = zone->at_s[n - 1];
	if (n < zone->count && zone->at_s[n] < *end_s &&
	    type_at(zone, zone->at_s[n])->offset_s !=
		type_at(zone, time_s)->offset_s)
		*end_s = zone->at_s[n];
}

void
zone_hour(const struct zone *zone, int64_t time_ms, int64_t *start_ms,
    int64_t *end_ms)
{
	int64_t time_s = floor_div(time_ms, 1000);
	int64_t offset = type_at(zone, time_s)->offset_s;
	int64_t start_s = floor_div(time_s + offset, 3600) * 3600 - offset;
	int64_t end_s = start_s + 3600;

	clip(zone, time_s, &start_s, &end_s);
	*start_ms = start_s * 1000;
	*end_ms = end_s * 1000;
}

/* The instant at which a local day begins; where its midnight is skipped,
 * the change that skips it; where it comes twice, the second. */
static int64_t
day_start(const struct zone *zone, int64_t day)
{
	int64_t midnight = day * DAY_S;
	int64_t noon = type_at(zone, midnight + DAY_S / 2)->offset_s;
	int64_t later = midnight - noon;
	int64_t early = type_at(zone, later)->offset_s;
	int64_t sooner = midnight - early;
	size_t n;

	if (early == noon)
		return later;
	if (type_at(zone, sooner)->offset_s == early)
		return sooner;
	n = passed(zone, later > sooner ? later : sooner);
	return n > 0 ? zone->at_s[n - 1] : later;
}

int64_t
zone_date_start(const struct zone *zone, int64_t day)
{
	return day_start(zone, day) * 1000;
}

void
zone_day(const struct zone *zone, int64_t time_ms, int64_t *start_ms,
    int64_t *end_ms)
{
	int64_t time_s = floor_div(time_ms, 1000);
	int64_t day =
	    floor_div(time_s + type_at(zone, time_s)->offset_s, DAY_S);

	*start_ms = day_start(zone, day) * 1000;
	*end_ms = day_start(zone, day + 1) * 1000;
	if (time_ms < *start_ms) { /* before a midnight that comes twice */
		*end_ms = *start_ms;
		*start_ms = day_start(zone, day - 1) * 1000;
	}
}
