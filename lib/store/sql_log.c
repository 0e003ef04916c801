/*
 * SQLite begins its log anew only at an instant when nobody reads from it.
 * Where readers overlap there is none, and the log would grow for as long as
 * they come: from a size on, who writes waits a little for those that read
 * the log, while those that come read the database itself.
 */
#include "store/sqlite.h"

#define PAGES_COPIED 1000 /* as many as with SQLite's own hook */
#define PAGES_LARGE 4096 /* 16 MiB */
#define PAGES_STEP 1024 /* more, before the next wait */
#define PATIENCE_MS 1000

static int
log_grew(void *context, sqlite3 *db, const char *name, int pages)
{
	struct sql *sql = context;

	if (pages < PAGES_LARGE)
		sql->log_tried = 0;
	if (pages >= PAGES_LARGE && pages >= sql->log_tried + PAGES_STEP) {
		sql->log_tried = pages;
		sqlite3_busy_timeout(db, PATIENCE_MS);
		sqlite3_wal_checkpoint_v2(
		    db, name, SQLITE_CHECKPOINT_RESTART, NULL, NULL);
		sqlite3_busy_timeout(db, sql->busy_ms);
	} else if (pages >= PAGES_COPIED)
		sqlite3_wal_checkpoint_v2(
		    db, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	/* the commit itself is done: a later one tries again */
	return SQLITE_OK;
}

void
sqlite_log_bound(struct sql *sql)
{
	sqlite3_wal_hook(sql->db, log_grew, sql);
}
