/* One file of the archive, as it was compressed; used by the archive only. */
#ifndef SPOOL_ARCHIVE_FILE_H
#define SPOOL_ARCHIVE_FILE_H

#include "spool/spool.h"

struct archive_file {
	int fd;
	int64_t left; /* bytes; what grows later is not ours */
	char path[SPOOL_KEY_ROOM + 40]; /* tenant/day/name, as it was sealed */
	bool sealed;
	const char *data; /* of the last call, until the next */
	size_t size;
	/* private: */
	int64_t at; /* of the next sealed frame */
	struct buf raw, clear; /* a sealed frame, and what was in it */
};

/* The next bytes of the compressed text. NULL, or what is wrong. */
const char *archive_file_next(
    struct archive_file *file, const struct spool *spool, const char *tenant);
/* Frees its memory; fd stays the caller's. */
void archive_file_done(struct archive_file *file);

#endif
