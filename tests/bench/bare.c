/*
 * bare DB < readings: the least that can be done: canonical readings are
 * scanned in one pass, what was measured is packed into a few fixed fields,
 * and each goes into a rowid table without an index, 1,000 a transaction.
 * Nothing is checked. A limit for tenant-db append, not a program.
 */
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROOM (1 << 20)
#define NUMBERS 256

static void
must(int good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "bare: %s\n", what);
	exit(1);
}

/* A number times 1000, as all of ours have at most three decimals. */
static const char *
number(const char *p, int64_t *out)
{
	int64_t value = 0;
	int minus = *p == '-', decimals = -1;

	for (p += minus;; p++) {
		if (*p >= '0' && *p <= '9') {
			value = value * 10 + (*p - '0');
			decimals += decimals >= 0;
		} else if (*p == '.') {
			decimals = 0;
		} else {
			break;
		}
	}
	for (decimals = decimals < 0 ? 0 : decimals; decimals < 3; decimals++)
		value *= 10;
	*out = minus ? -value : value;
	return p;
}

/* "2026-01-02T03:04:05.678Z": digits only, as one number. */
static int64_t
instant(const char *p)
{
	int64_t value = 0;

	for (; *p != '"'; p++)
		if (*p >= '0' && *p <= '9')
			value = value * 10 + (*p - '0');
	return value;
}

struct row {
	int64_t time, device;
	int16_t item[NUMBERS]; /* of lists */
	int32_t value[NUMBERS];
	size_t items, values;
};

/* What derives from the rest is scanned, but not kept. */
static int
derives(const char *key, size_t size)
{
	return (size > 5 && memcmp(key, "cell_voltage_", 13) == 0) ||
	    (size == 8 && memcmp(key, "temp_", 5) == 0) ||
	    memcmp(key + size - 5, "power", 5) == 0 ||
	    (size == 14 && memcmp(key, "charge_current", 14) == 0) ||
	    (size == 17 && memcmp(key, "discharge_current", 17) == 0);
}

static const char *
list(const char *p, struct row *row)
{
	int64_t value;

	while (*++p != ']') {
		if (*p == ',')
			continue;
		p = number(p, &value) - 1;
		row->item[row->items++ % NUMBERS] = (int16_t)value;
	}
	return p + 1;
}

static const char *
member(const char *p, struct row *row)
{
	const char *key = ++p, *end = memchr(p, '"', 64);
	size_t size = (size_t)(end - key);
	int64_t value;

	p = end + 2;
	if (*p == '"') {
		if (size == 4 && memcmp(key, "time", 4) == 0)
			row->time = instant(p + 1);
		else if (size == 6 && memcmp(key, "device", 6) == 0)
			row->device = atoi(p + 3);
		return strchr(p + 1, '"') + 1;
	}
	if (*p == '[')
		return p[1] == '"' ? strchr(p, ']') + 1 : list(p, row);
	if (*p == 't' || *p == 'f') {
		row->value[row->values++] = *p == 't';
		return p + (*p == 't' ? 4 : 5);
	}
	p = number(p, &value);
	if (!derives(key, size))
		row->value[row->values++ % NUMBERS] = (int32_t)value;
	return p;
}

static void
record(const char *p, sqlite3_stmt *insert)
{
	static struct row row;
	uint8_t packed[6 * NUMBERS];

	row.items = row.values = 0;
	for (p++; *p == '"';) {
		p = member(p, &row);
		p += *p == ',';
	}
	memcpy(packed, row.item, row.items * sizeof(*row.item));
	memcpy(packed + row.items * sizeof(*row.item), row.value,
	    row.values * sizeof(*row.value));
	sqlite3_bind_int64(insert, 1, row.time);
	sqlite3_bind_int64(insert, 2, row.device);
	sqlite3_bind_blob(insert, 3, packed,
	    (int)(row.items * sizeof(*row.item) +
		row.values * sizeof(*row.value)),
	    SQLITE_STATIC);
	must(sqlite3_step(insert) == SQLITE_DONE, "insert");
	sqlite3_reset(insert);
}

static void
run(sqlite3 *db, sqlite3_stmt *insert)
{
	static char text[ROOM + 1];
	size_t have = 0, count = 0;
	ssize_t got;

	while ((got = read(0, text + have, ROOM - have)) > 0) {
		char *line = text, *end;

		have += (size_t)got;
		while ((end = memchr(line, '\n',
			    have - (size_t)(line - text))) != NULL) {
			*end = '\0';
			if (count % 1000 == 0)
				sqlite3_exec(db, "BEGIN IMMEDIATE", 0, 0, 0);
			record(line, insert);
			if (++count % 1000 == 0)
				must(sqlite3_exec(db, "COMMIT", 0, 0, 0) ==
					SQLITE_OK,
				    "commit");
			line = end + 1;
		}
		have -= (size_t)(line - text);
		memmove(text, line, have);
	}
	sqlite3_exec(db, "COMMIT", 0, 0, 0);
}

int
main(int argc, char **argv)
{
	sqlite3_stmt *insert;
	sqlite3 *db;

	must(argc == 2, "usage: bare DB < readings");
	must(sqlite3_open(argv[1], &db) == SQLITE_OK, "open");
	sqlite3_exec(db,
	    "PRAGMA journal_mode = WAL;"
	    " PRAGMA synchronous = NORMAL;"
	    " CREATE TABLE readings (time INTEGER, device INTEGER,"
	    " packed BLOB)",
	    0, 0, 0);
	must(sqlite3_prepare_v2(db, "INSERT INTO readings VALUES (?1, ?2, ?3)",
		 -1, &insert, NULL) == SQLITE_OK,
	    "prepare");
	run(db, insert);
	sqlite3_finalize(insert);
	sqlite3_close(db);
	return 0;
}
