/* A packed tenant as it comes in, part by part. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/num.h"
#include "packed.h"
#include "unpack.h"

/* A path of ours: segments that do not begin with a dot. */
static bool
is_path(const char *path)
{
	bool first = true;
	int depth = 0;

	for (; *path != '\0'; path++) {
		if (*path == '/' && (first || ++depth > 1))
			return false;
		if (*path == '.' && first)
			return false;
		if (!(*path >= '0' && *path <= '9') &&
		    !(*path >= 'a' && *path <= 'z') && *path != '-' &&
		    *path != '.' && *path != '/')
			return false;
		first = *path == '/';
	}
	return !first;
}

static int
open_archive(struct unpack *wish, const char *path, struct failure *why)
{
	const char *name =
	    arena_print(&wish->arena, "%s/%s", wish->beside, path);
	const char *slash = strrchr(path, '/');
	int fd;

	if (!is_path(path)) {
		failure_set(why, EXIT_WRONG, "archive: a name is none");
		return -2;
	}
	if (slash != NULL &&
	    mkdirat(wish->queue.archive,
		arena_print(&wish->arena, "%s/%.*s", wish->beside,
		    (int)(slash - path), path),
		0700) != 0 &&
	    errno != EEXIST)
		fd = -1;
	else
		fd = openat(wish->queue.archive, name,
		    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0)
		return fd;
	failure_set(why, EXIT_AGAIN, "archive: %s:", path);
	return -2;
}

static int
open_part(void *context, const char *name, struct failure *why)
{
	struct unpack *wish = context;

	if (strncmp(name, "archive/", 8) == 0)
		return open_archive(wish, name + 8, why);
	if (strcmp(name, "tenant.db") != 0)
		return -1;
	wish->database = true;
	return restore_fd(wish->restore);
}

static int
close_key(struct unpack *wish, const char *version_text, const char *data,
    size_t size, struct failure *why)
{
	struct vault_secret *key;
	int64_t version;

	if (size != VAULT_KEY || wish->keys == UNPACK_KEYS_MAX ||
	    !num_integer(version_text, strlen(version_text), 1,
		RING_VERSION_MAX, &version))
		return failure_set(why, EXIT_WRONG, "a key is none");
	key =
	    ring_key_from((const unsigned char *)data, (unsigned)version, why);
	if (key == NULL)
		return -1;
	wish->key[wish->keys++] = key;
	return 0;
}

static int
close_part(void *context, const char *name, int fd, const char *data,
    size_t size, struct failure *why)
{
	struct unpack *wish = context;

	if (fd != -1 && strcmp(name, "tenant.db") != 0)
		return fsync(fd) == 0 && close(fd) == 0
		    ? 0
		    : failure_set(why, EXIT_AGAIN, "%s:", name);
	if (fd != -1)
		return 0;
	if (strcmp(name, "client") == 0 && wish->client == NULL) {
		wish->client = json_read(data, size, why);
		return wish->client == NULL ? -1 : 0;
	}
	if (strcmp(name, "logins") == 0 && wish->logins == NULL) {
		wish->logins = mem_copy_bytes(data, size);
		return 0;
	}
	if (strncmp(name, "key.", 4) == 0)
		return close_key(wish, name + 4, data, size, why);
	return failure_set(
	    why, EXIT_WRONG, "%s: is no part that is known", name);
}

static bool
is_text(const json_t *object, const char *name, const char *wanted)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL && strcmp(text, wanted) == 0;
}

int
unpack_open(struct unpack *wish, int fd, struct failure *why)
{
	struct unpacked in = {
		.open = open_part, .close = close_part, .context = wish
	};
	struct vault_about about;
	int result = vault_open_to(wish->secret, wish->slug, fd, unpacked_write,
	    &in, wish->file, &about, why);

	unpacked_free(&in);
	if (result == -1)
		return -1;
	if (!in.ended || !wish->database ||
	    strcmp(about.uuid, wish->about.uuid) != 0 ||
	    !is_text(wish->client, "slug", wish->slug) ||
	    !is_text(wish->client, "uuid", about.uuid))
		return failure_set(why, EXIT_WRONG,
		    "%s: what is in it is no packed tenant", wish->file);
	if (wish->keys > 0 && wish->master == NULL)
		return failure_set(why, EXIT_WRONG,
		    "its keys need a master key here: see --master");
	return 0;
}
