/*
 * The files of a view. One is replaced only where its bytes differ, so that
 * what copies the site onward and the browsers see little change; and what
 * was not written in a whole run is removed, so that a battery which left
 * the view leaves no page behind.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "dashboard.h"

#define PATH_ROOM 4096
#define FILE_LIMIT ((size_t)64 << 20)

struct out {
	char dir[PATH_ROOM / 2];
	char **name; /* what was written, below dir */
	size_t count, room, changed;
	struct buf old;
	bool sorted;
};

struct out *
out_open(
    const char *root, const char *tenant, const char *view, struct failure *why)
{
	struct out *out = mem_zero(1, sizeof(*out));

	snprintf(
	    out->dir, sizeof(out->dir), "%s/site/%s/%s", root, tenant, view);
	if (io_mkdirs(out->dir, 0750, why) == 0)
		return out;
	out_free(out);
	return NULL;
}

static void
note(struct out *out, const char *path)
{
	if (out->count == out->room) {
		out->room = out->room == 0 ? 256 : out->room * 2;
		out->name = mem_grow(out->name, out->room, sizeof(*out->name));
	}
	out->name[out->count++] = mem_copy_text(path);
	out->sorted = false;
}

/* Is that what the file holds already? */
static bool
same(struct out *out, const char *path, const struct buf *bytes)
{
	struct failure ignored;
	struct stat st;

	if (lstat(path, &st) == -1 || !S_ISREG(st.st_mode) ||
	    (size_t)st.st_size != bytes->size)
		return false;
	buf_clear(&out->old);
	return io_file_read(AT_FDCWD, path, FILE_LIMIT, &out->old, &ignored) ==
	    0 &&
	    out->old.size == bytes->size &&
	    (bytes->size == 0 ||
		memcmp(out->old.data, bytes->data, bytes->size) == 0);
}

int
out_file(struct out *out, const char *path, const struct buf *bytes,
    struct failure *why)
{
	char full[2 * PATH_ROOM], *slash;
	int result;

	snprintf(full, sizeof(full), "%s/%s", out->dir, path);
	note(out, path);
	if (same(out, full, bytes))
		return 0;
	slash = strrchr(full, '/');
	*slash = '\0';
	result = io_mkdirs(full, 0750, why);
	*slash = '/';
	out->changed++;
	return result == -1
	    ? -1
	    : io_file_replace(full, bytes->data == NULL ? "" : bytes->data,
		  bytes->size, 0640, false, why);
}

int
out_copy(
    struct out *out, const char *from, const char *path, struct failure *why)
{
	struct buf bytes = { 0 };
	int result = io_file_read(AT_FDCWD, from, FILE_LIMIT, &bytes, why);

	if (result == 0)
		result = out_file(out, path, &bytes, why);
	buf_free(&bytes);
	return result;
}

static int
copy_entry(
    struct out *out, const char *from, const char *path, struct failure *why)
{
	struct stat st;

	if (stat(from, &st) == -1)
		return failure_set(why, EXIT_AGAIN, "%s:", from);
	return S_ISDIR(st.st_mode) ? out_tree(out, from, path, why)
				   : out_copy(out, from, path, why);
}

int
out_tree(
    struct out *out, const char *from, const char *path, struct failure *why)
{
	DIR *dir = opendir(from);
	char source[PATH_ROOM], target[PATH_ROOM];
	struct dirent *entry;
	int result = 0;

	if (dir == NULL)
		return failure_set(why, EXIT_WRONG, "%s:", from);
	while (result == 0 && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(source, sizeof(source), "%s/%s", from, entry->d_name);
		snprintf(target, sizeof(target), "%s%s%s", path,
		    *path == '\0' ? "" : "/", entry->d_name);
		result = copy_entry(out, source, target, why);
	}
	closedir(dir);
	return result;
}

static int
order(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool
written(struct out *out, const char *path)
{
	if (!out->sorted && out->count > 0)
		qsort(out->name, out->count, sizeof(*out->name), order);
	out->sorted = true;
	return out->count > 0 &&
	    bsearch(&path, out->name, out->count, sizeof(*out->name), order) !=
	    NULL;
}

/* data/live belongs to live(1), but for batteries that are not here. */
static bool
kept(struct out *out, const char *path)
{
	static const char live[] = "data/live/";
	char page[2 * PATH_ROOM];
	size_t size;

	if (strncmp(path, live, sizeof(live) - 1) != 0)
		return written(out, path);
	path += sizeof(live) - 1;
	size = strlen(path);
	if (size <= 5 || strcmp(path + size - 5, ".json") != 0 ||
	    strcmp(path, "fleet.json") == 0)
		return true;
	snprintf(
	    page, sizeof(page), "data/b/%.*s/24h.json", (int)size - 5, path);
	return written(out, page);
}

static int
prune(struct out *out, const char *path, struct failure *why)
{
	char full[2 * PATH_ROOM], below[PATH_ROOM];
	struct dirent *entry;
	struct stat st;
	DIR *dir;

	snprintf(full, sizeof(full), "%s/%s", out->dir, path);
	dir = opendir(full);
	if (dir == NULL)
		return failure_set(why, EXIT_AGAIN, "%s:", full);
	while ((entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(below, sizeof(below), "%s%s%s", path,
		    *path == '\0' ? "" : "/", entry->d_name);
		snprintf(full, sizeof(full), "%s/%s", out->dir, below);
		if (lstat(full, &st) == -1)
			continue; /* gone meanwhile: live replaces files */
		if (S_ISDIR(st.st_mode))
			prune(out, below, why);
		else if (!kept(out, below) && unlink(full) == 0)
			out->changed++;
	}
	closedir(dir);
	snprintf(full, sizeof(full), "%s/%s", out->dir, path);
	if (*path != '\0')
		rmdir(full); /* fails where something is left */
	return 0;
}

int
out_prune(struct out *out, struct failure *why)
{
	return prune(out, "", why);
}

int
out_views(const char *root, const char *tenant, const struct view *views,
    size_t count, struct failure *why)
{
	char path[PATH_ROOM];
	struct dirent *entry;
	struct out *out;
	size_t i;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/site/%s", root, tenant);
	dir = opendir(path);
	if (dir == NULL)
		return errno == ENOENT
		    ? 0
		    : failure_set(why, EXIT_AGAIN, "%s:", path);
	while ((entry = readdir(dir)) != NULL) {
		for (i = 0; i < count; i++)
			if (strcmp(views[i].slug, entry->d_name) == 0)
				break;
		if (i < count || !io_slug_ok(entry->d_name))
			continue;
		snprintf(path, sizeof(path), "%s/site/%s/%s/data/live", root,
		    tenant, entry->d_name);
		out = out_open(root, tenant, entry->d_name, why);
		if (out == NULL)
			break;
		prune(out, "", why);
		unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
		rmdir(out->dir);
		out_free(out);
	}
	closedir(dir);
	return 0;
}

size_t
out_changed(const struct out *out)
{
	return out->changed;
}

void
out_free(struct out *out)
{
	if (out == NULL)
		return;
	for (size_t i = 0; i < out->count; i++)
		free(out->name[i]);
	free(out->name);
	buf_free(&out->old);
	free(out);
}
