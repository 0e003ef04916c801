#include "store/space.h"

#define GIGABYTE 1e9

static int
number(struct sql *sql, const char *text, int64_t *value, struct failure *why)
{
	struct sql_query *query = sql_prepare(sql, text, why);
	int got = query == NULL ? -1 : sql_step(query, why);

	if (got == 1)
		*value = sql_integer(query, 0);
	sql_query_free(query);
	return got == -1 ? -1 : 0;
}

static int
limit_of(struct sql *sql, int64_t *limit, struct failure *why)
{
	struct sql_query *query =
	    sql_prepare(sql, "SELECT max_storage_gb FROM client", why);
	int got = query == NULL ? -1 : sql_step(query, why);

	*limit = got == 1 ? (int64_t)(sql_real(query, 0) * GIGABYTE) : 0;
	sql_query_free(query);
	return got == -1 ? -1 : 0;
}

int
space_read(struct tenant *tenant, struct space *space, struct failure *why)
{
	struct sql *sql = tenant_sql(tenant);
	int64_t size = 0, pages = 0, unused = 0;

	if (number(sql, "PRAGMA page_size", &size, why) == -1 ||
	    number(sql, "PRAGMA page_count", &pages, why) == -1 ||
	    number(sql, "PRAGMA freelist_count", &unused, why) == -1 ||
	    limit_of(sql, &space->limit, why) == -1)
		return -1;
	space->used = (pages - unused) * size;
	space->free = unused * size;
	return 0;
}

int64_t
space_percent(int64_t used, int64_t limit)
{
	return limit <= 0 ? 0 : (int64_t)((double)used * 100 / (double)limit);
}

int
space_release(
    struct sql *sql, bool (*stop)(void), bool *fixed, struct failure *why)
{
	int64_t way = 0, before = 0, unused = 0;

	if (number(sql, "PRAGMA auto_vacuum", &way, why) == -1 ||
	    number(sql, "PRAGMA freelist_count", &unused, why) == -1)
		return -1;
	*fixed = way == 0;
	/* what does not become less is done */
	for (before = unused + 1; !*fixed && unused > 0 && unused < before &&
	     (stop == NULL || !stop());) {
		before = unused;
		if (sql_run(sql, "PRAGMA incremental_vacuum(256)", why) == -1 ||
		    number(sql, "PRAGMA freelist_count", &unused, why) == -1)
			return -1;
	}
	/* the file gets shorter when its log is taken in */
	return sql_run(sql, "PRAGMA wal_checkpoint(PASSIVE)", why);
}
