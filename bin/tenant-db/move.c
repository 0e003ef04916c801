/*
 * tenant-db move: an operator's word on which battery a device measures
 * from a time on, whatever serial number it tells.
 */
#include <getopt.h>
#include <string.h>

#include "base/buf.h"
#include "store/stored.h"
#include "tenant-db.h"

static const char synopsis[] =
    "usage: tenant-db move --battery SLUG | --none [--from TIME] [--root DIR]\n"
    "           --device NAME --tenant SLUG\n";

static const struct option options[] = { { "battery", required_argument, NULL,
					     'b' },
	{ "device", required_argument, NULL, 'd' },
	{ "from", required_argument, NULL, 'f' },
	{ "help", no_argument, NULL, 'h' }, { "none", no_argument, NULL, 'n' },
	{ "root", required_argument, NULL, 'r' },
	{ "tenant", required_argument, NULL, 't' },
	{ "version", no_argument, NULL, 'V' }, { NULL, 0, NULL, 0 } };

struct wish {
	const char *root, *slug, *device, *battery;
	bool none;
	int64_t from_ms;
};

/* The id that a name has in a table; 0 ends the program. */
static int64_t
find(struct sql *sql, const char *text, const char *what, const char *name)
{
	struct failure why;
	struct sql_query *query = sql_prepare(sql, text, &why);
	int64_t id = 0;

	if (query == NULL)
		die_failure(&why);
	sql_bind_text(query, 1, name);
	if (sql_step(query, &why) == 1)
		id = sql_integer(query, 0);
	sql_query_free(query);
	if (id == 0)
		die(EXIT_WRONG, "there is no %s %s", what, name);
	return id;
}

static int
put(struct sql *sql, const struct wish *wish, int64_t device_id,
    int64_t battery_id, struct failure *why)
{
	struct sql_query *query = sql_prepare(sql,
	    "INSERT INTO device_batteries (device_id, valid_from, battery_id,"
	    " pinned) VALUES (?1, ?2, ?3, 1)"
	    " ON CONFLICT (device_id, valid_from)"
	    " DO UPDATE SET battery_id = excluded.battery_id, pinned = 1",
	    why);
	int result;

	if (query == NULL)
		return -1;
	sql_bind_integer(query, 1, device_id);
	sql_bind_integer(query, 2, wish->from_ms);
	if (battery_id != 0)
		sql_bind_integer(query, 3, battery_id);
	result = sql_done(query, why);
	sql_query_free(query);
	return result;
}

/* Until when the device measures what it measures from then on. */
static int
valid_until(struct sql *sql, int64_t device_id, int64_t from_ms,
    int64_t *until_ms, struct failure *why)
{
	struct sql_query *query = sql_prepare(sql,
	    "SELECT coalesce(min(valid_from), 253402300799999)"
	    " FROM device_batteries WHERE device_id = ?1 AND valid_from > ?2",
	    why);
	int got;

	if (query == NULL)
		return -1;
	sql_bind_integer(query, 1, device_id);
	sql_bind_integer(query, 2, from_ms);
	got = sql_step(query, why);
	if (got == 1)
		*until_ms = sql_integer(query, 0);
	sql_query_free(query);
	return got;
}

/* Readings of the device that stand with other batteries. */
static int
count_elsewhere(struct sql *sql, int64_t from_ms, int64_t device_id,
    int64_t battery_id, int64_t *count, struct failure *why)
{
	struct stored_row row;
	struct stored *stored;
	int64_t until_ms = 0;
	int got = valid_until(sql, device_id, from_ms, &until_ms, why);

	*count = 0;
	if (got == -1)
		return -1;
	stored = stored_open(sql, 0, from_ms, until_ms, false, why);
	if (stored == NULL)
		return -1;
	while ((got = stored_next(stored, &row, why)) == 1)
		*count += row.row.device_id == device_id &&
		    row.row.battery_id != battery_id;
	stored_close(stored);
	return got;
}

/* What was stored meanwhile belongs elsewhere: say how to bring it there. */
static int
advise(struct sql *sql, const struct wish *wish, int64_t device_id,
    int64_t battery_id, struct failure *why)
{
	struct buf from = { NULL, 0, 0 };
	int64_t count = 0;
	int got = count_elsewhere(
	    sql, wish->from_ms, device_id, battery_id, &count, why);

	buf_time(&from, wish->from_ms);
	if (count > 0)
		warn("%lld readings are stored with another battery: "
		     "spool replay --tenant %s --device %s --from %s DIR",
		    (long long)count, wish->slug, wish->device, from.data);
	buf_free(&from);
	return got == -1 ? -1 : 0;
}

static int
move(struct sql *sql, const struct wish *wish, struct failure *why)
{
	int64_t device_id = find(sql,
	    "SELECT id FROM devices WHERE device = ?1", "device", wish->device);
	int64_t battery_id = wish->none
	    ? 0
	    : find(sql, "SELECT id FROM batteries WHERE slug = ?1", "battery",
		  wish->battery);

	if (sql_begin(sql, why) == -1)
		return -1;
	if (put(sql, wish, device_id, battery_id, why) == 0 &&
	    sql_commit(sql, true, why) == 0)
		return advise(sql, wish, device_id, battery_id, why);
	sql_rollback(sql);
	return -1;
}

static void
read_options(struct wish *wish, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "hb:d:f:t:", options, NULL)) != -1)
		switch (c) {
		case 'b':
			wish->battery = optarg;
			break;
		case 'd':
			wish->device = optarg;
			break;
		case 'f':
			wish->from_ms = arg_time_ms("--from", optarg);
			break;
		case 'n':
			wish->none = true;
			break;
		default:
			one_option(&wish->root, &wish->slug, c, synopsis);
		}
	if (argc > optind || wish->slug == NULL || wish->device == NULL ||
	    wish->none == (wish->battery != NULL))
		arg_usage(synopsis, false);
	wish->root = arg_root(wish->root);
}

int
move_main(int argc, char **argv)
{
	struct wish wish = { .from_ms = 0 };
	struct place place;
	struct failure why;

	read_options(&wish, argc, argv);
	place_open(&place, wish.root, wish.slug, SQL_WRITE);
	box_tenants(wish.root, &wish.slug, 1, false);
	if (move(place.sql, &wish, &why) == -1)
		die_failure(&why);
	place_close(&place);
	return EXIT_OK;
}
