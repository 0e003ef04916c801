/* Fields of a form. */
#include "web/form.h"

#include <stdint.h>
#include <string.h>

#include "base/num.h"

/* One decoded byte at *at, which moves on; -1 for a bad escape. */
static int
byte_next(const char **at, const char *end)
{
	uint8_t byte;
	char c = *(*at)++;

	if (c == '+')
		return ' ';
	if (c != '%')
		return (unsigned char)c;
	if (end - *at < 2 || num_hex(*at, 2, &byte, 1) != 1)
		return -1;
	*at += 2;
	return byte;
}

/* Does the field's name (still encoded) say this? */
static bool
named(const char *at, const char *end, const char *name)
{
	while (at < end && *name != '\0')
		if (byte_next(&at, end) != (unsigned char)*name++)
			return false;
	return at == end && *name == '\0';
}

static enum form_result
value(const char *at, const char *end, char *out, size_t room, size_t *got)
{
	size_t n = 0;

	while (at < end) {
		int byte = byte_next(&at, end);

		if (byte < 0 || n + 1 >= room)
			return FORM_BAD;
		out[n++] = (char)byte;
	}
	out[n] = '\0';
	*got = n;
	return FORM_FOUND;
}

enum form_result
form_get(const char *form, size_t size, const char *name, char *out,
    size_t room, size_t *got)
{
	const char *end = form + size;
	enum form_result result = FORM_ABSENT;

	*got = 0;
	out[0] = '\0';
	for (const char *at = form; at < end;) {
		const char *stop = memchr(at, '&', (size_t)(end - at));
		const char *equal;

		if (stop == NULL)
			stop = end;
		equal = memchr(at, '=', (size_t)(stop - at));
		if (equal != NULL && named(at, equal, name)) {
			if (result != FORM_ABSENT)
				return FORM_BAD;
			result = value(equal + 1, stop, out, room, got);
			if (result != FORM_FOUND)
				return result;
		}
		at = stop + 1;
	}
	return result;
}
