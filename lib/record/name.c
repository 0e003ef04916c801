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

/* Each line has several names: four characters a turn. */
static inline bool
all_are(const char *text, size_t size, unsigned char least)
{
	const unsigned char *at = (const unsigned char *)text;

	for (; size >= 4; at += 4, size -= 4)
		if (allowed[at[0]] < least || allowed[at[1]] < least ||
		    allowed[at[2]] < least || allowed[at[3]] < least)
			return false;
	for (; size > 0; at++, size--)
		if (allowed[*at] < least)
			return false;
	return true;
}

bool
name_check(const char *text, size_t size)
{
	if (size == 0 || size >= NAME_MAX_SIZE || text[0] == '.')
		return false;
	return all_are(text, size, NAME);
}

bool
name_check_tenant(const char *text, size_t size)
{
	if (size == 0 || size >= NAME_MAX_SIZE || text[0] == '-')
		return false;
	return all_are(text, size, SLUG);
}
