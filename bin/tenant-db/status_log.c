#include "status_log.h"

#include <stdlib.h>

#include "base/mem.h"
#include "store/audit.h"

struct change {
	const char *slug, *uuid, *before, *after;
	struct change *next;
};

int
status_log_begin(struct sql *core, struct failure *why)
{
	return sql_run(core,
	    "DROP TABLE IF EXISTS temp.status_before;"
	    "CREATE TEMP TABLE status_before AS"
	    " SELECT id, status FROM clients",
	    why);
}

static const char *
keep(struct arena *arena, struct sql_query *query, int n)
{
	return arena_print(arena, "%s", sql_text(query, n));
}

static int
read_changes(struct sql *core, struct arena *arena, struct change **first,
    struct failure *why)
{
	struct sql_query *query = sql_prepare(core,
	    "SELECT c.slug, c.uuid, b.status, c.status FROM clients c"
	    " JOIN temp.status_before b ON b.id = c.id"
	    " WHERE b.status <> c.status ORDER BY c.id",
	    why);
	int got;

	if (query == NULL)
		return -1;
	while ((got = sql_step(query, why)) == 1) {
		struct change *change = arena_alloc(arena, sizeof(*change));

		*change = (struct change){ keep(arena, query, 0),
			keep(arena, query, 1), keep(arena, query, 2),
			keep(arena, query, 3), NULL };
		*first = change;
		first = &change->next;
	}
	sql_query_free(query);
	return got;
}

static int
tell(struct sql *core, const char *actor, const struct change *change,
    struct arena *arena, struct failure *why)
{
	json_t *before = json_pack("{s:s}", "status", change->before);
	json_t *after = json_pack("{s:s}", "status", change->after);
	struct audit_event event = { .tenant = change->slug,
		.actor = actor,
		.event = "tenant.status",
		.object = arena_print(arena, "clients/%s", change->uuid),
		.before = before,
		.after = after };
	int result = audit_append(core, &event, why);

	json_decref(before);
	json_decref(after);
	return result;
}

int
status_log_end(struct sql *core, const char *actor, struct failure *why)
{
	struct arena arena = { 0 };
	struct change *change = NULL;
	int result = read_changes(core, &arena, &change, why);

	for (; result == 0 && change != NULL; change = change->next)
		result = tell(core, actor, change, &arena, why);
	if (result == 0)
		result = sql_run(core, "DROP TABLE temp.status_before", why);
	arena_free(&arena);
	return result;
}
