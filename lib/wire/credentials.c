/* Credentials out of a file; what they are never reaches a message. */
#include "wire/credentials.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

/* ---- the lines ---------------------------------------------------------- */

static void
encode(struct buf *out, const char *text)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t size = strlen(text);

	for (size_t i = 0; i < size; i += 3) {
		unsigned bits = (unsigned)(unsigned char)text[i] << 16;

		if (i + 1 < size)
			bits |= (unsigned)(unsigned char)text[i + 1] << 8;
		if (i + 2 < size)
			bits |= (unsigned char)text[i + 2];
		buf_char(out, letters[bits >> 18]);
		buf_char(out, letters[bits >> 12 & 63]);
		buf_char(out, i + 1 < size ? letters[bits >> 6 & 63] : '=');
		buf_char(out, i + 2 < size ? letters[bits & 63] : '=');
	}
}

static void
wipe(struct buf *buf)
{
	if (buf->data != NULL)
		explicit_bzero(buf->data, buf->room);
	buf_free(buf);
}

/* "Name: value" of a header, both as given. */
static bool
add_header(struct credentials *all, const char *before, const char *value)
{
	size_t room = strlen(before) + strlen(value) + 1;
	char *line;

	if (all->count == CREDENTIALS_HEADERS_MAX || *value == '\0')
		return false;
	line = mem_alloc(room);
	(void)snprintf(line, room, "%s%s", before, value);
	all->header[all->count++] = line;
	return true;
}

static bool
add_basic(struct credentials *all, const char *value)
{
	struct buf text = { 0 };
	bool fine;

	if (strchr(value, ':') == NULL)
		return false;
	/* room at once, so that no copy is left behind */
	buf_reserve(&text, strlen(value) * 2 + 8);
	encode(&text, value);
	fine = add_header(all, "Authorization: Basic ", text.data);
	wipe(&text);
	return fine;
}

static bool
add_any(struct credentials *all, const char *value)
{
	const char *colon = strchr(value, ':');
	size_t name = colon == NULL ? 0 : (size_t)(colon - value);

	if (name == 0 ||
	    strspn(value,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789-_") != name ||
	    strncasecmp(value, "host:", 5) == 0)
		return false;
	return add_header(all, "", value);
}

/* Is this URL where the device is? */
static bool
is_place(const struct device *device, const char *url)
{
	struct device place = { .port = 0 };
	struct arena arena = { 0 };
	struct failure why;
	bool same;

	same = device_address(url, &arena, &place, &why) == 0 &&
	    place.tls == device->tls && place.port == device->port &&
	    place.link == device->link &&
	    strcasecmp(place.host, device->host) == 0 && *place.base == '\0';
	arena_free(&arena);
	return same;
}

/* One line; false where it is wrong. */
static bool
take_line(const struct device *device, char *line, struct credentials *all,
    bool *here)
{
	char *value = line + strcspn(line, " \t");

	if (*line == '\0' || *line == '#')
		return true;
	if (*value != '\0')
		*value++ = '\0';
	value += strspn(value, " \t");
	if (strcmp(line, "for") == 0) {
		*here |= is_place(device, value);
		return true;
	}
	if (strcmp(line, "bearer") == 0)
		return add_header(all, "Authorization: Bearer ", value);
	if (strcmp(line, "basic") == 0)
		return add_basic(all, value);
	if (strcmp(line, "header") == 0)
		return add_any(all, value);
	if (strcmp(line, "digest") == 0 && all->digest == NULL &&
	    strchr(value, ':') != NULL) {
		all->digest = mem_copy_text(value);
		return true;
	}
	return false;
}

static bool
is_printable(const char *text)
{
	for (; *text != '\0'; text++)
		if (((unsigned char)*text < ' ' && *text != '\t') ||
		    *text == 0x7f)
			return false;
	return true;
}

static int
take_lines(const struct device *device, char *text, struct credentials *all,
    struct failure *why)
{
	unsigned number = 0;
	bool here = false;

	while (text != NULL) {
		char *line = strsep(&text, "\n");
		size_t size = strlen(line);

		number++;
		while (size > 0 && strchr(" \t\r", line[size - 1]) != NULL)
			line[--size] = '\0';
		if (!is_printable(line) || !take_line(device, line, all, &here))
			return failure_set(why, EXIT_WRONG,
			    "line %u is none of for, bearer, basic, digest, "
			    "header",
			    number);
	}
	if (!here)
		return failure_set(why, EXIT_WRONG,
		    "it is not \"for\" the scheme, host and port of this "
		    "device");
	if (all->count == 0 && all->digest == NULL)
		return failure_set(why, EXIT_WRONG, "no credentials in it");
	return 0;
}

/* ---- the file ----------------------------------------------------------- */

static int
check_mode(const struct stat *st, struct failure *why)
{
	if (!S_ISREG(st->st_mode))
		return failure_set(why, EXIT_WRONG, "not a regular file");
	if ((st->st_mode & 027) != 0)
		return failure_set(why, EXIT_WRONG,
		    "others may read or change it: chmod 0600");
	if (st->st_uid != geteuid() && st->st_uid != 0)
		return failure_set(
		    why, EXIT_WRONG, "it belongs neither to us nor to root");
	if (st->st_size > CREDENTIALS_FILE_MAX)
		return failure_set(why, EXIT_WRONG, "longer than %d bytes",
		    CREDENTIALS_FILE_MAX);
	return 0;
}

static int
read_file(int fd, const struct device *device, struct credentials *all,
    struct failure *why)
{
	char text[CREDENTIALS_FILE_MAX + 1];
	struct stat st;
	ssize_t size;
	int status;

	if (fstat(fd, &st) != 0)
		return failure_set(why, EXIT_WRONG, "stat:");
	if (check_mode(&st, why) != 0)
		return -1;
	size = read(fd, text, sizeof(text) - 1);
	if (size < 0)
		return failure_set(why, EXIT_WRONG, "read:");
	text[size] = '\0';
	status = take_lines(device, text, all, why);
	explicit_bzero(text, sizeof(text));
	return status;
}

int
credentials_read(const struct device *device, struct credentials *credentials,
    struct failure *why)
{
	const char *path = device->secret;
	int fd, status;

	memset(credentials, 0, sizeof(*credentials));
	if (*path == '\0')
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return failure_set(why, EXIT_WRONG, "%s:", path);
	status = read_file(fd, device, credentials, why);
	close(fd);
	if (status == 0)
		return 0;
	credentials_free(credentials);
	failure_prefix(why, "%s", path);
	why->status = EXIT_WRONG;
	return -1;
}

void
credentials_free(struct credentials *credentials)
{
	for (size_t i = 0; i < credentials->count; i++) {
		explicit_bzero(
		    credentials->header[i], strlen(credentials->header[i]));
		free(credentials->header[i]);
	}
	if (credentials->digest != NULL)
		explicit_bzero(
		    credentials->digest, strlen(credentials->digest));
	free(credentials->digest);
	memset(credentials, 0, sizeof(*credentials));
}
