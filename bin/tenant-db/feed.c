/* One tenant's database under append: opened when its first reading comes,
 * written once a batch. */
#include "feed.h"

#include <stdlib.h>
#include <string.h>

#include "feed_device.h"
#include "feed_limits.h"
#include "store/pack.h"

static const char select_known[] =
    "SELECT s.last_data_at, s.last_contact_at, s.last_error_at,"
    " s.errors_in_row, s.last_error FROM devices d"
    " LEFT JOIN device_state s ON s.device_id = d.id WHERE d.id = ?1";
static const char upsert_state[] =
    "INSERT INTO device_state (device_id, last_data_at, last_contact_at,"
    " last_error_at, last_error, communication_errors, errors_in_row)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (device_id)"
    " DO UPDATE SET last_data_at = ?2, last_contact_at = ?3,"
    " last_error_at = ?4, last_error = ?5,"
    " communication_errors = communication_errors + ?6,"
    " errors_in_row = ?7";
static const char update_received[] =
    "UPDATE batteries SET last_data_received = ?2 WHERE id = ?1"
    " AND (last_data_received IS NULL OR last_data_received < ?2)";

static bool
prepare_into(struct sql_query **query, struct feed *feed, const char *text,
    struct failure *why)
{
	*query = sql_prepare(tenant_sql(feed->tenant), text, why);
	return *query != NULL;
}

int
feed_open(struct feed *feed, const char *root, struct failure *why)
{
	feed->tenant = tenant_open(root, feed->slug, SQL_WRITE, why);
	if (feed->tenant == NULL)
		return -1;
	feed->writer = readings_writer_open(feed->tenant, why);
	feed->data_version = -1;
	feed->fresh = false;
	if (feed->writer != NULL &&
	    prepare_into(&feed->version, feed, "PRAGMA data_version", why) &&
	    prepare_into(&feed->known, feed, select_known, why) &&
	    prepare_into(&feed->state, feed, upsert_state, why) &&
	    prepare_into(&feed->received, feed, update_received, why))
		return 0;
	feed_close(feed);
	return -1;
}

void
feed_close(struct feed *feed)
{
	feed_drop(feed);
	readings_writer_close(feed->writer);
	sql_query_free(feed->version);
	sql_query_free(feed->known);
	sql_query_free(feed->state);
	sql_query_free(feed->received);
	tenant_close(feed->tenant);
	arena_free(&feed->arena);
	buf_free(&feed->packed);
	buf_free(&feed->errors);
	free(feed->events);
	free(feed->rows);
	free(feed->kept);
	feed->kept = NULL;
	feed->kept_count = feed->kept_room = 0;
	feed->room_ms = 0;
	feed->writer = NULL;
	feed->version = feed->known = feed->state = feed->received = NULL;
	feed->tenant = NULL;
	feed->dirty = NULL;
	feed->devices = NULL;
	feed->rows = NULL;
	feed->events = NULL;
	feed->room = feed->event_room = 0;
}

/* Changes when somebody else has written; -1 with a failure. */
static int64_t
read_version(struct feed *feed, struct failure *why)
{
	int64_t version = -1;

	if (sql_step(feed->version, why) == 1)
		version = sql_integer(feed->version, 0);
	sql_reset(feed->version);
	return version;
}

/* Once a batch: has somebody else changed the devices? */
static int
refresh(struct feed *feed, struct failure *why)
{
	int64_t version;

	if (feed->fresh)
		return 0;
	version = read_version(feed, why);
	if (version == -1)
		return -1;
	if (feed_limits_look(feed, version != feed->data_version, why) == -1 ||
	    (version != feed->data_version &&
		feed_devices_load(feed, why) == -1))
		return -1;
	feed->data_version = version;
	feed->fresh = true;
	return 0;
}

static void
say_other(const struct feed *feed, struct feed_device *device,
    const struct reading *reading)
{
	if (device->said)
		return;
	device->said = true;
	warn("tenant %s: device %s tells serial number %s, of another battery "
	     "than its own: stored with that",
	    feed->slug, device->name,
	    reading->value[MEASUREMENT_serial_number].text.json);
}

/*
 * A serial number says more than where a device is plugged in: ports and
 * addresses are swapped without a word. A person's word (pinned) says more
 * than that.
 */
static int64_t
battery_of(const struct feed *feed, struct feed_device *device,
    const struct reading *reading)
{
	const struct feed_span *span =
	    feed_device_span(device, reading->time_ms);
	int64_t told = serials_find(&feed->serials, reading);

	if (told == 0 || (span != NULL && span->pinned))
		return span == NULL ? 0 : span->battery_id;
	if (span != NULL && span->battery_id != 0 && span->battery_id != told)
		say_other(feed, device, reading);
	return told;
}

/* The battery that a reading is of; 0 with a failure. */
static int64_t
resolve(struct feed *feed, struct feed_device *device,
    const struct reading *reading, struct failure *why)
{
	int64_t id;

	if (*reading->battery != '\0') {
		id = tenant_battery(feed->tenant, reading->battery, why);
		if (id == 0)
			failure_set(why, EXIT_REFUSED,
			    "tenant %s has no battery %s", feed->slug,
			    reading->battery);
		return id == -1 ? 0 : id;
	}
	if (device == NULL) {
		failure_set(why, EXIT_REFUSED, "tenant %s has no device %s",
		    feed->slug, reading->device);
		return 0;
	}
	id = battery_of(feed, device, reading);
	if (id == 0)
		failure_set(why, EXIT_REFUSED,
		    "device %s had no battery at that time", device->name);
	return id;
}

static void
keep_row(struct feed *feed, const struct reading *reading, int64_t battery_id,
    const struct feed_device *device)
{
	struct feed_row *row;

	if (feed->count == feed->room) {
		feed->room = feed->room == 0 ? 256 : feed->room * 2;
		feed->rows =
		    mem_grow(feed->rows, feed->room, sizeof(*feed->rows));
	}
	row = &feed->rows[feed->count++];
	row->battery_id = battery_id;
	row->time_ms = reading->time_ms;
	row->gen = reading->gen;
	row->quality = pack_quality(reading);
	row->kind = reading->kind;
	row->made = *reading->profile != '\0';
	row->device_id = device == NULL ? 0 : device->id;
	row->start = feed->packed.size;
	pack_reading(reading, &feed->packed);
	row->size = feed->packed.size - row->start;
}

int
feed_look(struct feed *feed, struct failure *why)
{
	return refresh(feed, why) == -1 || feed_limits_status(feed, why) == -1
	    ? -1
	    : 0;
}

int
feed_take(struct feed *feed, const struct reading *reading, struct failure *why)
{
	struct feed_device *device;
	int64_t battery_id = 0;

	if (feed_look(feed, why) == -1)
		return -1;
	device = feed_device_find(feed, reading->device);
	if (reading->kind != READING_STATUS) {
		battery_id = resolve(feed, device, reading, why);
		if (battery_id == 0 ||
		    feed_limits_age(feed, battery_id, reading->time_ms, why) ==
			-1)
			return -1;
		keep_row(feed, reading, battery_id, device);
	} else if (device == NULL) {
		return failure_set(why, EXIT_REFUSED,
		    "tenant %s has no device %s", feed->slug, reading->device);
	}
	if (device != NULL)
		feed_device_heard(feed, device, reading, battery_id);
	return 0;
}

static void
begin_batch(struct feed *feed)
{
	feed->count = feed->event_count = 0;
	feed->replay = NULL;
	feed->fresh = false;
	buf_clear(&feed->packed);
	buf_clear(&feed->errors);
}

static int
put_rows(struct feed *feed, struct failure *why)
{
	int64_t version;

	for (size_t i = 0; i < feed->count; i++) {
		const struct feed_row *row = &feed->rows[i];
		const struct readings_row put = { row->battery_id, row->time_ms,
			row->gen, row->kind, row->quality,
			feed->packed.data + row->start, row->size, row->made,
			row->device_id };

		if (readings_put_row(feed->writer, &put, why) ==
		    READINGS_FAILED)
			return -1;
	}
	if (feed->replay != NULL && feed->replay->opens &&
	    readings_open_replay(feed->tenant, feed->replay, why) == -1)
		return -1;
	if (feed->dirty == NULL)
		return 0;
	version = read_version(feed, why);
	if (version == -1)
		return -1;
	/* what is read anew at the next batch is the devices themselves */
	return feed_devices_store(feed, version != feed->data_version, why);
}

int
feed_commit(struct feed *feed, bool full, struct failure *why)
{
	struct sql *sql = tenant_sql(feed->tenant);

	if (sql_begin(sql, why) == -1)
		return -1;
	if (put_rows(feed, why) == -1) {
		sql_rollback(sql);
		return -1;
	}
	if (sql_commit(sql, full, why) == -1)
		return -1;
	feed_devices_stored(feed);
	feed->unsynced = !full;
	if (feed->replay != NULL && !feed->replay->opens &&
	    readings_close_replay(feed->tenant, feed->replay, full, why) == -1)
		return -1;
	begin_batch(feed);
	return 0;
}

void
feed_drop(struct feed *feed)
{
	begin_batch(feed);
	feed->dirty = NULL;
	feed->data_version = -1; /* devices as the database has them */
}
