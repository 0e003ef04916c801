/* The files of a tenant's raw archive, to be taken elsewhere. */
#ifndef SPOOL_ARCHIVE_FILES_H
#define SPOOL_ARCHIVE_FILES_H

#include <stdint.h>

#include "base/err.h"

/* Call `each` for every file below archive/<tenant>, by its path from there,
 * with the size that it has while nothing is added to it. 0, also where there
 * are none; -1 with a failure. */
int spool_archive_files(const char *path, const char *tenant,
    void (*each)(void *context, const char *name, int64_t size), void *context,
    struct failure *why);

#endif
