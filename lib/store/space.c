#include "store/space.h"

#define GIGABYTE 1e9

static int64_t
unused_pages(struct sql *sql, struct failure *why)
{
	return sql_ask(sql, "PRAGMA freelist_count", NULL, 0, why);
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
	int64_t size = sql_ask(sql, "PRAGMA page_size", NULL, 0, why);
	int64_t pages, unused;

	if (size == -1)
		return -1;
	pages = sql_ask(sql, "PRAGMA page_count", NULL, 0, why);
	if (pages == -1)
		return -1;
	unused = unused_pages(sql, why);
	if (unused == -1 || limit_of(sql, &space->limit, why) == -1)
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
	int64_t way = sql_ask(sql, "PRAGMA auto_vacuum", NULL, 0, why);
	int64_t unused = way == -1 ? -1 : unused_pages(sql, why);

	if (unused == -1)
		return -1;
	*fixed = way == 0;
	/* what does not become less is done */
	for (int64_t before = unused + 1; !*fixed && unused > 0 &&
	     unused < before && (stop == NULL || !stop());) {
		before = unused;
		if (sql_run(sql, "PRAGMA incremental_vacuum(256)", why) == -1)
			return -1;
		unused = unused_pages(sql, why);
		if (unused == -1)
			return -1;
	}
	/* the file gets shorter when its log is taken in */
	return sql_run(sql, "PRAGMA wal_checkpoint(PASSIVE)", why);
}
