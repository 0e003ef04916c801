#include "spool/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "base/io.h"
#include "base/mem.h"
#include "spool/journal.h"
#include "spool/keys.h"
#include "vault/frame.h"

#define PORTION_SIZE ((size_t)8 << 20) /* of lines in memory at once */
#define SEGMENT_SIZE_MAX ((size_t)256 << 20)
#define LEVEL 3
#define SEALED ".sealed"

/* A line of the portion at hand and the file that it goes to. */
struct item {
	/* tenant/day/hour.ndjson.zst or .ndjson.zst.sealed */
	char path[SPOOL_KEY_ROOM + 40];
	size_t start, size; /* in the portion; with line end */
};

struct portion {
	struct buf text; /* the segments, one behind the other */
	struct buf journal;
	struct item *item;
	size_t count, room;
	char tenant[SPOOL_KEY_ROOM]; /* of the last line; "": none yet */
	bool sealed; /* has it a key? */
};

static int
compare_items(const void *a, const void *b)
{
	const struct item *one = a, *other = b;
	int order = strcmp(one->path, other->path);

	return order != 0
	    ? order
	    : (one->start > other->start) - (one->start < other->start);
}

/* The key of a tenant's archive; 1, 0 it is not sealed, -1 a failure. */
static int
find_key(const struct spool *spool, const char *tenant,
    const struct vault_secret **key, struct failure *why)
{
	if (spool->keys == NULL || strcmp(tenant, "-") == 0)
		return 0;
	return spool_keys_get(spool->keys, tenant, 0, key, why);
}

/* Lines of a tenant often follow each other: its key is looked for once. */
static int
look_at_tenant(const struct spool *spool, struct portion *portion,
    const char *tenant, struct failure *why)
{
	const struct vault_secret *key;
	int got;

	if (strcmp(tenant, portion->tenant) == 0)
		return 0;
	got = find_key(spool, tenant, &key, why);
	if (got == -1)
		return -1;
	portion->sealed = got == 1;
	snprintf(portion->tenant, sizeof(portion->tenant), "%s", tenant);
	return 0;
}

static int
add_item(const struct spool *spool, struct portion *portion,
    const struct spool_key *key, int64_t time_ms, size_t start, size_t size,
    struct failure *why)
{
	struct buf time = { 0 };
	struct item *item;

	if (look_at_tenant(spool, portion, key->tenant, why) == -1)
		return -1;

	if (portion->count == portion->room) {
		portion->room = portion->room * 2 + 1024;
		portion->item = mem_grow(
		    portion->item, portion->room, sizeof(*portion->item));
	}
	item = &portion->item[portion->count++];
	buf_time(&time, time_ms); /* 2026-01-02T03:… */
	snprintf(item->path, sizeof(item->path), "%s/%.10s/%.2s.ndjson.zst%s",
	    key->tenant, time.data, time.data + 11,
	    portion->sealed ? SEALED : "");
	item->start = start;
	item->size = size;
	buf_free(&time);
	return 0;
}

static int
load_segment(const struct spool *spool, const char *name,
    struct portion *portion, struct failure *why)
{
	size_t at = portion->text.size, size;
	struct spool_key key;
	const char *line;
	struct stat st;
	int64_t put_ms;

	if (fstatat(spool->fed, name, &st, 0) != 0)
		return failure_set(why, EXIT_AGAIN, "spool: fed/%s:", name);
	put_ms = (int64_t)st.st_mtim.tv_sec * 1000;
	if (io_file_read(spool->fed, name, at + SEGMENT_SIZE_MAX,
		&portion->text, why) != 0)
		return failure_prefix(why, "spool: fed");
	while (spool_line(&portion->text, &at, &line, &size)) {
		spool_key(line, size, &key);
		if (add_item(spool, portion, &key,
			key.time_ms >= 0 ? key.time_ms : put_ms,
			(size_t)(line - portion->text.data), size + 1,
			why) != 0)
			return -1;
	}
	buf_print(&portion->journal, "S %s\n", name);
	return 0;
}

/* Call `make` for tenant/day and tenant, then for the archive itself. */
static int
each_folder(const struct spool *spool, const char *path,
    int (*make)(int archive, const char *folder))
{
	char day[SPOOL_KEY_ROOM + 32], tenant[SPOOL_KEY_ROOM];

	snprintf(
	    day, sizeof(day), "%.*s", (int)(strrchr(path, '/') - path), path);
	snprintf(tenant, sizeof(tenant), "%.*s", (int)strcspn(path, "/"), path);
	if (make(spool->archive, tenant) != 0 || make(spool->archive, day) != 0)
		return -1;
	return make(spool->archive, ".");
}

static int
make_folder(int archive, const char *folder)
{
	return mkdirat(archive, folder, 0700) == 0 || errno == EEXIST ? 0 : -1;
}

/* The size of each file before it grows goes into the journal. */
static int
note_files(
    const struct spool *spool, struct portion *portion, struct failure *why)
{
	const char *last = "";
	struct stat st;
	size_t i;

	for (i = 0; i < portion->count; i++) {
		const char *path = portion->item[i].path;

		if (strcmp(path, last) == 0)
			continue;
		last = path;
		if (fstatat(spool->archive, path, &st, 0) != 0) {
			if (errno != ENOENT)
				return failure_set(why, EXIT_AGAIN,
				    "spool: archive/%s:", path);
			st.st_size = 0;
		}
		buf_print(&portion->journal, "F %" PRId64 " %s\n",
		    (int64_t)st.st_size, path);
	}
	return 0;
}

/* Append and make it safe, with the folders where the file is new. */
static int
write_file(
    const struct spool *spool, const char *path, const void *data, size_t size)
{
	bool fresh = faccessat(spool->archive, path, F_OK, 0) != 0;
	int fd, status;

	if (fresh && each_folder(spool, path, make_folder) != 0)
		return -1;
	fd = openat(spool->archive, path,
	    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -1;
	status = io_write_all(fd, data, size);
	if (status == 0)
		status = fsync(fd);
	close(fd);
	if (status == 0 && fresh)
		status = each_folder(spool, path, io_sync);
	return status;
}

/* The compressed frame, sealed for the place where it will stand. */
static int
write_sealed(const struct spool *spool, const char *path, const void *data,
    size_t size, struct failure *why)
{
	struct frame_place place = { path, 0 };
	const struct vault_secret *key = NULL;
	char tenant[SPOOL_KEY_ROOM];
	struct buf frame = { 0 };
	struct stat st;
	int status;

	snprintf(tenant, sizeof(tenant), "%.*s", (int)strcspn(path, "/"), path);
	status = find_key(spool, tenant, &key, why);
	if (status != 1)
		return status == -1
		    ? -1
		    : failure_set(why, EXIT_AGAIN,
			  "spool: the key of tenant %s is gone", tenant);
	if (fstatat(spool->archive, path, &st, 0) == 0)
		place.at = st.st_size;
	else if (errno != ENOENT)
		return failure_set(why, EXIT_AGAIN, "spool: archive/%s:", path);
	frame_seal(key, &place, data, size, &frame);
	status = write_file(spool, path, frame.data, frame.size);
	if (status != 0)
		failure_set(why, EXIT_AGAIN, "spool: archive/%s:", path);
	buf_free(&frame);
	return status;
}

static bool
is_sealed(const char *path)
{
	size_t size = strlen(path), end = strlen(SEALED);

	return size > end && strcmp(path + size - end, SEALED) == 0;
}

static int
append(const struct spool *spool, const char *path, const struct buf *text,
    struct failure *why)
{
	size_t room = ZSTD_compressBound(text->size), size;
	ZSTD_CCtx *context = ZSTD_createCCtx();
	char *out = mem_alloc(room);
	int status = -1;

	ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, LEVEL);
	ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
	size = ZSTD_compress2(context, out, room, text->data, text->size);
	ZSTD_freeCCtx(context);
	errno = ENOMEM;
	if (!ZSTD_isError(size) && is_sealed(path)) {
		status = write_sealed(spool, path, out, size, why);
	} else {
		if (!ZSTD_isError(size))
			status = write_file(spool, path, out, size);
		if (status != 0)
			failure_set(
			    why, EXIT_AGAIN, "spool: archive/%s:", path);
	}
	mem_free(out);
	return status;
}

static int
append_all(const struct spool *spool, const struct portion *portion,
    struct failure *why)
{
	struct buf text = { 0 };
	size_t i, first = 0;
	int status = 0;

	for (i = 0; status == 0 && i < portion->count; i++) {
		const struct item *item = &portion->item[i];

		buf_put(&text, portion->text.data + item->start, item->size);
		if (i + 1 < portion->count &&
		    strcmp(item->path, portion->item[i + 1].path) == 0)
			continue;
		status = append(spool, portion->item[first].path, &text, why);
		first = i + 1;
		buf_clear(&text);
	}
	buf_free(&text);
	return status;
}

static int
store(const struct spool *spool, struct portion *portion, struct failure *why)
{
	struct failure ignored;

	if (portion->count > 0)
		qsort(portion->item, portion->count, sizeof(*portion->item),
		    compare_items);
	if (note_files(spool, portion, why) != 0 ||
	    journal_begin(spool, &portion->journal, why) != 0)
		return -1;
	if (append_all(spool, portion, why) == 0)
		return journal_finish(spool, why);
	journal_undo(spool, &ignored); /* else the next start does it */
	return -1;
}

int
spool_archive(const struct spool *spool, const struct spool_names *names,
    struct failure *why)
{
	struct portion portion = { 0 };
	int lock, status = journal_lock(spool, LOCK_EX, &lock, why);
	size_t i;

	if (status == 0)
		status = journal_recover(spool, why);

	for (i = 0; status == 0 && i < names->count; i++) {
		status = load_segment(spool, names->name[i], &portion, why);
		if (status != 0 ||
		    (i + 1 < names->count && portion.text.size < PORTION_SIZE))
			continue;
		status = store(spool, &portion, why);
		buf_clear(&portion.text);
		buf_clear(&portion.journal);
		portion.count = 0;
		portion.tenant[0] = '\0';
	}
	buf_free(&portion.text);
	buf_free(&portion.journal);
	mem_free(portion.item);
	journal_unlock(lock);
	return status;
}

int
spool_archive_recover(const struct spool *spool, struct failure *why)
{
	int lock, status = journal_lock(spool, LOCK_EX, &lock, why);

	if (status == 0)
		status = journal_recover(spool, why);
	journal_unlock(lock);
	return status;
}
