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

/* How many of the first characters a name may have. Each line has several
 * names: four characters a turn. */
static inline size_t
span(const char *text, size_t most, unsigned char least)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t i = 0;

	for (; most - i >= 4; i += 4) {
		if (allowed[at[i]] < least)
			return i;
		if (allowed[at[i + 1]] < least)
			return i + 1;
		if (allowed[at[i + 2]] < least)
			return i + 2;
		if (allowed[at[i + 3]] < least)
			return i + 3;
	}
	while (i < most && allowed[at[i]] >= least)
		i++;
	return i;
}

size_t
name_span(const char *text)
{
	size_t size = span(text, NAME_MAX_SIZE, NAME);

	return size == NAME_MAX_SIZE || text[0] == '.' ? 0 : size;
}

size_t
name_span_tenant(const char *text)
{
	size_t size = span(text, NAME_MAX_SIZE, SLUG);

	return size == NAME_MAX_SIZE || text[0] == '-' ? 0 : size;
}

bool
name_check(const char *text, size_t size)
{
	return size > 0 && size < NAME_MAX_SIZE && text[0] != '.' &&
	    span(text, size, NAME) == size;
}

bool
name_check_tenant(const char *text, size_t size)
{
	return size > 0 && size < NAME_MAX_SIZE && text[0] != '-' &&
	    span(text, size, SLUG) == size;
}
