/* The names that stand in records and become elements of paths. */
#ifndef RECORD_NAME_H
#define RECORD_NAME_H

#include <stdbool.h>
#include <stddef.h>

/* A name is at most this long, its NUL included. */
#define NAME_MAX_SIZE 64

/* A device, battery, profile or boot id: [A-Za-z0-9._-]{1,63}, the first
 * no dot. */
bool name_check(const char *text, size_t size);
/* A tenant: as io_slug_ok, but by its length. */
bool name_check_tenant(const char *text, size_t size);

#endif
