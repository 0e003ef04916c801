/* Files of the site: opened beneath a directory, judged by what they are. */
#ifndef WEB_FILES_H
#define WEB_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "web/path.h"
#include "web/secret.h"

#define FILES_TAG 40 /* an ETag with its quotes and NUL */

struct files_file {
	int fd; /* closed by whom it is handed to */
	size_t size;
	char tag[FILES_TAG];
};

enum files_result {
	FILES_OPEN,
	FILES_NONE, /* not there, or not to be served */
	FILES_FOLDER, /* a folder asked for without its slash */
	FILES_FAILED /* the disk did not answer: 503 */
};

/*
 * Open a canonical path beneath `dir_fd`, skipping its first `skip` bytes
 * ("/-/assets" lies elsewhere). No link is followed, no mount crossed; it
 * must be a regular file with one name that others cannot write. A path
 * with a slash at its end means its index.html. `key` makes the ETag one
 * that tells nothing of the disk.
 */
enum files_result files_open(int dir_fd, const struct path *path, size_t skip,
    const uint8_t key[SECRET_SIZE], struct files_file *file);
/* Is one of the tags of If-None-Match (may be NULL) this one, or "*"? */
bool files_tag_known(const char *if_none_match, const char *tag);

#endif
