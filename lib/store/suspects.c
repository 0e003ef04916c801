#include "store/suspects.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "store/sql.h"

#define BIT(name) (UINT64_C(1) << MEASUREMENT_##name)
#define REASONS 3

const char *const suspects_reason_words[REASONS] = { "sign", "step", "stuck" };

enum suspects_reason
suspects_reason(const char *word)
{
	for (int i = 0; i < REASONS; i++)
		if (strcmp(word, suspects_reason_words[i]) == 0)
			return (enum suspects_reason)i;
	return SUSPECT_STEP;
}

void
suspects_names(uint64_t mask, struct buf *out)
{
	char before = '[';

	for (; mask != 0; mask &= mask - 1) {
		buf_char(out, before);
		buf_print(out, "\"%s\"",
		    measurement_table[__builtin_ctzll(mask)].name);
		before = ',';
	}
	buf_char(out, ']');
}

uint64_t
suspects_mask(const char *names)
{
	uint64_t mask = 0;
	const char *end;

	while ((names = strchr(names, '"')) != NULL &&
	    (end = strchr(names + 1, '"')) != NULL) {
		int id = measurement_find(names + 1, (size_t)(end - names - 1));

		if (id >= 0)
			mask |= UINT64_C(1) << id;
		names = end + 1;
	}
	return mask;
}

/* What is computed from it is no better. */
static uint64_t
with_derived(uint64_t mask)
{
	if ((mask & BIT(cell_voltages)) != 0)
		mask |= BIT(cell_voltage_min) | BIT(cell_voltage_max) |
		    BIT(cell_voltage_avg) | BIT(cell_voltage_diff);
	if ((mask & (BIT(cell_voltage_min) | BIT(cell_voltage_max))) != 0)
		mask |= BIT(cell_voltage_diff);
	if ((mask & BIT(temperatures)) != 0)
		mask |= BIT(temp_min) | BIT(temp_max) | BIT(temp_avg);
	if ((mask & BIT(pack_current)) != 0)
		mask |= BIT(charge_current) | BIT(discharge_current) |
		    BIT(operation_mode);
	if ((mask & (BIT(pack_current) | BIT(pack_voltage))) != 0)
		mask |=
		    BIT(pack_power) | BIT(charge_power) | BIT(discharge_power);
	return mask;
}

static void
add(struct suspects *suspects, const struct suspect *suspect)
{
	if (suspects->count == suspects->room) {
		suspects->room = suspects->room == 0 ? 16 : suspects->room * 2;
		suspects->one = mem_grow(
		    suspects->one, suspects->room, sizeof(*suspects->one));
	}
	suspects->one[suspects->count++] = *suspect;
}

static const char load_one[] =
    "SELECT battery_id, time, until, reason, measurements FROM suspects"
    " WHERE battery_id = ?3 AND time >= ?1 AND time < ?2 ORDER BY time";
static const char load_all[] =
    "SELECT battery_id, time, until, reason, measurements FROM suspects"
    " WHERE time >= ?1 AND time < ?2 ORDER BY time";

static int
prepare(
    struct suspects *suspects, struct sql *sql, bool all, struct failure *why)
{
	if (suspects->query != NULL && suspects->all == all)
		return 0;
	sql_query_free(suspects->query);
	suspects->query = sql_prepare(sql, all ? load_all : load_one, why);
	suspects->all = all;
	return suspects->query == NULL ? -1 : 0;
}

int
suspects_load(struct suspects *suspects, struct sql *sql, int64_t battery_id,
    int64_t from_ms, int64_t to_ms, struct failure *why)
{
	struct sql_query *query;
	int got;

	suspects->count = 0;
	if (prepare(suspects, sql, battery_id == 0, why) == -1)
		return -1;
	query = suspects->query;
	/* none is longer than the hour that it begins in */
	sql_bind_integer(query, 1, from_ms - HOUR_MS);
	sql_bind_integer(query, 2, to_ms);
	if (battery_id != 0)
		sql_bind_integer(query, 3, battery_id);
	while ((got = sql_step(query, why)) == 1)
		add(suspects,
		    &(struct suspect){ sql_integer(query, 0),
			sql_integer(query, 1), sql_integer(query, 2),
			suspects_reason(sql_text(query, 3)),
			suspects_mask(sql_text(query, 4)) });
	sql_reset(query);
	return got;
}

void
suspects_free(struct suspects *suspects)
{
	sql_query_free(suspects->query);
	free(suspects->one);
	*suspects = (struct suspects){ .count = 0 };
}

/* The notes that it came with, and for each measurement why not. */
static void
add_notes(
    const uint64_t mask[REASONS], struct arena *arena, struct reading *reading)
{
	const union reading_value *value = &reading->value[MEASUREMENT_notes];
	struct buf text = { NULL, 0, 0 };

	if (reading_has(reading, MEASUREMENT_notes) && value->text.size > 2) {
		buf_put(&text, value->text.json, value->text.size - 1);
		buf_char(&text, ',');
	} else {
		buf_char(&text, '[');
	}
	for (int i = 0; i < REASONS; i++)
		for (uint64_t left = mask[i] & reading->present; left != 0;
		     left &= left - 1)
			buf_print(&text, "\"%s doubted: %s\",",
			    measurement_table[__builtin_ctzll(left)].name,
			    suspects_reason_words[i]);
	text.data[text.size - 1] = ']';
	if (text.size <= READING_TEXT_MAX)
		reading_set_text(reading, MEASUREMENT_notes,
		    arena_text(arena, text.data, text.size), text.size);
	buf_free(&text);
}

/* The first that begins behind this time. */
static size_t
first_after(const struct suspects *suspects, int64_t time_ms)
{
	size_t low = 0, high = suspects->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (suspects->one[middle].time_ms <= time_ms)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
is_bad(const struct reading *reading)
{
	return reading_has(reading, MEASUREMENT_data_quality) &&
	    reading->value[MEASUREMENT_data_quality].number >= QUALITY_POOR;
}

void
suspects_apply(const struct suspects *suspects, int64_t battery_id,
    struct arena *arena, struct reading *reading)
{
	uint64_t mask[REASONS] = { 0 }, all = 0;

	if (suspects->count == 0 || reading->kind != READING_BATTERY)
		return;
	for (size_t i = first_after(suspects, reading->time_ms - HOUR_MS);
	     i < suspects->count; i++) {
		const struct suspect *one = &suspects->one[i];

		if (one->time_ms > reading->time_ms)
			break;
		if (one->battery_id == battery_id &&
		    one->until_ms >= reading->time_ms)
			mask[one->reason] |= one->mask;
	}
	for (int i = 0; i < REASONS; i++)
		all |= mask[i];
	all = with_derived(all) & reading->present;
	if (all == 0)
		return;
	add_notes(mask, arena, reading);
	/* one that is poor as a whole stays so */
	reading->suspect = all | (is_bad(reading) ? READING_POOR : 0);
	if (!is_bad(reading))
		reading_set(reading, MEASUREMENT_data_quality, QUALITY_POOR);
}

int64_t
suspects_quiet(
    const struct suspects *suspects, int64_t battery_id, int64_t time_ms)
{
	for (size_t i = first_after(suspects, time_ms - HOUR_MS);
	     i < suspects->count; i++) {
		const struct suspect *one = &suspects->one[i];

		if (one->battery_id == battery_id && one->until_ms >= time_ms)
			return one->time_ms > time_ms ? one->time_ms : time_ms;
	}
	return INT64_MAX;
}
