/*
 * Writing readings. A row is inserted first and looked at only where one
 * was there: the common case is one statement. Which of two rows for one
 * key stays depends on their content alone, never on who came first.
 */
#include "store/readings.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/again.h"
#include "store/pack.h"
#include "store/seal.h"

#define TOUCHED_SLOTS 4096 /* hours noted in one transaction; 2^n */

struct touched_slot {
	uint64_t transaction;
	int64_t battery_id, hour_ms;
	int64_t last_ms; /* newest row that was judged; -1 none */
};

struct readings_writer {
	struct sql *sql;
	struct sql_query *insert, *look, *update, *touch, *last, *late, *again;
	struct sql_query *replay;
	/* the last replay that was begun, as this transaction sees it */
	uint64_t looked;
	int64_t replay_gen, replay_to_ms;
	struct lifter *lifter;
	struct buf packed;
	struct touched_slot slots[TOUCHED_SLOTS];
};

struct readings_writer *
readings_writer_open(struct tenant *tenant, struct failure *why)
{
	struct readings_writer *writer = mem_zero(1, sizeof(*writer));
	struct sql *sql = tenant_sql(tenant);

	writer->sql = sql;
	writer->lifter = lifter_open(sql, why);
	if (writer->lifter == NULL) {
		readings_writer_close(writer);
		return NULL;
	}
	if (sql_prepare_into(&writer->insert, sql,
		"INSERT OR IGNORE INTO readings"
		" (time, battery_id, kind, gen, quality, packed, made,"
		" device_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
		why) &&
	    sql_prepare_into(&writer->look, sql,
		"SELECT gen, quality, packed, made FROM readings"
		" WHERE time = ?1 AND battery_id = ?2 AND kind = ?3",
		why) &&
	    sql_prepare_into(&writer->update, sql,
		"UPDATE readings"
		" SET gen = ?4, quality = ?5, packed = ?6, made = ?7,"
		" device_id = ?8"
		" WHERE time = ?1 AND battery_id = ?2 AND kind = ?3",
		why) &&
	    sql_prepare_into(&writer->touch, sql,
		"INSERT OR REPLACE INTO touched"
		" (battery_id, hour) VALUES (?1, ?2)",
		why) &&
	    sql_prepare_into(&writer->last, sql,
		"SELECT last FROM judged WHERE battery_id = ?1", why) &&
	    sql_prepare_into(&writer->late, sql,
		"UPDATE judged SET dirty = 1 WHERE battery_id = ?1", why) &&
	    sql_prepare_into(&writer->again, sql, AGAIN_NOTE, why) &&
	    sql_prepare_into(&writer->replay, sql,
		"SELECT g.seq, t.seq FROM cursors g, cursors t"
		" WHERE g.follower = '" READINGS_REPLAY
		"' AND t.follower = '" READINGS_REPLAY_TO "'",
		why))
		return writer;
	readings_writer_close(writer);
	return NULL;
}

void
readings_writer_close(struct readings_writer *writer)
{
	if (writer == NULL)
		return;
	sql_query_free(writer->insert);
	sql_query_free(writer->look);
	sql_query_free(writer->update);
	sql_query_free(writer->touch);
	sql_query_free(writer->last);
	sql_query_free(writer->late);
	sql_query_free(writer->again);
	sql_query_free(writer->replay);
	lifter_close(writer->lifter);
	buf_free(&writer->packed);
	free(writer);
}

/* How far a battery is judged: not again in this transaction. */
static int64_t
read_last(
    struct readings_writer *writer, int64_t battery_id, struct failure *why)
{
	int64_t last_ms = -1;

	sql_bind_integer(writer->last, 1, battery_id);
	if (sql_step(writer->last, why) == 1)
		last_ms = sql_integer(writer->last, 0);
	sql_reset(writer->last);
	return last_ms;
}

/* A row among those that are judged already: judge must know. What lies
 * further back than it remembers it finds by the hour that was touched. */
static int
mark_late(struct readings_writer *writer, struct touched_slot *slot,
    const struct readings_row *row, struct failure *why)
{
	if (row->time_ms > slot->last_ms || row->kind != READING_BATTERY)
		return 0;
	sql_bind_integer(writer->late, 1, slot->battery_id);
	slot->last_ms = -1;
	return sql_done(writer->late, why);
}

/* Once a transaction is enough: a follower sees no state in between. */
static int
touch(struct readings_writer *writer, const struct readings_row *row,
    struct failure *why)
{
	int64_t battery_id = row->battery_id;
	int64_t hour_ms = row->time_ms - row->time_ms % HOUR_MS;
	uint64_t now = sql_transactions(writer->sql);
	uint64_t hash = ((uint64_t)battery_id * UINT64_C(0x9e3779b97f4a7c15)) ^
	    ((uint64_t)(hour_ms / HOUR_MS) * UINT64_C(0xc2b2ae3d27d4eb4f));
	struct touched_slot *slot =
	    &writer->slots[(hash >> 32) & (TOUCHED_SLOTS - 1)];

	if (slot->transaction == now && slot->battery_id == battery_id &&
	    slot->hour_ms == hour_ms)
		return mark_late(writer, slot, row, why);
	sql_bind_integer(writer->touch, 1, battery_id);
	sql_bind_integer(writer->touch, 2, hour_ms);
	if (sql_done(writer->touch, why) == -1)
		return -1;
	*slot = (struct touched_slot){ now, battery_id, hour_ms,
		read_last(writer, battery_id, why) };
	return mark_late(writer, slot, row, why);
}

void
readings_bind(struct sql_query *query, const struct readings_row *row)
{
	sql_bind_integer(query, 1, row->time_ms);
	sql_bind_integer(query, 2, row->battery_id);
	sql_bind_integer(query, 3, row->kind);
	sql_bind_integer(query, 4, row->gen);
	sql_bind_integer(query, 5, row->quality);
	sql_bind_blob(query, 6, row->packed, row->size);
	sql_bind_integer(query, 7, row->made);
	if (row->device_id != 0)
		sql_bind_integer(query, 8, row->device_id);
}

/* Larger is more bytes or, with as many, the greater in memcmp's order. */
static int
compare_packed(const struct readings_row *row, const void *data, size_t size)
{
	if (row->size != size)
		return row->size > size ? 1 : -1;
	return memcmp(row->packed, data, size);
}

/*
 * What to do about the row that is there: `look` stands on it. Where the
 * content is the same nothing has changed for those who read it; *again: who
 * made it has. One that came in another way too no replay may remove.
 */
static enum readings_put
judge(struct readings_writer *writer, struct readings_row *row, bool *again)
{
	int64_t gen = sql_integer(writer->look, 0);
	int64_t quality = sql_integer(writer->look, 1);
	size_t size;
	const void *data = sql_blob(writer->look, 2, &size);
	int larger = compare_packed(row, data, size);

	if (larger == 0 && quality == row->quality) {
		bool made = sql_integer(writer->look, 3) != 0;

		*again =
		    row->gen > gen || (row->gen == gen && !row->made && made);
		row->made = row->made && made;
		return READINGS_SAME;
	}
	if (row->gen != gen)
		return row->gen > gen ? READINGS_STORED : READINGS_LOST;
	if (quality != row->quality) /* a lower index is better */
		return row->quality < quality ? READINGS_STORED : READINGS_LOST;
	return larger > 0 ? READINGS_STORED : READINGS_LOST;
}

/* A key that is there already. */
static enum readings_put
settle(struct readings_writer *writer, const struct readings_row *row,
    struct failure *why)
{
	enum readings_put result = READINGS_FAILED;
	struct readings_row kept = *row;
	bool again = false;
	int got;

	sql_bind_integer(writer->look, 1, row->time_ms);
	sql_bind_integer(writer->look, 2, row->battery_id);
	sql_bind_integer(writer->look, 3, row->kind);
	got = sql_step(writer->look, why);
	if (got == 1)
		result = judge(writer, &kept, &again);
	else if (got == 0)
		failure_set(why, EXIT_WRONG,
		    "a reading can be neither "
		    "inserted nor found");
	sql_reset(writer->look);
	if (result != READINGS_STORED && !again)
		return result;
	readings_bind(writer->update, &kept);
	if (sql_done(writer->update, why) == -1)
		return READINGS_FAILED;
	if (result != READINGS_STORED)
		return result;
	sql_bind_integer(writer->again, 1, row->battery_id);
	sql_bind_integer(writer->again, 2, row->time_ms);
	return sql_done(writer->again, why) == -1 ? READINGS_FAILED : result;
}

static int
look_for_replay(struct readings_writer *writer, struct failure *why)
{
	int got = sql_step(writer->replay, why);

	writer->replay_gen = got == 1 ? sql_integer(writer->replay, 0) : 0;
	writer->replay_to_ms = got == 1 ? sql_integer(writer->replay, 1) : 0;
	sql_reset(writer->replay);
	writer->looked = sql_transactions(writer->sql);
	return got == -1 ? -1 : 0;
}

/* A new row. One of a replay's range that comes another way is as good as
 * what the replay makes: it may have looked for its frame too early. */
static int
insert(struct readings_writer *writer, const struct readings_row *row,
    struct failure *why)
{
	if (writer->looked != sql_transactions(writer->sql) &&
	    look_for_replay(writer, why) == -1)
		return -1;
	readings_bind(writer->insert, row);
	if (row->made && row->gen < writer->replay_gen &&
	    row->time_ms < writer->replay_to_ms)
		sql_bind_integer(writer->insert, 4, writer->replay_gen);
	return sql_done(writer->insert, why);
}

enum readings_put
readings_put_row(struct readings_writer *writer, const struct readings_row *row,
    struct failure *why)
{
	enum readings_put result = READINGS_STORED;

	if (lifter_look(writer->lifter, row->battery_id, row->time_ms, why) ==
	    -1)
		return READINGS_FAILED;
	if (insert(writer, row, why) == -1)
		return READINGS_FAILED;
	if (sql_changes(writer->sql) == 0)
		result = settle(writer, row, why);
	if (result == READINGS_STORED && touch(writer, row, why) == -1)
		return READINGS_FAILED;
	return result;
}

enum readings_put
readings_put(struct readings_writer *writer, int64_t battery_id,
    const struct reading *reading, struct failure *why)
{
	struct readings_row row = { battery_id, reading->time_ms, reading->gen,
		reading->kind, pack_quality(reading), NULL, 0,
		*reading->profile != '\0', 0 };

	buf_clear(&writer->packed);
	pack_reading(reading, &writer->packed);
	row.packed = writer->packed.data;
	row.size = writer->packed.size;
	return readings_put_row(writer, &row, why);
}
