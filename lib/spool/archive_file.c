#include "spool/archive_file.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "spool/keys.h"
#include "vault/frame.h"

#define READ_SIZE ((size_t)128 << 10)

/* As many bytes as are asked for; NULL, or what is wrong. */
static const char *
read_bytes(struct archive_file *file, char *out, size_t size)
{
	if (file->left < (int64_t)size)
		return "its end is missing";
	while (size > 0) {
		ssize_t got = read(file->fd, out, size);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? strerror(errno) : "it shrank";
		file->left -= got;
		out += got;
		size -= (size_t)got;
	}
	return NULL;
}

static const char *
read_block(struct archive_file *file)
{
	file->size =
	    file->left < (int64_t)READ_SIZE ? (size_t)file->left : READ_SIZE;
	file->data = buf_reserve(&file->raw, READ_SIZE);
	return read_bytes(file, file->raw.data, file->size);
}

static const char *
open_frame(struct archive_file *file, const struct spool *spool,
    const char *tenant, const unsigned char *head, unsigned version)
{
	struct frame_place place = { file->path, file->at };
	const struct vault_secret *key;
	struct failure why;

	if (spool->keys == NULL ||
	    spool_keys_get(spool->keys, tenant, version, &key, &why) != 1)
		return "is sealed, and its key is not there: see --master and "
		       "--root";
	return frame_open(key, &place, head, file->raw.data, &file->clear)
	    ? NULL
	    : "a frame is not what was written there";
}

static const char *
read_frame(
    struct archive_file *file, const struct spool *spool, const char *tenant)
{
	unsigned char head[FRAME_HEAD];
	const char *wrong = read_bytes(file, (char *)head, sizeof(head));
	unsigned version;
	size_t size;

	if (wrong != NULL)
		return wrong;
	if (!frame_head(head, &version, &size))
		return "a frame is damaged";
	if ((int64_t)size > file->left)
		return "its end is missing";
	buf_clear(&file->raw);
	buf_clear(&file->clear);
	wrong = read_bytes(file, buf_reserve(&file->raw, size), size);
	if (wrong == NULL)
		wrong = open_frame(file, spool, tenant, head, version);
	file->at += (int64_t)(sizeof(head) + size);
	file->data = file->clear.data;
	file->size = file->clear.size;
	return wrong;
}

const char *
archive_file_next(
    struct archive_file *file, const struct spool *spool, const char *tenant)
{
	return file->sealed ? read_frame(file, spool, tenant)
			    : read_block(file);
}

void
archive_file_done(struct archive_file *file)
{
	buf_free(&file->raw);
	buf_free(&file->clear);
}
