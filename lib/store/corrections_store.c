/*
 * Making and withdrawing corrections. What they touch is noted for those who
 * follow the readings, so that all that was derived is made anew.
 */
#include "store/corrections_store.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "store/again.h"
#include "store/audit.h"
#include "store/corrections_wish.h"

/* ---- what it touches -------------------------------------------------- */

/* Hours with rows are those that were touched before, unless that has been
 * forgotten, those of fresh rows, and those of blocks, none of which is
 * longer than 31 days. */
static const char touch[] =
    "WITH RECURSIVE block (hour, last) AS"
    " (SELECT first - first % 3600000, last FROM blocks"
    " WHERE id BETWEEN (?1 << 32) + max(0, ?2 / 60000 - 44640)"
    " AND (?1 << 32) + ?3 / 60000"
    " AND last >= ?2 AND first <= ?3"
    " UNION ALL SELECT hour + 3600000, last FROM block"
    " WHERE hour + 3600000 <= last)"
    " INSERT OR REPLACE INTO touched (battery_id, hour)"
    " SELECT ?1, hour FROM touched WHERE battery_id = ?1"
    " AND hour > ?2 - 3600000 AND hour <= ?3"
    " UNION SELECT ?1, time - time % 3600000 FROM readings"
    " WHERE time BETWEEN ?2 AND ?3 AND battery_id = ?1"
    " UNION SELECT ?1, hour FROM block"
    " WHERE hour > ?2 - 3600000 AND hour <= ?3";
static const char mark_late[] =
    "UPDATE judged SET dirty = 1 WHERE battery_id = ?1 AND last >= ?2";

static int
note_hours(struct sql *sql, const struct correction *one, int64_t *hours,
    struct failure *why)
{
	int64_t values[] = { one->battery_id, one->time_ms, one->until_ms };

	if (sql_run_with(sql, touch, values, 3, why) == -1)
		return -1;
	*hours = sql_changes(sql);
	return sql_run_with(sql, mark_late, values, 2, why) == -1
	    ? -1
	    : sql_run_with(sql, AGAIN_NOTE, values, 2, why);
}

/* ---- as an object ----------------------------------------------------- */

/* The value that stands there as it was stored, where there is just one. */
static int
read_before(struct sql *sql, const struct correction *one, json_t **before,
    struct failure *why)
{
	struct stored *stored = stored_open(
	    sql, one->battery_id, one->time_ms, one->time_ms + 1, false, why);
	struct arena arena = { 0 };
	struct buf text = { NULL, 0, 0 };
	struct stored_row row;
	struct reading reading;
	int got = -1;

	while (stored != NULL && (got = stored_next(stored, &row, why)) == 1) {
		if (stored_reading(&row, false, &arena, &reading, why) == -1) {
			got = -1;
			break;
		}
		if ((one->kind != CORRECTION_ALL &&
			one->kind != (int)reading.kind) ||
		    !reading_has(&reading, one->measurement))
			continue;
		buf_clear(&text);
		reading_print_one(&reading, one->measurement, &text);
		text.data[0] = '{';
		buf_char(&text, '}');
		*before = json_read(text.data, text.size, why);
		break;
	}
	stored_close(stored);
	buf_free(&text);
	arena_free(&arena);
	return got == -1 ? -1 : 0;
}

static void
set_time(json_t *object, const char *name, int64_t time_ms)
{
	struct buf text = { NULL, 0, 0 };

	buf_time(&text, time_ms);
	json_object_set_new(object, name, json_string(text.data));
	buf_free(&text);
}

static json_t *
print(const struct correction_wish *wish)
{
	const struct correction *one = &wish->one;
	json_t *object = json_pack("{s:I, s:s, s:s, s:s*}", "id",
	    (json_int_t)one->id, "battery", wish->battery, "measurement",
	    wish->measurement, "kind",
	    one->kind == CORRECTION_ALL       ? NULL
		: one->kind == READING_ENERGY ? "energy"
					      : "battery");

	if (one->item != 0)
		json_object_set_new(object, "item", json_integer(one->item));
	set_time(object, "time", one->time_ms);
	set_time(object, "until", one->until_ms);
	json_object_set_new(
	    object, "action", json_string(correction_words[one->action]));
	if (wish->value != NULL)
		json_object_set(
		    object, "value", (json_t *)(uintptr_t)wish->value);
	if (one->action == CORRECTION_SHIFT) {
		json_object_set_new(object, "scale", json_real(wish->scale));
		json_object_set_new(object, "offset", json_real(wish->offset));
	}
	json_object_set_new(object, "reason", json_string(wish->reason));
	json_object_set_new(object, "made_by", json_string(wish->by));
	return object;
}

/* ---- a new one -------------------------------------------------------- */

static int
insert(struct sql *sql, struct correction_wish *wish, int64_t now_ms,
    struct failure *why)
{
	struct correction *one = &wish->one;
	struct sql_query *query = sql_prepare(sql,
	    "INSERT INTO corrections (battery_id, kind, measurement, item,"
	    " time, until, action, value, scale, offset, reason, made_by,"
	    " made_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11,"
	    " ?12, ?13)",
	    why);
	int result;

	if (query == NULL)
		return -1;
	sql_bind_integer(query, 1, one->battery_id);
	if (one->kind != CORRECTION_ALL)
		sql_bind_text(query, 2,
		    one->kind == READING_ENERGY ? "energy" : "battery");
	sql_bind_text(query, 3, wish->measurement);
	if (one->item != 0)
		sql_bind_integer(query, 4, one->item);
	sql_bind_integer(query, 5, one->time_ms);
	sql_bind_integer(query, 6, one->until_ms);
	sql_bind_text(query, 7, correction_words[one->action]);
	if (wish->value != NULL)
		sql_bind_text(query, 8, wish->value_text.data);
	if (one->action == CORRECTION_SHIFT) {
		sql_bind_real(query, 9, wish->scale);
		sql_bind_real(query, 10, wish->offset);
	}
	sql_bind_text(query, 11, wish->reason);
	sql_bind_text(query, 12, wish->by);
	sql_bind_integer(query, 13, now_ms);
	result = sql_done(query, why);
	sql_query_free(query);
	one->id = sql_last_id(sql);
	return result;
}

static int
tell(struct sql *sql, const struct correction_wish *wish,
    const struct correction_author *author, const json_t *before,
    const json_t *after, struct failure *why)
{
	struct buf object = { NULL, 0, 0 };
	struct audit_event event = { .actor = wish->by,
		.source = author->source,
		.event = wish->one.action == CORRECTION_ANNUL ? "data.annul"
							      : "data.update",
		.reason = wish->reason,
		.before = before,
		.after = after };
	int result;

	buf_print(&object, "readings/%s/", wish->battery);
	buf_time(&object, wish->one.time_ms);
	event.object = object.data;
	result = audit_append(sql, &event, why);
	buf_free(&object);
	return result;
}

static int
make(struct sql *sql, struct correction_wish *wish,
    const struct correction_author *author, json_t **out, struct failure *why)
{
	struct correction *one = &wish->one;
	json_t *before = NULL;
	int64_t hours = 0;

	if (one->time_ms == one->until_ms &&
	    one->measurement != CORRECTION_ALL &&
	    read_before(sql, one, &before, why) == -1)
		return -1;
	if (insert(sql, wish, author->now_ms, why) == -1 ||
	    note_hours(sql, one, &hours, why) == -1) {
		json_decref(before);
		return -1;
	}
	*out = print(wish);
	set_time(*out, "made_at", author->now_ms);
	if (tell(sql, wish, author, before, *out, why) == -1) {
		json_decref(*out);
		json_decref(before);
		*out = NULL;
		return -1;
	}
	if (before != NULL)
		json_object_set(
		    *out, "was", json_object_get(before, wish->measurement));
	json_object_set_new(*out, "hours", json_integer(hours));
	json_decref(before);
	return 0;
}

/* ---- withdrawing ------------------------------------------------------ */

/* What it touches; EXIT_REFUSED where it cannot be withdrawn. */
static int
find(struct sql *sql, struct correction_wish *wish, struct failure *why)
{
	struct sql_query *query = sql_prepare(sql,
	    "SELECT battery_id, time, until, withdrawn_at, action"
	    " FROM corrections WHERE id = ?1",
	    why);
	int got;

	if (query == NULL)
		return -1;
	sql_bind_integer(query, 1, wish->undo);
	got = sql_step(query, why);
	if (got == 1) {
		wish->one.battery_id = sql_integer(query, 0);
		wish->one.time_ms = sql_integer(query, 1);
		wish->one.until_ms = sql_integer(query, 2);
		if (sql_column_type(query, 3) != SQL_TYPE_NULL)
			got = failure_set(why, EXIT_REFUSED,
			    "correction %lld was withdrawn before",
			    (long long)wish->undo);
	} else if (got == 0) {
		got = failure_set(why, EXIT_REFUSED,
		    "there is no correction %lld", (long long)wish->undo);
	}
	sql_query_free(query);
	return got == -1 ? -1 : 0;
}

static int
mark_withdrawn(struct sql *sql, const struct correction_wish *wish,
    int64_t now_ms, struct failure *why)
{
	struct sql_query *query = sql_prepare(sql,
	    "UPDATE corrections SET withdrawn_reason = ?2, withdrawn_by = ?3,"
	    " withdrawn_at = ?4 WHERE id = ?1",
	    why);
	int result;

	if (query == NULL)
		return -1;
	sql_bind_integer(query, 1, wish->undo);
	sql_bind_text(query, 2, wish->reason);
	sql_bind_text(query, 3, wish->by);
	sql_bind_integer(query, 4, now_ms);
	result = sql_done(query, why);
	sql_query_free(query);
	return result;
}

static int
withdraw(struct sql *sql, struct correction_wish *wish,
    const struct correction_author *author, json_t **out, struct failure *why)
{
	struct buf object = { NULL, 0, 0 };
	struct audit_event event = { .actor = wish->by,
		.source = author->source,
		.event = "data.update",
		.reason = wish->reason };
	int64_t hours = 0;
	int result;

	if (find(sql, wish, why) == -1 ||
	    mark_withdrawn(sql, wish, author->now_ms, why) == -1 ||
	    note_hours(sql, &wish->one, &hours, why) == -1)
		return -1;
	*out = json_pack("{s:I, s:s, s:s}", "id", (json_int_t)wish->undo,
	    "withdrawn_reason", wish->reason, "withdrawn_by", wish->by);
	set_time(*out, "withdrawn_at", author->now_ms);
	json_object_set_new(*out, "hours", json_integer(hours));
	buf_print(&object, "corrections/%lld", (long long)wish->undo);
	event.object = object.data;
	event.after = *out;
	result = audit_append(sql, &event, why);
	buf_free(&object);
	if (result == -1) {
		json_decref(*out);
		*out = NULL;
	}
	return result;
}

int
corrections_put(struct tenant *tenant, const json_t *object, bool correct,
    const struct correction_author *author, json_t **out, struct failure *why)
{
	struct correction_wish wish = { .by = author->by };
	struct sql *sql = tenant_sql(tenant);
	int result = correction_wish_read(&wish, tenant, object, correct, why);

	*out = NULL;
	if (result == 0)
		result = wish.undo != 0 ? withdraw(sql, &wish, author, out, why)
					: make(sql, &wish, author, out, why);
	correction_wish_free(&wish);
	return result;
}
