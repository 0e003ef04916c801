/* The newest reading of a battery. */
#include "base/clock.h"
#include "store/corrections.h"
#include "store/readings.h"
#include "store/stored.h"
#include "store/suspects.h"

/*
 * The key of fresh rows begins with the time, so a battery's newest one is
 * looked for hour by hour, from the newest that `touched` knows of to the
 * oldest that has fresh rows.
 */
static const char newest_fresh[] =
    "SELECT r.time FROM touched t CROSS JOIN readings r ON r.time >= t.hour"
    " AND r.time < t.hour + 3600000 AND r.battery_id = t.battery_id"
    " WHERE t.battery_id = ?1 >> 32 AND t.hour < ?2 AND r.time < ?2"
    " AND t.hour > ?3 - 3600000 AND r.time > ?3"
    " AND t.hour > (SELECT min(time) FROM readings) - 3600000"
    " ORDER BY t.hour DESC, r.time DESC LIMIT 1";
static const char newest_block[] =
    "SELECT last FROM blocks WHERE id BETWEEN ?1 AND ?1 + ?2 / 60000"
    " AND first < ?2 AND last > ?3 ORDER BY id DESC LIMIT 1";

/* The newest time before one and behind another, or the latter; -2 with a
 * failure. */
static int64_t
newest_by(struct tenant *tenant, const char *text, int64_t battery_id,
    int64_t before_ms, int64_t after_ms, struct failure *why)
{
	struct sql_query *query = sql_prepare(tenant_sql(tenant), text, why);
	int64_t time_ms = after_ms;
	int got;

	if (query == NULL)
		return -2;
	sql_bind_integer(query, 1, block_key(battery_id, 0));
	sql_bind_integer(query, 2, before_ms);
	sql_bind_integer(query, 3, after_ms);
	got = sql_step(query, why);
	if (got == 1)
		time_ms = sql_integer(query, 0);
	sql_query_free(query);
	return got == -1 ? -2 : time_ms;
}

static int
lay_over(struct tenant *tenant, int64_t battery_id, struct arena *arena,
    struct reading *reading, struct failure *why)
{
	struct suspects suspects = { .count = 0 };
	int result = suspects_load(&suspects, tenant_sql(tenant), battery_id,
	    reading->time_ms, reading->time_ms + 1, why);

	if (result == 0)
		suspects_apply(&suspects, battery_id, arena, reading);
	suspects_free(&suspects);
	return result;
}

/* The newest row of a stretch that has one; its texts must outlive it. */
static int
take_newest(struct tenant *tenant, int64_t battery_id, int64_t to_ms,
    struct arena *arena, struct reading *reading, struct failure *why)
{
	struct stored *stored =
	    stored_open(tenant_sql(tenant), battery_id, 0, to_ms, true, why);
	struct corrections corrections = { .ones = 0 };
	struct stored_row row;
	struct buf packed = { 0 };
	int got = stored == NULL ? -1 : stored_next(stored, &row, why);

	if (got == 1 && row.block != NULL) {
		block_packed(row.block, row.at, &packed);
		row.row.packed = packed.data;
		row.row.size = packed.size;
		row.block = NULL;
	}
	if (got == 1 &&
	    corrections_reading(&corrections, tenant_sql(tenant), battery_id,
		&row, false, arena, reading, why) == -1)
		got = -1;
	buf_free(&packed);
	stored_close(stored);
	return got;
}

int
readings_latest_before(struct tenant *tenant, int64_t battery_id,
    int64_t before_ms, struct arena *arena, struct reading *reading,
    struct failure *why)
{
	int64_t block_ms, newest_ms;
	int got;

	if (before_ms > CLOCK_MAX_MS + 1)
		before_ms = CLOCK_MAX_MS + 1;
	block_ms =
	    newest_by(tenant, newest_block, battery_id, before_ms, -1, why);
	if (block_ms == -2)
		return -1;
	if (block_ms >= before_ms)
		block_ms = before_ms - 1;
	newest_ms = newest_by(
	    tenant, newest_fresh, battery_id, before_ms, block_ms, why);
	if (newest_ms < 0)
		return newest_ms == -2 ? -1 : 0;
	got =
	    take_newest(tenant, battery_id, newest_ms + 1, arena, reading, why);
	if (got == 1 && lay_over(tenant, battery_id, arena, reading, why) == -1)
		return -1;
	return got;
}
