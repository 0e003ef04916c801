/*
 * All of a tenant as one stream, which is then sealed: for each part a line
 * "NAME SIZE" and that many bytes; "end 0" is the last. Parts: client, its
 * row of core as put takes it; logins, lines of access_unpack; key.N, 32
 * bytes; tenant.db; archive/…, files of its raw archive.
 */
#ifndef TENANT_DB_PACKED_H
#define TENANT_DB_PACKED_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

#define PACKED_NAME 300 /* with its NUL */

/* ---- out -------------------------------------------------------------- */

struct packed_part {
	char *name;
	int64_t size;
	char *data; /* of it; or */
	char *path; /* the file; or */
	int fd; /* open, not owned; else -1 */
};
struct packed {
	struct packed_part *part;
	size_t count, room;
	size_t at; /* the part in hand */
	int64_t left; /* of it */
	bool begun; /* its line is out */
	int fd;
	struct buf head; /* what is left of the line */
	size_t head_at;
};
/* Data is copied and wiped when it is freed. */
void packed_add_data(
    struct packed *packed, const char *name, const void *data, size_t size);
void packed_add_file(
    struct packed *packed, const char *name, const char *path, int64_t size);
void packed_add_open(
    struct packed *packed, const char *name, int fd, int64_t size);
/* A vault_source of it. */
ssize_t packed_read(void *packed, void *out, size_t size, struct failure *why);
void packed_free(struct packed *packed);

/* ---- in --------------------------------------------------------------- */

struct unpacked {
	/* Called where a part begins: a descriptor that takes it, -1 for one
	 * to be kept in memory, -2 with a failure. */
	int (*open)(void *context, const char *name, struct failure *why);
	/* Behind it; `data` is wiped then. 0 or -1 with a failure. */
	int (*close)(void *context, const char *name, int fd, const char *data,
	    size_t size, struct failure *why);
	void *context;
	bool ended; /* the end has come */
	/* private: */
	char line[PACKED_NAME + 24], name[PACKED_NAME];
	size_t size; /* of the line */
	int64_t left;
	int fd;
	bool inside;
	struct buf data;
};
/* A vault_sink of it. */
int unpacked_write(
    void *unpacked, const void *data, size_t size, struct failure *why);
void unpacked_free(struct unpacked *unpacked);

#endif
