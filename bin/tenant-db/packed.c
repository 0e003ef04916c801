/* The stream of a packed tenant, out and in. */
#include "packed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"
#include "base/num.h"

#define DATA_MAX ((int64_t)16 << 20) /* of a part in memory */

/* ---- out -------------------------------------------------------------- */

static struct packed_part *
add(struct packed *packed, const char *name, int64_t size)
{
	struct packed_part *part;

	if (packed->count == packed->room) {
		packed->room = packed->room * 2 + 16;
		packed->part =
		    mem_grow(packed->part, packed->room, sizeof(*packed->part));
	}
	part = &packed->part[packed->count++];
	*part = (struct packed_part){
		.name = mem_copy_text(name), .size = size, .fd = -1
	};
	return part;
}

void
packed_add_data(
    struct packed *packed, const char *name, const void *data, size_t size)
{
	add(packed, name, (int64_t)size)->data = mem_copy_bytes(data, size);
}

void
packed_add_file(
    struct packed *packed, const char *name, const char *path, int64_t size)
{
	add(packed, name, size)->path = mem_copy_text(path);
}

void
packed_add_open(struct packed *packed, const char *name, int fd, int64_t size)
{
	add(packed, name, size)->fd = fd;
}

void
packed_free(struct packed *packed)
{
	for (size_t i = 0; i < packed->count; i++) {
		struct packed_part *part = &packed->part[i];

		if (part->data != NULL)
			explicit_bzero(part->data, (size_t)part->size);
		free(part->data);
		free(part->name);
		free(part->path);
	}
	free(packed->part);
	buf_free(&packed->head);
}

static int
begin(struct packed *packed, struct failure *why)
{
	const struct packed_part *part = &packed->part[packed->at];

	buf_clear(&packed->head);
	packed->head_at = 0;
	packed->begun = true;
	if (packed->at == packed->count) {
		buf_text(&packed->head, "end 0\n");
		return 0;
	}
	buf_print(
	    &packed->head, "%s %lld\n", part->name, (long long)part->size);
	packed->left = part->size;
	packed->fd = part->fd;
	if (part->path == NULL)
		return 0;
	packed->fd = open(part->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	return packed->fd >= 0
	    ? 0
	    : failure_set(why, EXIT_AGAIN, "%s:", part->path);
}

static void
end(struct packed *packed)
{
	if (packed->at < packed->count && packed->part[packed->at].path != NULL)
		close(packed->fd);
	packed->at++;
	packed->begun = false;
}

static ssize_t
read_part(struct packed *packed, void *out, size_t size, struct failure *why)
{
	const struct packed_part *part = &packed->part[packed->at];
	ssize_t got;

	if ((int64_t)size > packed->left)
		size = (size_t)packed->left;
	if (part->data != NULL) {
		memcpy(out, part->data + (part->size - packed->left), size);
		got = (ssize_t)size;
	} else {
		do
			got = read(packed->fd, out, size);
		while (got < 0 && errno == EINTR);
	}
	if (got < 0)
		return failure_set(why, EXIT_AGAIN, "%s:", part->name);
	if (got == 0)
		return failure_set(
		    why, EXIT_AGAIN, "%s: it shrank", part->name);
	packed->left -= got;
	return got;
}

ssize_t
packed_read(void *context, void *out, size_t size, struct failure *why)
{
	struct packed *packed = context;
	size_t left;

	if (packed->begun && packed->head_at == packed->head.size &&
	    packed->left == 0)
		end(packed);
	if (packed->at > packed->count)
		return 0;
	if (!packed->begun && begin(packed, why) == -1)
		return -1;
	left = packed->head.size - packed->head_at;
	if (left == 0)
		return read_part(packed, out, size, why);
	size = left < size ? left : size;
	memcpy(out, packed->head.data + packed->head_at, size);
	packed->head_at += size;
	return (ssize_t)size;
}

/* ---- in --------------------------------------------------------------- */

static int
refuse(struct failure *why)
{
	return failure_set(
	    why, EXIT_WRONG, "what is in it is no packed tenant");
}

/* A part is complete. */
static int
finish(struct unpacked *in, struct failure *why)
{
	int result = in->close(
	    in->context, in->name, in->fd, in->data.data, in->data.size, why);

	if (in->data.data != NULL)
		explicit_bzero(in->data.data, in->data.size);
	buf_clear(&in->data);
	in->inside = false;
	return result;
}

static int
start(struct unpacked *in, struct failure *why)
{
	const char *blank = strchr(in->line, ' ');

	if (in->ended || blank == NULL || blank == in->line ||
	    blank - in->line >= PACKED_NAME ||
	    !num_integer(blank + 1, strlen(blank + 1), 0, INT64_MAX, &in->left))
		return refuse(why);
	memcpy(in->name, in->line, (size_t)(blank - in->line));
	in->name[blank - in->line] = '\0';
	in->size = 0;
	if (strcmp(in->name, "end") == 0) {
		in->ended = true;
		return in->left == 0 ? 0 : refuse(why);
	}
	in->fd = in->open(in->context, in->name, why);
	if (in->fd == -2)
		return -1;
	if (in->fd == -1 && in->left > DATA_MAX)
		return refuse(why);
	in->inside = true;
	return in->left == 0 ? finish(in, why) : 0;
}

static int
take(struct unpacked *in, const char *data, size_t size, struct failure *why)
{
	if (in->fd == -1)
		buf_put(&in->data, data, size);
	else if (io_write_all(in->fd, data, size) == -1)
		return failure_set(why, EXIT_AGAIN, "%s:", in->name);
	in->left -= (int64_t)size;
	return in->left == 0 ? finish(in, why) : 0;
}

int
unpacked_write(
    void *context, const void *data, size_t size, struct failure *why)
{
	struct unpacked *in = context;
	const char *at = data;

	while (size > 0) {
		size_t step = 1;

		if (in->inside) {
			step =
			    (int64_t)size < in->left ? size : (size_t)in->left;
			if (take(in, at, step, why) == -1)
				return -1;
		} else if (*at == '\n') {
			in->line[in->size] = '\0';
			if (start(in, why) == -1)
				return -1;
		} else if (in->size + 1 < sizeof(in->line)) {
			in->line[in->size++] = *at;
		} else {
			return refuse(why);
		}
		at += step;
		size -= step;
	}
	return 0;
}

void
unpacked_free(struct unpacked *in)
{
	if (in->data.data != NULL)
		explicit_bzero(in->data.data, in->data.size);
	buf_free(&in->data);
}
