/* The table cell_rows. */
#include <stdlib.h>

#include "base/mem.h"
#include "store/history_parts.h"
#include "store/history_seal.h"

struct history_cells {
	struct sql_query *clear, *insert, *parts;
	struct history_lifter *lifter;
	struct cells sum, part;
	struct buf packed;
};

static const struct sql_text statements[] = {
	{ offsetof(struct history_cells, clear),
	    "DELETE FROM cell_rows WHERE battery_id = ?1 AND period = ?2"
	    " AND start > ?3 - 2 * (?4 - ?3) AND start < ?4 AND until > ?3" },
	{ offsetof(struct history_cells, insert),
	    "INSERT INTO cell_rows (battery_id, period, start,"
	    " until, cells) VALUES (?1, ?2, ?3, ?4, ?5)" },
	{ offsetof(struct history_cells, parts),
	    "SELECT cells FROM cell_rows WHERE battery_id = ?1"
	    " AND period = ?2 AND start >= ?3 AND start < ?4"
	    " ORDER BY start" },
};

#define STATEMENTS (sizeof(statements) / sizeof(*statements))

struct history_cells *
history_cells_open(struct sql *sql, struct failure *why)
{
	struct history_cells *store = mem_zero(1, sizeof(*store));

	if (sql_prepare_all(sql, store, statements, STATEMENTS, why) == 0)
		store->lifter = history_lifter_open(sql, SHEETED_CELLS, why);
	if (store->lifter != NULL)
		return store;
	history_cells_close(store);
	return NULL;
}

void
history_cells_close(struct history_cells *store)
{
	if (store == NULL)
		return;
	sql_free_all(store, statements, STATEMENTS);
	history_lifter_close(store->lifter);
	cells_free(&store->sum);
	cells_free(&store->part);
	buf_free(&store->packed);
	free(store);
}

static void
bind_period(struct sql_query *query, int64_t battery_id, enum period period,
    int64_t start_ms, int64_t end_ms)
{
	sql_bind_integer(query, 1, battery_id);
	sql_bind_integer(query, 2, period);
	sql_bind_integer(query, 3, start_ms);
	sql_bind_integer(query, 4, end_ms);
}

/* In place of what the period overlaps. */
static int
put(struct history_cells *store, int64_t battery_id, enum period period,
    int64_t start_ms, int64_t end_ms, struct failure *why)
{
	if (period == PERIOD_HOUR &&
	    history_lift(store->lifter, battery_id,
		start_ms - 2 * (end_ms - start_ms), end_ms, why) == -1)
		return -1;
	bind_period(store->clear, battery_id, period, start_ms, end_ms);
	if (sql_done(store->clear, why) == -1)
		return -1;
	if (cells_empty(&store->sum))
		return 0;
	buf_clear(&store->packed);
	cells_pack(&store->sum, &store->packed);
	bind_period(store->insert, battery_id, period, start_ms, end_ms);
	sql_bind_blob(store->insert, 5, store->packed.data, store->packed.size);
	return sql_done(store->insert, why);
}

int
history_cells_put(struct history_cells *store, int64_t battery_id,
    const struct bucket *bucket, struct failure *why)
{
	cells_from_bucket(&store->sum, bucket);
	return put(store, battery_id, PERIOD_HOUR, bucket->start_ms,
	    bucket->end_ms, why);
}

static int
add_part(struct history_cells *store, struct failure *why)
{
	size_t size;
	const void *data = sql_blob(store->parts, 0, &size);

	if (!cells_unpack(data, size, &store->part))
		return failure_set(
		    why, EXIT_WRONG, "a row of cell_rows is damaged");
	cells_fold(&store->sum, &store->part);
	return 0;
}

int
history_cells_refold(struct history_cells *store, int64_t battery_id,
    enum period period, int64_t start_ms, int64_t end_ms, struct failure *why)
{
	int got, result = 0;

	cells_clear(&store->sum);
	if (history_part_of(period) == PERIOD_HOUR &&
	    history_lift(store->lifter, battery_id, start_ms, end_ms, why) ==
		-1)
		return -1;
	bind_period(store->parts, battery_id, history_part_of(period), start_ms,
	    end_ms);
	while (result == 0 && (got = sql_step(store->parts, why)) != 0)
		result = got == -1 ? -1 : add_part(store, why);
	sql_reset(store->parts);
	if (result == -1)
		return -1;
	cells_fold_end(&store->sum);
	return put(store, battery_id, period, start_ms, end_ms, why);
}
