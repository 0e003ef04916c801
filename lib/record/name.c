/* The names that stand in records and become elements of paths. */
#include "record/name.h"

enum { NONE, NAME, SLUG }; /* a slug's characters are a name's as well */

#define DIGITS SLUG, SLUG, SLUG, SLUG, SLUG, SLUG, SLUG, SLUG, SLUG, SLUG
#define LETTERS(of)                                                            \
	of, of, of, of, of, of, of, of, of, of, of, of, of, of, of, of, of,    \
	    of, of, of, of, of, of, of, of, of

static const unsigned char allowed[256] = { [0x2d] = SLUG,
	NAME,
	NONE, /* - . / */
	DIGITS,
	NONE,
	NONE,
	NONE,
	NONE,
	NONE,
	NONE,
	NONE,
	LETTERS(NAME),
	NONE,
	NONE,
	NONE,
	NONE,
	NAME,
	NONE,
	LETTERS(SLUG) };

_Static_assert(
    '-' == 0x2d && '0' == 0x30 && 'A' == 0x41 && '_' == 0x5f && 'a' == 0x61,
    "the table is in the order of ASCII");

/* Each line has several names: four characters a turn. What ends the text
 * is in no name, so nothing behind it is looked at. */
static inline size_t
span(const char *text, unsigned char least)
{
	const unsigned char *first = (const unsigned char *)text, *at = first;

	for (;; at += 4) {
		if (allowed[at[0]] < least)
			return (size_t)(at - first);
		if (allowed[at[1]] < least)
			return (size_t)(at - first) + 1;
		if (allowed[at[2]] < least)
			return (size_t)(at - first) + 2;
		if (allowed[at[3]] < least)
			return (size_t)(at - first) + 3;
	}
}

size_t
name_span(const char *text)
{
	size_t size = span(text, NAME);

	return size >= NAME_MAX_SIZE || text[0] == '.' ? 0 : size;
}

size_t
name_span_tenant(const char *text)
{
	size_t size = span(text, SLUG);

	return size >= NAME_MAX_SIZE || text[0] == '-' ? 0 : size;
}

bool
name_check(const char *text, size_t size)
{
	return size > 0 && name_span(text) == size;
}

bool
name_check_tenant(const char *text, size_t size)
{
	return size > 0 && name_span_tenant(text) == size;
}
