/*
 * Which corrections speak of a reading. Most readers meet none at all: that
 * there are none is known after one question.
 */
#include "store/corrections.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/num.h"
#include "store/corrections_parts.h"

const char *const correction_words[3] = { "annul", "set", "shift" };

/* ---- values ----------------------------------------------------------- */

bool
correction_is_list(int measurement)
{
	return measurement >= 0 &&
	    measurement_table[measurement].shape == SHAPE_LIST;
}

bool
correction_can_shift(int measurement)
{
	return measurement >= 0 && measurement != MEASUREMENT_balancing_cells &&
	    (measurement_table[measurement].shape == SHAPE_NUMBER ||
		measurement_table[measurement].shape == SHAPE_LIST);
}

int
correction_value(int measurement, bool item, const char *json,
    struct arena *arena, union reading_value *value, struct failure *why)
{
	bool energy = measurement_table[measurement].kinds == FOR_ENERGY;
	struct buf line = { NULL, 0, 0 };
	struct reading reading;
	int result;

	buf_print(&line,
	    "{\"kind\":\"%s\",\"time\":\"1970-01-01T00:00:00.000Z\","
	    "\"tenant\":\"t\",\"battery\":\"b\",\"%s\":%s%s%s}",
	    energy ? "energy" : "battery", measurement_table[measurement].name,
	    item ? "[" : "", json, item ? "]" : "");
	result = reading_parse(arena_text(arena, line.data, line.size),
	    line.size, arena, &reading, why);
	buf_free(&line);
	if (result == -1)
		return -1;
	if (reading.present != UINT64_C(1) << measurement ||
	    (item && reading.value[measurement].list.count != 1))
		return failure_set(why, EXIT_REFUSED, "%s: is not one value",
		    measurement_table[measurement].name);
	*value = reading.value[measurement];
	if (item)
		value->number = reading.value[measurement].list.item[0];
	return 0;
}

/* ---- loading ---------------------------------------------------------- */

static const char any[] = "SELECT 1 FROM corrections WHERE withdrawn_at IS NULL"
			  " AND (?1 = 0 OR battery_id = ?1) LIMIT 1";
static const char load[] =
    "SELECT id, battery_id, time, until, kind, measurement, item, action,"
    " value, scale, offset FROM corrections"
    " WHERE withdrawn_at IS NULL AND until >= ?1 AND time < ?2"
    " AND (?3 = 0 OR battery_id = ?3) ORDER BY id";

static enum correction_action
action_of(const char *word)
{
	for (int i = 0; i < 3; i++)
		if (strcmp(word, correction_words[i]) == 0)
			return (enum correction_action)i;
	return CORRECTION_ANNUL;
}

static int
kind_of(const char *word)
{
	if (word == NULL)
		return CORRECTION_ALL;
	return strcmp(word, "energy") == 0 ? READING_ENERGY : READING_BATTERY;
}

static int
fill_value(struct sql_query *query, struct arena *arena, struct correction *one,
    struct failure *why)
{
	const char *json = sql_text(query, 8);
	const struct measurement *row;

	if (one->action == CORRECTION_ANNUL)
		return 0;
	if (one->measurement == CORRECTION_ALL ||
	    (one->action == CORRECTION_SET && json == NULL))
		return failure_set(why, EXIT_WRONG, "has no value");
	if (one->action == CORRECTION_SET)
		return correction_value(one->measurement, one->item != 0, json,
		    arena, &one->value, why);
	row = &measurement_table[one->measurement];
	one->scale =
	    sql_column_type(query, 9) == SQL_TYPE_NULL ? 1 : sql_real(query, 9);
	if (!num_scale_double(sql_real(query, 10), row->decimals, &one->offset))
		return failure_set(why, EXIT_WRONG, "its offset is no number");
	return 0;
}

/* The row that the query stands on. */
static int
fill(struct sql_query *query, struct arena *arena, struct correction *one,
    struct failure *why)
{
	const char *name = sql_text(query, 5);

	*one = (struct correction){ .id = sql_integer(query, 0),
		.battery_id = sql_integer(query, 1),
		.time_ms = sql_integer(query, 2),
		.until_ms = sql_integer(query, 3),
		.kind = kind_of(sql_text(query, 4)),
		.measurement = measurement_find(name, strlen(name)),
		.item = sql_integer(query, 6),
		.action = action_of(sql_text(query, 7)) };
	if (strcmp(name, "all") != 0 && one->measurement < 0)
		return failure_set(why, EXIT_WRONG,
		    "correction %lld: %s is no measurement", (long long)one->id,
		    name);
	if (fill_value(query, arena, one, why) == -1) {
		why->status = EXIT_WRONG;
		return failure_prefix(
		    why, "correction %lld", (long long)one->id);
	}
	return 0;
}

static void
add(struct correction **list, size_t *count, size_t *room,
    const struct correction *one)
{
	if (*count == *room) {
		*room = *room == 0 ? 16 : *room * 2;
		*list = mem_grow(*list, *room, sizeof(**list));
	}
	(*list)[(*count)++] = *one;
}

static int
compare_ones(const void *a, const void *b)
{
	const struct correction *left = a, *right = b;

	if (left->time_ms != right->time_ms)
		return left->time_ms < right->time_ms ? -1 : 1;
	return (left->id > right->id) - (left->id < right->id);
}

static int
read_all(struct corrections *c, struct failure *why)
{
	struct correction one;
	int got;

	while ((got = sql_step(c->query, why)) == 1) {
		if (fill(c->query, &c->arena, &one, why) == -1)
			return -1;
		if (one.time_ms == one.until_ms)
			add(&c->one, &c->ones, &c->one_room, &one);
		else
			add(&c->stretch, &c->stretches, &c->stretch_room, &one);
	}
	if (c->ones > 0)
		qsort(c->one, c->ones, sizeof(*c->one), compare_ones);
	return got;
}

/* Those of a day. */
static int
load_day(struct corrections *c, struct sql *sql, int64_t battery_id,
    int64_t time_ms, struct failure *why)
{
	int result;

	if (c->query == NULL &&
	    (c->query = sql_prepare(sql, load, why)) == NULL)
		return -1;
	c->ones = c->stretches = 0;
	arena_reset(&c->arena);
	c->battery_id = battery_id;
	c->from_ms = time_ms - time_ms % DAY_MS;
	c->to_ms = c->from_ms + DAY_MS;
	sql_bind_integer(c->query, 1, c->from_ms);
	sql_bind_integer(c->query, 2, c->to_ms);
	sql_bind_integer(c->query, 3, battery_id);
	result = read_all(c, why);
	sql_reset(c->query);
	if (result == -1)
		c->to_ms = c->from_ms; /* not loaded */
	return result;
}

void
corrections_forget(struct corrections *corrections)
{
	corrections->asked = false;
	corrections->from_ms = corrections->to_ms = 0;
}

static int
ask(struct corrections *c, struct sql *sql, int64_t battery_id,
    struct failure *why)
{
	int64_t got = sql_ask(sql, any, &battery_id, 1, why);

	if (got == -1)
		return -1;
	corrections_forget(c);
	c->asked = true;
	c->none = got == 0;
	c->battery_id = battery_id;
	return 0;
}

void
corrections_free(struct corrections *corrections)
{
	sql_query_free(corrections->query);
	free(corrections->one);
	free(corrections->stretch);
	arena_free(&corrections->arena);
	*corrections = (struct corrections){ .ones = 0 };
}

/* ---- those of a reading ----------------------------------------------- */

static size_t
first_at(const struct corrections *c, int64_t time_ms)
{
	size_t low = 0, high = c->ones;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (c->one[middle].time_ms < time_ms)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
is_of(const struct correction *one, const struct readings_row *row)
{
	return one->battery_id == row->battery_id &&
	    one->time_ms <= row->time_ms && one->until_ms >= row->time_ms &&
	    (one->kind == CORRECTION_ALL || one->kind == (int)row->kind);
}

/* In order of id: both lists are, those of one time too. */
static size_t
find(const struct corrections *c, const struct readings_row *row,
    struct arena *arena, const struct correction *const **match)
{
	size_t at = first_at(c, row->time_ms), end = at, count = 0;
	const struct correction **found;

	while (end < c->ones && c->one[end].time_ms == row->time_ms)
		end++;
	if (c->stretches == 0 && at == end)
		return 0;
	found =
	    arena_alloc(arena, (c->stretches + (end - at)) * sizeof(*found));
	for (size_t i = 0; i < c->stretches; i++) {
		const struct correction *one = &c->stretch[i];

		for (; at < end && c->one[at].id < one->id; at++)
			if (is_of(&c->one[at], row))
				found[count++] = &c->one[at];
		if (is_of(one, row))
			found[count++] = one;
	}
	for (; at < end; at++)
		if (is_of(&c->one[at], row))
			found[count++] = &c->one[at];
	*match = found;
	return count;
}

/* Whether there are any, and those of a time. */
static int
prepare(struct corrections *c, struct sql *sql, int64_t battery_id,
    int64_t time_ms, struct failure *why)
{
	if ((!c->asked || c->battery_id != battery_id) &&
	    ask(c, sql, battery_id, why) == -1)
		return -1;
	if (c->none || (time_ms >= c->from_ms && time_ms < c->to_ms))
		return 0;
	return load_day(c, sql, battery_id, time_ms, why);
}

int
corrections_quiet(struct corrections *c, struct sql *sql, int64_t battery_id,
    const struct readings_row *row, int64_t *until_ms, struct failure *why)
{
	int64_t time_ms = row->time_ms;

	if (prepare(c, sql, battery_id, time_ms, why) == -1)
		return -1;
	*until_ms = c->none ? INT64_MAX : c->to_ms;
	for (size_t i = first_at(c, time_ms); !c->none && i < c->ones; i++)
		if (c->one[i].battery_id == row->battery_id) {
			*until_ms = c->one[i].time_ms;
			break;
		}
	for (size_t i = 0; !c->none && i < c->stretches; i++) {
		const struct correction *one = &c->stretch[i];
		int64_t from_ms =
		    one->time_ms > time_ms ? one->time_ms : time_ms;

		if (one->battery_id == row->battery_id &&
		    one->until_ms >= time_ms && from_ms < *until_ms)
			*until_ms = from_ms;
	}
	return 0;
}

int
corrections_reading(struct corrections *c, struct sql *sql, int64_t battery_id,
    const struct stored_row *row, bool bare, struct arena *arena,
    struct reading *reading, struct failure *why)
{
	const struct correction *const *match = NULL;
	size_t count;

	if (prepare(c, sql, battery_id, row->row.time_ms, why) == -1)
		return -1;
	if (c->none)
		return stored_reading(row, bare, arena, reading, why);
	count = find(c, &row->row, arena, &match);
	if (stored_reading(row, bare || count > 0, arena, reading, why) == -1)
		return -1;
	if (count > 0)
		corrections_lay(match, count, bare, arena, reading);
	return 0;
}
