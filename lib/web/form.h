/* Fields of a form: application/x-www-form-urlencoded text, also the one
 * behind the '?' of a target. */
#ifndef WEB_FORM_H
#define WEB_FORM_H

#include <stdbool.h>
#include <stddef.h>

enum form_result { FORM_FOUND, FORM_ABSENT, FORM_BAD };

/*
 * The value of a field, decoded, with a NUL behind it. FORM_BAD: it is
 * there twice, does not fit into `room`, or has a bad escape. A decoded NUL
 * stays in it, so look at *size.
 */
enum form_result form_get(const char *form, size_t size, const char *name,
    char *out, size_t room, size_t *got);

#endif
