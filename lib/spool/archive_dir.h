/* The folders of the archive; used by the archive only. */
#ifndef SPOOL_ARCHIVE_DIR_H
#define SPOOL_ARCHIVE_DIR_H

#include "spool/spool.h"

/* All names of a directory that begin with two digits, sorted. */
int archive_list_dated(
    int dir_fd, struct spool_names *names, struct failure *why);
/* archive/<tenant>; EXIT_WRONG where there is none. */
int archive_open_tenant(
    const struct spool *spool, const char *tenant, struct failure *why);

#endif
