/* Keys that are made, noted and found. */
#include <stdio.h>

#include "keys.h"
#include "store/audit.h"
#include "tenant-db.h"

static int
make_archive(const struct vault_secret *master, const char *folder,
    const char *slug, const struct vault_secret *key, unsigned version,
    struct failure *why)
{
	struct arena arena = { 0 };
	const char *archive = arena_print(&arena, "%s/archive", folder);
	int newest = ring_newest(archive, slug, why), result = -1;
	struct ring *ring = NULL;
	struct vault_secret *made = NULL;

	if (newest >= (int)version)
		result = 0;
	else if (newest != -1)
		ring = ring_open(RING_ARCHIVES, master, archive, why);
	if (ring != NULL)
		made = ring_archive_key(key, why);
	if (made != NULL)
		result = ring_put(ring, slug, version, made, why);
	vault_secret_free(made);
	ring_close(ring);
	arena_free(&arena);
	return result;
}

struct vault_secret *
keys_make(const struct vault_secret *master, const char *root, const char *id,
    const char *slug, int above, struct failure *why)
{
	struct arena arena = { 0 };
	const char *folder = keys_folder(&arena, root);
	struct ring *ring = ring_open(RING_TENANTS, master, folder, why);
	struct vault_secret *key = NULL;
	int newest = ring == NULL ? -1 : ring_newest(folder, id, why);

	if (newest >= 0 && newest <= above)
		newest =
		    ring_put(ring, id, (unsigned)newest + 1, NULL, why) == 0
		    ? newest + 1
		    : -1;
	if (newest > 0)
		key = ring_get(ring, id, (unsigned)newest, why);
	if (key != NULL && slug != NULL &&
	    make_archive(master, folder, slug, key, (unsigned)newest, why) ==
		-1) {
		vault_secret_free(key);
		key = NULL;
	}
	ring_close(ring);
	arena_free(&arena);
	return key;
}

/* 1 it was another one, 0 it was this one, -1 with a failure. */
static int
set_id(struct sql *core, const char *slug, const char *id, struct failure *why)
{
	struct sql_query *query = sql_prepare(core,
	    "UPDATE clients SET encryption_key = ?2 WHERE slug = ?1"
	    " AND encryption_key IS NOT ?2",
	    why);
	int result;

	if (query == NULL)
		return -1;
	sql_bind_text(query, 1, slug);
	sql_bind_text(query, 2, id);
	result = sql_done(query, why);
	sql_query_free(query);
	return result == -1 ? -1 : sql_changes(core) > 0;
}

int
keys_note(struct sql *core, const char *slug, const char *uuid,
    unsigned version, const char *actor, const char *event, struct failure *why)
{
	struct arena arena = { 0 };
	struct audit_event line = { .tenant = slug,
		.actor = actor,
		.event = event,
		.object = arena_print(&arena, "keys/%s.%u", uuid, version) };
	int result = sql_begin(core, why);

	if (result == 0)
		result = set_id(core, slug, line.object + 5, why);
	if (result == 1)
		result = audit_append(core, &line, why);
	if (result == 0)
		result = sql_commit(core, true, why);
	else
		sql_rollback(core);
	arena_free(&arena);
	return result;
}

const char *
keys_file(const char *root, const char *slug, struct arena *arena)
{
	struct tenant *tenant;
	struct failure why;
	char uuid[37];
	int version = 0;

	tenant = tenant_open(root, slug, SQL_READ, &why);
	if (tenant != NULL)
		version = sealed_version(tenant_sql(tenant), uuid, &why);
	tenant_close(tenant);
	return version > 0
	    ? arena_print(arena, "%s/keys/%s.%d", root, uuid, version)
	    : NULL;
}

int
keys_uuid(struct sql *core, const char *slug, char *uuid, struct failure *why)
{
	struct sql_query *query =
	    sql_prepare(core, "SELECT uuid FROM clients WHERE slug = ?1", why);
	int got;

	if (query == NULL)
		return -1;
	sql_bind_text(query, 1, slug);
	got = sql_step(query, why);
	if (got == 1)
		snprintf(uuid, 37, "%s", sql_text(query, 0));
	sql_query_free(query);
	return got;
}
