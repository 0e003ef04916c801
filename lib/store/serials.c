#include "store/serials.h"

#include <stdlib.h>
#include <string.h>

#include "json/json.h"

static int
compare(const void *a, const void *b)
{
	return strcmp(
	    ((const struct serial *)a)->json, ((const struct serial *)b)->json);
}

static void
add(struct serials *serials, struct sql_query *query, size_t *room,
    struct arena *arena)
{
	const char *text = sql_text(query, 1);
	struct buf json = { NULL, 0, 0 };
	struct serial *more;

	if (serials->count == *room) {
		*room = *room == 0 ? 64 : *room * 2;
		more = arena_alloc(arena, *room * sizeof(*more));
		if (serials->count > 0)
			memcpy(
			    more, serials->one, serials->count * sizeof(*more));
		serials->one = more;
	}
	json_put_text(&json, text, strlen(text));
	serials->one[serials->count++] =
	    (struct serial){ arena_text(arena, json.data, json.size),
		    sql_integer(query, 0) };
	buf_free(&json);
}

int
serials_load(struct serials *serials, struct sql *sql, struct arena *arena,
    struct failure *why)
{
	struct sql_query *query = sql_prepare(sql,
	    "SELECT id, serial_number FROM batteries"
	    " WHERE serial_number <> ''",
	    why);
	size_t room = 0;
	int got = -1;

	*serials = (struct serials){ .count = 0 };
	while (query != NULL && (got = sql_step(query, why)) == 1)
		add(serials, query, &room, arena);
	sql_query_free(query);
	if (serials->count > 0)
		qsort(serials->one, serials->count, sizeof(*serials->one),
		    compare);
	return got;
}

int64_t
serials_find(const struct serials *serials, const struct reading *reading)
{
	struct serial key = { .battery_id = 0 };
	const struct serial *found;

	if (!reading_has(reading, MEASUREMENT_serial_number) ||
	    serials->count == 0)
		return 0;
	key.json = reading->value[MEASUREMENT_serial_number].text.json;
	found = bsearch(
	    &key, serials->one, serials->count, sizeof(*serials->one), compare);
	return found == NULL ? 0 : found->battery_id;
}
