#include "base/csv.h"

#include <string.h>

/* U+FF1D = U+FF0B + U+FF0D - U+FF20 @ */
static const char *const wide_signs[] = { "\xef\xbc\x9d", "\xef\xbc\x8b",
	"\xef\xbc\x8d", "\xef\xbc\xa0" };

static bool
looks_like_formula(const char *text, size_t size)
{
	if (size == 0)
		return false;
	if (memchr("=+-@\t\r", text[0], 6) != NULL)
		return true;
	for (size_t i = 0; i < sizeof(wide_signs) / sizeof(*wide_signs); i++)
		if (size >= 3 && memcmp(text, wide_signs[i], 3) == 0)
			return true;
	return false;
}

static bool
needs_quotes(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (text[i] == ',' || text[i] == '"' || text[i] == '\n' ||
		    text[i] == '\r')
			return true;
	return size > 0 && (text[0] == ' ' || text[size - 1] == ' ');
}

void
csv_text(struct buf *out, const char *text, size_t size, bool guard)
{
	bool quoted = needs_quotes(text, size);

	if (quoted)
		buf_char(out, '"');
	if (guard && looks_like_formula(text, size))
		buf_char(out, '\'');
	for (size_t i = 0; i < size; i++) {
		if (text[i] == '"')
			buf_char(out, '"');
		buf_char(out, text[i]);
	}
	if (quoted)
		buf_char(out, '"');
}
