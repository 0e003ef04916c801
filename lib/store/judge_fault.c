/*
 * Faults and warnings with their beginning and end. A code is raised at the
 * first row that tells it and cleared at the next row that tells codes
 * without it; a row that tells none at all changes nothing. A late row can
 * change only what lies between the rows beside it.
 */
#include <string.h>

#include "json/json.h"
#include "store/judge_parts.h"

static const char *const kind_words[JUDGE_CODE_KINDS] = { "fault", "warning" };
static const int kind_ids[JUDGE_CODE_KINDS] = { MEASUREMENT_fault_codes,
	MEASUREMENT_warning_codes };

static struct judge_event *
add(struct judge_events *list, const struct judge_event *event)
{
	if (list->count == list->room) {
		list->room = list->room == 0 ? 16 : list->room * 2;
		list->one = mem_grow(list->one, list->room, sizeof(*list->one));
	}
	list->one[list->count] = *event;
	return &list->one[list->count++];
}

/* One that lasts until it is cleared. */
static struct judge_event *
add_lasting(struct judge_faults *faults, const struct judge_event *event)
{
	if (faults->lasting_count == faults->lasting_room) {
		faults->lasting_room =
		    faults->lasting_room == 0 ? 16 : faults->lasting_room * 2;
		faults->lasting = mem_grow(faults->lasting,
		    faults->lasting_room, sizeof(*faults->lasting));
	}
	faults->lasting[faults->lasting_count++] = faults->new.count;
	return add(&faults->new, event);
}

void
judge_faults_free(struct judge_faults *faults)
{
	arena_free(&faults->arena);
	mem_free(faults->old.one);
	mem_free(faults->new.one);
	mem_free(faults->lasting);
	for (int kind = 0; kind < JUDGE_CODE_KINDS; kind++)
		buf_free(&faults->last[kind]);
}

/* ---- what is stored --------------------------------------------------- */

static void
keep_old(struct judge_faults *faults, struct sql_query *query)
{
	struct judge_event event = { .id = sql_integer(query, 0),
		.kind = strcmp(sql_text(query, 1), kind_words[JUDGE_FAULT]) == 0
		    ? JUDGE_FAULT
		    : JUDGE_WARNING,
		.raised_ms = sql_integer(query, 3),
		.cleared_ms = sql_column_type(query, 4) == SQL_TYPE_NULL
		    ? JUDGE_EVER
		    : sql_integer(query, 4) };
	const char *code = sql_text(query, 2);

	event.code = arena_text(&faults->arena, code, strlen(code));
	add(&faults->old, &event);
	event.cleared_ms = JUDGE_EVER;
	if (event.raised_ms < faults->from_ms)
		add_lasting(faults, &event);
}

int
judge_faults_load(struct judge_faults *faults, struct tenant *tenant,
    int64_t battery_id, struct failure *why)
{
	struct sql_query *query = sql_prepare(tenant_sql(tenant),
	    "SELECT id, kind, code, raised_at, cleared_at FROM fault_events"
	    " WHERE battery_id = ?1 AND (cleared_at IS NULL OR"
	    " cleared_at >= ?2) ORDER BY raised_at",
	    why);
	int got = -1;

	if (query == NULL)
		return -1;
	sql_bind_integer(query, 1, battery_id);
	sql_bind_integer(query, 2, faults->from_ms);
	while ((got = sql_step(query, why)) == 1)
		keep_old(faults, query);
	sql_query_free(query);
	for (int kind = 0; kind < JUDGE_CODE_KINDS; kind++)
		faults->end_ms[kind] = JUDGE_EVER;
	return got;
}

/* ---- rows ------------------------------------------------------------- */

static struct judge_event *
find_lasting(struct judge_faults *faults, int kind, const char *code)
{
	for (size_t i = 0; i < faults->lasting_count; i++) {
		struct judge_event *event =
		    &faults->new.one[faults->lasting[i]];

		if (event->kind == kind && strcmp(event->code, code) == 0)
			return event;
	}
	return NULL;
}

/* Those of a kind that were not told end; the others go on lasting. */
static void
clear_unseen(struct judge_faults *faults, int kind, int64_t time_ms)
{
	size_t kept = 0;

	for (size_t i = 0; i < faults->lasting_count; i++) {
		struct judge_event *event =
		    &faults->new.one[faults->lasting[i]];

		if (event->kind == kind && !event->seen)
			event->cleared_ms = time_ms;
		else
			faults->lasting[kept++] = faults->lasting[i];
		event->seen = false;
	}
	faults->lasting_count = kept;
}

static void
told(
    struct judge_faults *faults, int kind, const json_t *codes, int64_t time_ms)
{
	const json_t *member;
	size_t i;

	json_array_foreach(codes, i, member)
	{
		const char *code = json_string_value(member);
		struct judge_event *event;

		if (code == NULL)
			continue;
		event = find_lasting(faults, kind, code);
		if (event == NULL)
			event = add_lasting(faults,
			    &(struct judge_event){
				.code = arena_text(
				    &faults->arena, code, strlen(code)),
				.kind = kind,
				.raised_ms = time_ms,
				.cleared_ms = JUDGE_EVER });
		event->seen = true;
	}
	clear_unseen(faults, kind, time_ms);
}

static void
add_codes(struct judge_faults *faults, int kind, const struct reading *reading)
{
	const union reading_value *value = &reading->value[kind_ids[kind]];
	struct buf *last = &faults->last[kind];
	struct failure why;
	json_t *codes;

	if (faults->end_ms[kind] != JUDGE_EVER)
		return;
	if (reading->time_ms >= faults->enough_ms)
		faults->end_ms[kind] = reading->time_ms;
	if (faults->known[kind] && last->size == value->text.size &&
	    memcmp(last->data, value->text.json, last->size) == 0)
		return;
	faults->known[kind] = true;
	buf_clear(last);
	buf_put(last, value->text.json, value->text.size);
	codes = json_read(value->text.json, value->text.size, &why);
	if (codes != NULL)
		told(faults, kind, codes, reading->time_ms);
	json_decref(codes);
}

/* Codes of a reading that is invalid may raise, but not clear. */
static bool
tells(const struct reading *reading, int kind)
{
	return reading_has(reading, kind_ids[kind]) &&
	    (reading->value[kind_ids[kind]].text.size > 2 ||
		!reading_has(reading, MEASUREMENT_data_quality) ||
		reading->value[MEASUREMENT_data_quality].number !=
		    QUALITY_INVALID);
}

void
judge_faults_add(struct judge_faults *faults, const struct reading *reading)
{
	if (reading->kind != READING_BATTERY ||
	    reading->time_ms < faults->from_ms)
		return;
	for (int kind = 0; kind < JUDGE_CODE_KINDS; kind++)
		if (tells(reading, kind))
			add_codes(faults, kind, reading);
}

/* A device that never told codes of a kind needs no search for them. */
bool
judge_faults_want(const struct judge_faults *faults)
{
	for (int kind = 0; kind < JUDGE_CODE_KINDS; kind++) {
		if (faults->enough_ms == JUDGE_EVER ||
		    faults->end_ms[kind] != JUDGE_EVER)
			continue;
		if (faults->known[kind])
			return true;
		for (size_t i = 0; i < faults->old.count; i++)
			if (faults->old.one[i].kind == kind)
				return true;
	}
	return false;
}

/* ---- writing ---------------------------------------------------------- */

/* Does it begin behind what was looked at? Then it stands. */
static bool
stands(const struct judge_faults *faults, const struct judge_event *old)
{
	return old->raised_ms > faults->end_ms[old->kind];
}

/* Those that last at the end go on as they did. */
static void
join_ends(struct judge_faults *faults)
{
	for (size_t i = 0; i < faults->new.count; i++) {
		struct judge_event *event = &faults->new.one[i];

		for (size_t k = 0;
		     k < faults->old.count && event->cleared_ms == JUDGE_EVER;
		     k++) {
			const struct judge_event *old = &faults->old.one[k];

			if (old->kind == event->kind && !stands(faults, old) &&
			    old->cleared_ms > faults->end_ms[old->kind] &&
			    strcmp(old->code, event->code) == 0)
				event->cleared_ms = old->cleared_ms;
		}
		event->seen = false;
	}
}

static struct judge_event *
find_same(struct judge_faults *faults, const struct judge_event *old)
{
	struct judge_event *event = faults->new.one, *end;
	size_t count = faults->new.count;

	if (count == 0)
		return NULL;
	end = event + count;
	while (count > 0) { /* the first that is raised then */
		size_t half = count / 2;

		if (event[half].raised_ms < old->raised_ms) {
			event += half + 1;
			count -= half + 1;
		} else {
			count = half;
		}
	}
	for (; event < end && event->raised_ms == old->raised_ms; event++)
		if (event->kind == old->kind &&
		    strcmp(event->code, old->code) == 0)
			return event;
	return NULL;
}

static int
write(struct sql_query *query, int64_t battery_id,
    const struct judge_event *event, struct failure *why)
{
	sql_bind_integer(query, 1, battery_id);
	sql_bind_text(query, 2, kind_words[event->kind]);
	sql_bind_text(query, 3, event->code);
	sql_bind_integer(query, 4, event->raised_ms);
	if (event->cleared_ms != JUDGE_EVER)
		sql_bind_integer(query, 5, event->cleared_ms);
	return sql_done(query, why);
}

/* What is not to be any more goes; what is the same is marked as seen. */
static int
remove_old(struct judge_faults *faults, struct sql *sql, int64_t *changed,
    struct failure *why)
{
	for (size_t i = 0; i < faults->old.count; i++) {
		const struct judge_event *old = &faults->old.one[i];
		struct judge_event *event;

		if (stands(faults, old))
			continue;
		event = find_same(faults, old);
		if (event != NULL && event->cleared_ms == old->cleared_ms)
			event->seen = true;
		if (event != NULL)
			continue;
		if (sql_run_with(sql, "DELETE FROM fault_events WHERE id = ?1",
			&old->id, 1, why) == -1)
			return -1;
		++*changed;
	}
	return 0;
}

int
judge_faults_store(struct judge_faults *faults, struct tenant *tenant,
    int64_t battery_id, int64_t *changed, struct failure *why)
{
	struct sql *sql = tenant_sql(tenant);
	struct sql_query *query;
	int result = 0;

	join_ends(faults);
	if (remove_old(faults, sql, changed, why) == -1)
		return -1;
	if (faults->new.count == 0)
		return 0;
	query = sql_prepare(sql,
	    "INSERT INTO fault_events (battery_id, kind, code, raised_at,"
	    " cleared_at) VALUES (?1, ?2, ?3, ?4, ?5)"
	    " ON CONFLICT (battery_id, raised_at, kind, code)"
	    " DO UPDATE SET cleared_at = excluded.cleared_at",
	    why);
	if (query == NULL)
		return -1;
	for (size_t i = 0; result == 0 && i < faults->new.count; i++) {
		if (faults->new.one[i].seen)
			continue;
		result = write(query, battery_id, &faults->new.one[i], why);
		++*changed;
	}
	sql_query_free(query);
	return result;
}
