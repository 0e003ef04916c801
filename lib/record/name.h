/* The names that stand in records and become elements of paths. */
#ifndef RECORD_NAME_H
#define RECORD_NAME_H

#include <stdbool.h>
#include <stddef.h>

/* A name is at most this long, its NUL included. */
#define NAME_MAX_SIZE 64

/* How much of a text, which ends with a NUL, is the name of a device,
 * battery or profile or a boot id: [A-Za-z0-9._-]{1,63}, the first no dot.
 * 0 where that is none. */
size_t name_span(const char *text);
/* The same for a tenant: as io_slug_ok. */
size_t name_span_tenant(const char *text);
/* Is all of it one? */
bool name_check(const char *text, size_t size);
bool name_check_tenant(const char *text, size_t size);

#endif
