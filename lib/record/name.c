/* The names that stand in records and become elements of paths. */
#include <string.h>

#include "base/io.h"
#include "record/name.h"

static const bool allowed[256] = {
	['-'] = true, ['.'] = true, ['_'] = true,
	['0'] = true, ['1'] = true, ['2'] = true, ['3'] = true, ['4'] = true,
	['5'] = true, ['6'] = true, ['7'] = true, ['8'] = true, ['9'] = true,
	['A'] = true, ['B'] = true, ['C'] = true, ['D'] = true, ['E'] = true,
	['F'] = true, ['G'] = true, ['H'] = true, ['I'] = true, ['J'] = true,
	['K'] = true, ['L'] = true, ['M'] = true, ['N'] = true, ['O'] = true,
	['P'] = true, ['Q'] = true, ['R'] = true, ['S'] = true, ['T'] = true,
	['U'] = true, ['V'] = true, ['W'] = true, ['X'] = true, ['Y'] = true,
	['Z'] = true,
	['a'] = true, ['b'] = true, ['c'] = true, ['d'] = true, ['e'] = true,
	['f'] = true, ['g'] = true, ['h'] = true, ['i'] = true, ['j'] = true,
	['k'] = true, ['l'] = true, ['m'] = true, ['n'] = true, ['o'] = true,
	['p'] = true, ['q'] = true, ['r'] = true, ['s'] = true, ['t'] = true,
	['u'] = true, ['v'] = true, ['w'] = true, ['x'] = true, ['y'] = true,
	['z'] = true,
};

bool
name_check(const char *text, size_t size)
{
	if (size == 0 || size >= NAME_MAX_SIZE || text[0] == '.')
		return false;
	for (size_t i = 0; i < size; i++)
		if (!allowed[(unsigned char)text[i]])
			return false;
	return true;
}

bool
name_check_tenant(const char *text, size_t size)
{
	char slug[NAME_MAX_SIZE];

	if (size == 0 || size >= sizeof(slug))
		return false;
	memcpy(slug, text, size);
	slug[size] = '\0';
	return strlen(slug) == size && io_slug_ok(slug);
}
