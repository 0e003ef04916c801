/*
 * Devices are kept in memory: a reading asks for its battery without a
 * query. What was heard of a device is written once a batch. A failed poll
 * counts when it is later than the last one that was counted, so that
 * feeding the same lines again counts nothing twice.
 */
#include "feed_device.h"

#include <stdio.h>
#include <string.h>

#define RECEIVED_EVERY_MS 300000

static const char select_devices[] =
    "SELECT d.id, d.device, s.last_data_at, s.last_contact_at,"
    " s.last_error_at, s.errors_in_row, s.last_error,"
    " (SELECT count(*) FROM device_batteries WHERE device_id = d.id)"
    " FROM devices d LEFT JOIN device_state s ON s.device_id = d.id"
    " ORDER BY d.id DESC";
static const char select_spans[] =
    "SELECT device_id, valid_from, battery_id, pinned"
    " FROM device_batteries"
    " ORDER BY device_id, valid_from";

static size_t
hash(const char *name)
{
	uint64_t value = UINT64_C(14695981039346656037);

	for (; *name != '\0'; name++)
		value =
		    (value ^ (unsigned char)*name) * UINT64_C(1099511628211);
	return (size_t)(value ^ value >> 32);
}

static void
insert(struct feed *feed, struct feed_device *device)
{
	size_t slot = hash(device->name) & (feed->slots - 1);

	while (feed->devices[slot] != NULL)
		slot = (slot + 1) & (feed->slots - 1);
	feed->devices[slot] = device;
}

struct feed_device *
feed_device_find(const struct feed *feed, const char *name)
{
	size_t slot = hash(name) & (feed->slots - 1);

	while (feed->devices[slot] != NULL &&
	    strcmp(feed->devices[slot]->name, name) != 0)
		slot = (slot + 1) & (feed->slots - 1);
	return feed->devices[slot];
}

static int64_t
integer_or(struct sql_query *query, int n, int64_t otherwise)
{
	return sql_column_type(query, n) == SQL_TYPE_NULL
	    ? otherwise
	    : sql_integer(query, n);
}

/* What device_state says, without what this batch adds. */
static void
read_state(struct feed_device *device, struct sql_query *query, int n)
{
	const char *error = sql_text(query, n + 4);

	device->data_at = integer_or(query, n, -1);
	device->contact_at = integer_or(query, n + 1, -1);
	device->error_at = integer_or(query, n + 2, -1);
	device->errors_in_row = integer_or(query, n + 3, 0);
	snprintf(device->error, sizeof(device->error), "%s",
	    error == NULL ? "" : error);
	device->new_errors = 0;
	device->received_battery = 0;
}

static struct feed_device *
read_device(struct feed *feed, struct sql_query *query)
{
	struct feed_device *device = arena_alloc(&feed->arena, sizeof(*device));
	const char *name = sql_text(query, 1);

	*device = (struct feed_device){ .id = sql_integer(query, 0) };
	device->name = arena_text(&feed->arena, name, strlen(name));
	read_state(device, query, 2);
	device->span = arena_alloc(&feed->arena,
	    ((size_t)sql_integer(query, 7) + 1) * sizeof(*device->span));
	return device;
}

static int
read_devices(struct feed *feed, struct sql_query *query,
    struct feed_device **list, struct failure *why)
{
	struct feed_device *device;
	size_t count = 0;
	int got;

	while ((got = sql_step(query, why)) == 1) {
		device = read_device(feed, query);
		device->next_dirty = *list;
		*list = device;
		count++;
	}
	feed->slots = 64;
	while (feed->slots < count * 2)
		feed->slots *= 2;
	feed->devices = arena_alloc(
	    &feed->arena, feed->slots * sizeof(struct feed_device *));
	memset(feed->devices, 0, feed->slots * sizeof(struct feed_device *));
	return got;
}

/* Both the list and the rows are in order of the devices' ids. */
static int
read_spans(
    struct feed_device *list, struct sql_query *query, struct failure *why)
{
	int got;

	while ((got = sql_step(query, why)) == 1) {
		int64_t id = sql_integer(query, 0);

		while (list != NULL && list->id < id)
			list = list->next_dirty;
		if (list != NULL && list->id == id)
			list->span[list->spans++] =
			    (struct feed_span){ sql_integer(query, 1),
				    sql_integer(query, 2),
				    sql_integer(query, 3) != 0 };
	}
	return got;
}

static int
load(struct feed *feed, struct failure *why)
{
	struct sql *sql = tenant_sql(feed->tenant);
	struct sql_query *devices, *spans;
	struct feed_device *list = NULL, *next;
	int got = -1;

	devices = sql_prepare(sql, select_devices, why);
	spans = devices == NULL ? NULL : sql_prepare(sql, select_spans, why);
	if (spans != NULL) {
		got = read_devices(feed, devices, &list, why);
		if (got == 0)
			got = read_spans(list, spans, why);
		if (got == 0)
			got = serials_load(
			    &feed->serials, sql, &feed->arena, why);
	}
	sql_query_free(devices);
	sql_query_free(spans);
	for (; got == 0 && list != NULL; list = next) {
		next = list->next_dirty;
		list->next_dirty = NULL;
		insert(feed, list);
	}
	return got;
}

int
feed_devices_load(struct feed *feed, struct failure *why)
{
	int result;

	arena_reset(&feed->arena);
	feed->dirty = NULL;
	/* both queries must see the same devices */
	if (sql_begin_read(tenant_sql(feed->tenant), why) == -1)
		return -1;
	result = load(feed, why);
	sql_rollback(tenant_sql(feed->tenant));
	return result;
}

const struct feed_span *
feed_device_span(const struct feed_device *device, int64_t time_ms)
{
	size_t n = device->spans;

	while (n > 0 && device->span[n - 1].valid_from > time_ms)
		n--;
	return n == 0 ? NULL : &device->span[n - 1];
}

static void
hear(struct feed *feed, const struct feed_event *event)
{
	struct feed_device *device = event->device;

	if (!device->dirty) {
		device->dirty = true;
		device->next_dirty = feed->dirty;
		feed->dirty = device;
	}
	if (event->error != 0) {
		if (event->time_ms <= device->error_at)
			return;
		device->error_at = event->time_ms;
		device->new_errors++;
		device->errors_in_row++;
		snprintf(device->error, sizeof(device->error), "%s",
		    feed->errors.data + event->error - 1);
		return;
	}
	if (event->time_ms <= device->data_at)
		return;
	device->data_at = device->contact_at = event->time_ms;
	device->received_battery = event->battery_id;
	if (event->time_ms > device->error_at)
		device->errors_in_row = 0;
}

void
feed_device_heard(struct feed *feed, struct feed_device *device,
    const struct reading *reading, int64_t battery_id)
{
	struct feed_event *event;

	if (feed->event_count == feed->event_room) {
		feed->event_room =
		    feed->event_room == 0 ? 256 : feed->event_room * 2;
		feed->events = mem_grow(
		    feed->events, feed->event_room, sizeof(*feed->events));
	}
	event = &feed->events[feed->event_count++];
	*event = (struct feed_event){ device, reading->time_ms, battery_id, 0 };
	if (reading->kind == READING_STATUS) {
		event->error = feed->errors.size + 1;
		buf_put(
		    &feed->errors, reading->error, strlen(reading->error) + 1);
	}
	hear(feed, event);
}

static int
work_out_anew(struct feed *feed, struct failure *why)
{
	struct feed_device *device;
	int got = 0;

	for (device = feed->dirty; got != -1 && device != NULL;
	     device = device->next_dirty) {
		sql_bind_integer(feed->known, 1, device->id);
		got = sql_step(feed->known, why);
		if (got == 1)
			read_state(device, feed->known, 0);
		sql_reset(feed->known);
	}
	for (size_t i = 0; got != -1 && i < feed->event_count; i++)
		hear(feed, &feed->events[i]);
	return got == -1 ? -1 : 0;
}

static int
store_device(struct feed *feed, struct feed_device *device, struct failure *why)
{
	struct sql_query *query = feed->state;

	sql_bind_integer(query, 1, device->id);
	if (device->data_at >= 0)
		sql_bind_integer(query, 2, device->data_at);
	if (device->contact_at >= 0)
		sql_bind_integer(query, 3, device->contact_at);
	if (device->error_at >= 0) {
		sql_bind_integer(query, 4, device->error_at);
		sql_bind_text(query, 5, device->error);
	}
	sql_bind_integer(query, 6, device->new_errors);
	sql_bind_integer(query, 7, device->errors_in_row);
	if (sql_done(query, why) == -1)
		return -1;
	if (device->received_battery == 0 ||
	    device->data_at < device->received_at + RECEIVED_EVERY_MS)
		return 0;
	sql_bind_integer(feed->received, 1, device->received_battery);
	sql_bind_integer(feed->received, 2, device->data_at);
	return sql_done(feed->received, why);
}

int
feed_devices_store(struct feed *feed, bool stale, struct failure *why)
{
	if (stale && work_out_anew(feed, why) == -1)
		return -1;
	for (struct feed_device *device = feed->dirty; device != NULL;
	     device = device->next_dirty)
		if (store_device(feed, device, why) == -1)
			return -1;
	return 0;
}

void
feed_devices_stored(struct feed *feed)
{
	struct feed_device *next;

	for (struct feed_device *device = feed->dirty; device != NULL;
	     device = next) {
		next = device->next_dirty;
		if (device->received_battery != 0 &&
		    device->data_at >= device->received_at + RECEIVED_EVERY_MS)
			device->received_at = device->data_at;
		device->received_battery = 0;
		device->new_errors = 0;
		device->dirty = false;
		device->next_dirty = NULL;
	}
	feed->dirty = NULL;
}
