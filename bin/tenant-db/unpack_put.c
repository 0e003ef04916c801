/* What a packed tenant holds gets its places. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/access.h"
#include "store/audit.h"
#include "store/chosen.h"
#include "store/row.h"
#include "unpack.h"

/* One that is there already must be the same: a run that was cut off has
 * left it. */
static int
put_key(struct ring *ring, const char *id, const char *folder,
    const struct vault_secret *key, struct failure *why)
{
	struct buf path = { 0 };
	struct vault_secret *there;
	unsigned version = vault_secret_version(key);
	bool same;

	buf_print(&path, "%s/%s.%u", folder, id, version);
	same = access(path.data, F_OK) == 0;
	buf_free(&path);
	if (!same)
		return ring_put(ring, id, version, key, why);
	there = ring_get(ring, id, version, why);
	if (there == NULL)
		return -1;
	same = ring_key_same(there, key);
	vault_secret_free(there);
	return same ? 0
		    : failure_set(why, EXIT_WRONG,
			  "%s.%u: another key is there already", id, version);
}

static int
put_keys_in(struct unpack *wish, enum ring_kind kind, const char *folder,
    const char *id, struct failure *why)
{
	struct ring *ring = ring_open(kind, wish->master, folder, why);
	int result = ring == NULL ? -1 : 0;

	for (size_t i = 0; result == 0 && i < wish->keys; i++) {
		struct vault_secret *key = kind == RING_ARCHIVES
		    ? ring_archive_key(wish->key[i], why)
		    : wish->key[i];

		result = key == NULL ? -1 : put_key(ring, id, folder, key, why);
		if (kind == RING_ARCHIVES)
			vault_secret_free(key);
	}
	ring_close(ring);
	return result;
}

static int
put_keys(struct unpack *wish, struct failure *why)
{
	const char *folder = keys_folder(&wish->arena, wish->root);

	if (wish->keys == 0)
		return 0;
	if (put_keys_in(wish, RING_TENANTS, folder, wish->about.uuid, why) ==
	    -1)
		return -1;
	return put_keys_in(wish, RING_ARCHIVES,
	    arena_print(&wish->arena, "%s/archive", folder), wish->slug, why);
}

static int
put_client(struct unpack *wish, struct failure *why)
{
	struct row_writer *writer = row_writer_open(wish->core, "clients", why);
	struct audit_event event = { .tenant = wish->slug,
		.actor = wish->actor,
		.event = "tenant.unpack",
		.object =
		    arena_print(&wish->arena, "clients/%s", wish->about.uuid) };
	int result = -1;

	if (writer == NULL)
		return -1;
	if (sql_begin(wish->core, why) == 0) {
		result = row_put(writer, wish->client, why);
		if (result == 0)
			result = audit_append(wish->core, &event, why);
		if (result == 0)
			result = sql_commit(wish->core, true, why);
		else
			sql_rollback(wish->core);
	}
	row_writer_close(writer);
	return result;
}

static int
put_logins(struct unpack *wish, struct failure *why)
{
	struct access *access;
	int result;

	if (wish->logins == NULL)
		return 0;
	access = access_create(wish->root, wish->share, why);
	if (access == NULL)
		return -1;
	result = access_unpack(access, wish->slug, wish->logins, why);
	access_close(access);
	return result;
}

/* What is there under its name is what a run that was cut off has left:
 * anything else was refused at the start. */
static int
put_archive(struct unpack *wish, struct failure *why)
{
	int archive = wish->queue.archive;

	if (faccessat(archive, wish->beside, F_OK, 0) != 0)
		return 0;
	if (io_remove_tree(archive, wish->slug, why) == -1)
		return -1;
	if (renameat(archive, wish->beside, archive, wish->slug) != 0)
		return failure_set(why, EXIT_AGAIN, "archive:");
	return spool_sync(archive, why);
}

/* What the web side is to know of it; it stands where that is told again. */
static void
copy_status(const struct unpack *wish)
{
	struct failure why;
	struct access *access = client_access(wish->root);

	if (client_copy(wish->core, access, wish->root, wish->slug, &why) == -1)
		chosen_failed(wish->slug, &why);
	access_close(access);
}

/* Logins go first of what others may see: they may be refused. */
int
unpack_place(struct unpack *wish, struct failure *why)
{
	struct check check = check_begin(wish->slug);

	if (restore_check(wish->restore, wish->schema, &check, why) == -1 ||
	    put_logins(wish, why) == -1 || put_keys(wish, why) == -1 ||
	    put_client(wish, why) == -1 || put_archive(wish, why) == -1)
		return -1;
	if (restore_finish(wish->restore, wish->schema, wish->about.uuid,
		&check, why) == -1)
		return -1;
	copy_status(wish);
	return 0;
}
