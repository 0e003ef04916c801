#include "rights.h"

#include <libgen.h>
#include <stdlib.h>
#include <string.h>

#include "base/box.h"

#define OWN_PATHS 16 /* at most, beside those of the devices */
#define DEVICE_PATHS 3

/* The directory that holds a file. */
static const char *
directory_of(struct arena *arena, const char *path)
{
	char *real = realpath(path, NULL);
	const char *text = real != NULL ? real : path;
	char *copy = arena_text(arena, text, strlen(text));

	free(real);
	return dirname(copy);
}

/* Has one of the paths this right already? */
static bool
is_open(const struct box_path *paths, size_t count, const char *path,
    enum box_right right)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(paths[i].path, path) == 0 &&
		    (paths[i].right == BOX_WRITE || right == BOX_READ))
			return true;
	return false;
}

/* The directory of a file, if there is one and it is not open yet. */
static size_t
add_path(struct box_path *paths, size_t count, struct arena *arena,
    const char *file, enum box_right right)
{
	const char *path;

	if (file[0] != '/')
		return count;
	path = directory_of(arena, file);
	if (is_open(paths, count, path, right))
		return count;
	paths[count] = (struct box_path){ path, right };
	return count + 1;
}

/*
 * The directories of device nodes, logs, credentials and the list stay open
 * to us, not only the files: adapters are unplugged, files are replaced by
 * rename.
 */
static size_t
device_paths(
    const struct devices *devices, struct arena *arena, struct box_path *paths)
{
	size_t count = 0;

	for (size_t i = 0; i < devices->count; i++) {
		const struct device *device = &devices->item[i];
		enum box_right right =
		    device->link == LINK_CANDUMP ? BOX_READ : BOX_WRITE;

		count = add_path(paths, count, arena, device->host, right);
		count = add_path(paths, count, arena, device->secret, BOX_READ);
		count = add_path(paths, count, arena, device->cafile, BOX_READ);
	}
	return count;
}

void
rights_give_up(const struct rights *rights, const struct devices *devices)
{
	/* What names are looked up with, and may be replaced as we run. */
	static const char *const lookup[] = { "/usr/lib", "/lib",
		"/etc/ld.so.cache", "/run/systemd/resolve", "/run/resolvconf",
		"/run/NetworkManager" };
	size_t room = OWN_PATHS + DEVICE_PATHS * devices->count;
	struct arena arena = { 0 };
	struct box_path *paths = arena_alloc(&arena, room * sizeof(*paths));
	struct failure why;
	size_t count = 0;

	paths[count++] = (struct box_path){ rights->profile_dir, BOX_READ };
	if (strcmp(rights->devices_path, "-") != 0)
		paths[count++] = (struct box_path){
			directory_of(&arena, rights->devices_path), BOX_READ
		};
	for (size_t i = 0; i < sizeof(lookup) / sizeof(*lookup); i++)
		paths[count++] = (struct box_path){ lookup[i], BOX_READ };
	if (rights->state_path != NULL)
		paths[count++] =
		    (struct box_path){ directory_of(&arena, rights->state_path),
			    BOX_WRITE };
	count += device_paths(devices, &arena, paths + count);
	if (box_enter(paths, count, BOX_NET_CLIENT | BOX_THREADS,
		rights->require_box, NULL, 0, &why) < 0)
		die_failure(&why);
	arena_free(&arena);
}
