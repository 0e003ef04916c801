/*
 * tenant-db pack: all of a tenant in one sealed file, to be taken to another
 * machine: its database as it is at one instant, its row in core, its
 * logins, its keys and its raw archive. Standard output is the file.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "keys.h"
#include "packed.h"
#include "spool/archive_files.h"
#include "store/access.h"
#include "store/audit.h"
#include "store/backup.h"
#include "store/row.h"
#include "tenant-db.h"

static const char synopsis[] =
    "usage: tenant-db pack [--master FILE] [--root DIR] [--spool DIR]\n"
    "           --key FILE | --passphrase-file FILE --tenant SLUG\n";

static const struct option options[] = { { "help", no_argument, NULL, 'h' },
	{ "key", required_argument, NULL, 'K' },
	{ "master", required_argument, NULL, 'M' },
	{ "passphrase-file", required_argument, NULL, 'P' },
	{ "root", required_argument, NULL, 'r' },
	{ "spool", required_argument, NULL, 's' },
	{ "tenant", required_argument, NULL, 't' },
	{ "version", no_argument, NULL, 'V' }, { NULL, 0, NULL, 0 } };

struct wish {
	const char *root, *spool, *slug, *actor;
	struct secret_place place;
	struct vault_secret *secret;
	struct sql *core;
	struct access *access; /* NULL: there is none */
	struct ring *ring; /* NULL: nothing is sealed */
	int newest; /* key; 0: none */
	char uuid[37];
	struct packed packed;
	struct arena arena;
};

/* ---- the parts -------------------------------------------------------- */

static int
add_client(struct wish *wish, struct failure *why)
{
	struct row_reader *reader = row_reader_open(wish->core, "clients", why);
	struct buf line = { 0 };
	int got = reader == NULL ? -1 : 1;
	bool found = false;

	while (got == 1 && !found) {
		json_t *row = NULL;

		buf_clear(&line);
		got = row_next(reader, NULL, &line, why);
		if (got == 1)
			row = json_read(line.data, line.size, why);
		found = row != NULL &&
		    strcmp(json_string_value(json_object_get(row, "slug")),
			wish->slug) == 0;
		json_decref(row);
	}
	if (found)
		packed_add_data(&wish->packed, "client", line.data, line.size);
	else if (got == 0)
		got = failure_set(why, EXIT_WRONG,
		    "%s: not among the clients of core.db", wish->slug);
	row_reader_close(reader);
	buf_free(&line);
	return found ? 0 : got;
}

static int
add_logins(struct wish *wish, struct failure *why)
{
	struct buf lines = { 0 };
	int result = 0;

	if (wish->access != NULL)
		result = access_pack(wish->access, wish->slug, &lines, why);
	if (result == 0 && lines.size > 0)
		packed_add_data(
		    &wish->packed, "logins", lines.data, lines.size);
	buf_free(&lines);
	return result;
}

/* All versions: what older ones sealed goes along. One may be gone. */
static int
add_keys(struct wish *wish, struct failure *why)
{
	unsigned char bytes[VAULT_KEY];

	for (int version = 1; version <= wish->newest; version++) {
		const char *name = arena_print(&wish->arena, "key.%d", version);
		struct vault_secret *key;

		if (access(arena_print(&wish->arena, "%s/keys/%s.%d",
			       wish->root, wish->uuid, version),
			F_OK) != 0)
			continue;
		key = ring_get(wish->ring, wish->uuid, (unsigned)version, why);
		if (key == NULL)
			return -1;
		ring_key_bytes(key, bytes);
		packed_add_data(&wish->packed, name, bytes, sizeof(bytes));
		explicit_bzero(bytes, sizeof(bytes));
		vault_secret_free(key);
	}
	return 0;
}

static void
add_file(void *context, const char *name, int64_t size)
{
	struct wish *wish = context;

	if (strlen(name) + sizeof("archive/") > PACKED_NAME)
		return; /* none of ours */
	packed_add_file(&wish->packed,
	    arena_print(&wish->arena, "archive/%s", name),
	    arena_print(&wish->arena, "%s/archive/%s/%s", wish->spool,
		wish->slug, name),
	    size);
}

static int
add_all(struct wish *wish, const struct backup_copy *copy, struct failure *why)
{
	struct stat info;

	if (add_client(wish, why) == -1 || add_logins(wish, why) == -1 ||
	    add_keys(wish, why) == -1)
		return -1;
	if (fstat(copy->fd, &info) != 0)
		return failure_set(why, EXIT_AGAIN, "%s:", wish->slug);
	packed_add_open(&wish->packed, "tenant.db", copy->fd, info.st_size);
	return spool_archive_files(
	    wish->spool, wish->slug, add_file, wish, why);
}

/* ---- the file --------------------------------------------------------- */

static int
note(const struct wish *wish, struct failure *why)
{
	struct buf object = { 0 };
	struct audit_event event = { .tenant = wish->slug,
		.actor = wish->actor,
		.event = "tenant.pack" };
	int result;

	buf_print(&object, "clients/%s", wish->uuid);
	event.object = object.data;
	result = audit_write(wish->core, &event, why);
	buf_free(&object);
	return result;
}

static int
pack(struct wish *wish, struct failure *why)
{
	struct vault_about about = { .time_ms = clock_now_ms(), .pack = true };
	struct backup_copy copy;
	struct stat info;
	int result = backup_copy_open(&copy, wish->root, wish->slug, why);

	if (result == 0)
		result = add_all(wish, &copy, why);
	if (result == 0)
		result = note(wish, why);
	if (result == 0) {
		about.schema = (uint32_t)copy.schema;
		memcpy(about.slug, wish->slug, strlen(wish->slug) + 1);
		memcpy(about.uuid, wish->uuid, sizeof(about.uuid));
		result = vault_seal_from(wish->secret, &about, packed_read,
		    &wish->packed, STDOUT_FILENO, "standard output", why);
	}
	if (result == 0 && fstat(STDOUT_FILENO, &info) == 0 &&
	    S_ISREG(info.st_mode) && fsync(STDOUT_FILENO) != 0)
		result = failure_set(why, EXIT_AGAIN, "standard output:");
	backup_copy_close(&copy);
	return result;
}

/* ---- start ------------------------------------------------------------ */

static void
read_options(struct wish *wish, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "ht:", options, NULL)) != -1)
		switch (c) {
		case 's':
			wish->spool = optarg;
			break;
		default:
			if (!secret_option(&wish->place, c))
				one_option(
				    &wish->root, &wish->slug, c, synopsis);
		}
	if (argc > optind || wish->slug == NULL)
		arg_usage(synopsis, false);
	if (!io_slug_ok(wish->slug))
		die(EXIT_WRONG, "\"%s\" is no name of a tenant", wish->slug);
	wish->root = arg_root(wish->root);
}

/* Its keys go along: without the master key they cannot. */
static void
open_ring(struct wish *wish)
{
	const char *folder = keys_folder(&wish->arena, wish->root);
	struct vault_secret *master;
	struct failure why;

	wish->newest = ring_newest(folder, wish->uuid, &why);
	if (wish->newest == -1)
		die_failure(&why);
	if (wish->newest == 0)
		return;
	master = master_must(wish->place.master, wish->root);
	wish->ring = ring_open(RING_TENANTS, master, folder, &why);
	if (wish->ring == NULL)
		die_failure(&why);
	vault_secret_free(master);
}

static void
open_all(struct wish *wish)
{
	struct failure why;
	int got;

	wish->core = core_open(wish->root, SQL_WRITE, &why);
	got = wish->core == NULL
	    ? -1
	    : keys_uuid(wish->core, wish->slug, wish->uuid, &why);
	if (got == -1)
		die_failure(&why);
	if (got == 0)
		die(EXIT_WRONG, "tenant %s: is not in core.db", wish->slug);
	wish->access = client_access(wish->root);
	wish->secret = secret_must(&wish->place);
	open_ring(wish);
}

static void
box(struct wish *wish)
{
	struct arena *arena = &wish->arena;
	const char *keys = arena_print(arena, "%s/keys", wish->root);
	const struct box_path more[] = {
		{ arena_print(arena, "%s/access.db", wish->root), BOX_WRITE },
		{ arena_print(arena, "%s/access.db-wal", wish->root),
		    BOX_WRITE },
		{ arena_print(arena, "%s/access.db-shm", wish->root),
		    BOX_WRITE },
		{ keys, BOX_READ }, { wish->spool, BOX_WRITE }
	};

	box_tenants_and(wish->root, &wish->slug, 1, true, more,
	    sizeof(more) / sizeof(*more));
}

int
pack_main(int argc, char **argv)
{
	struct wish wish = { .root = NULL };
	struct failure why;

	read_options(&wish, argc, argv);
	if (isatty(STDOUT_FILENO))
		die(EXIT_WRONG,
		    "standard output is a terminal: add >FILE, which gets all");
	if (wish.spool == NULL)
		wish.spool = arena_print(&wish.arena, "%s/spool", wish.root);
	wish.actor = actor_name(&wish.arena);
	open_all(&wish);
	io_stop_on_signals();
	box(&wish);
	if (pack(&wish, &why) == -1)
		die_failure(&why);
	packed_free(&wish.packed);
	ring_close(wish.ring);
	vault_secret_free(wish.secret);
	access_close(wish.access);
	sql_close(wish.core);
	arena_free(&wish.arena);
	return EXIT_OK;
}
