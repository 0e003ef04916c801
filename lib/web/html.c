/*
 * Escaping is done here and nowhere else. A %s is the only way for data
 * into a page, so a page cannot forget to escape.
 */
#include "web/html.h"

#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#define HOLE_MAX 16 /* "%-08.3lld" and shorter */
#define REPLACEMENT "\xef\xbf\xbd"

/* The character at p (at most `size` bytes): its length and *code; of an
 * ill-formed sequence one byte, with the code U+FFFD. */
static size_t
decode(const unsigned char *p, size_t size, uint32_t *code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t length = *p < 0x80 ? 1
	    : *p < 0xc2           ? 0
	    : *p < 0xe0           ? 2
	    : *p < 0xf0           ? 3
	    : *p < 0xf5           ? 4
				  : 0;
	uint32_t value;

	*code = length == 1 ? *p : 0xfffd;
	if (length <= 1 || length > size)
		return 1;
	value = *p & (0x7fu >> length);
	for (size_t i = 1; i < length; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 1;
		value = value << 6 | (p[i] & 0x3fu);
	}
	if (value < least[length] || value > 0x10ffff ||
	    (value >= 0xd800 && value < 0xe000))
		return 1;
	*code = value;
	return length;
}

/* What stands for a character; NULL: the character itself. */
static const char *
entity(uint32_t code)
{
	switch (code) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	case '\t':
	case '\n':
		return NULL;
	case 0x2028:
	case 0x2029:
		return " ";
	default:
		break;
	}
	if (code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0xfffd ||
	    (code & 0xfffe) == 0xfffe || (code >= 0xfdd0 && code <= 0xfdef))
		return REPLACEMENT;
	if ((code >= 0x202a && code <= 0x202e) ||
	    (code >= 0x2066 && code <= 0x2069))
		return "";
	return NULL;
}

void
html_text_sized(struct buf *out, const char *text, size_t size)
{
	const unsigned char *p = (const unsigned char *)text;
	const unsigned char *end = p + size, *plain = p;

	while (p < end) {
		uint32_t code;
		size_t length = decode(p, (size_t)(end - p), &code);
		const char *instead = entity(code);

		if (instead != NULL) {
			buf_put(out, plain, (size_t)(p - plain));
			buf_text(out, instead);
			plain = p + length;
		}
		p += length;
	}
	buf_put(out, plain, (size_t)(p - plain));
}

void
html_text(struct buf *out, const char *text)
{
	if (text != NULL)
		html_text_sized(out, text, strlen(text));
}

/*
 * The holes are literals of ours, checked by the compiler where html_put is
 * called; here they are taken apart again.
 */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void
put_number(struct buf *out, const char *hole, va_list *arguments)
{
	char kind = hole[strlen(hole) - 1];

	_Static_assert(sizeof(long) == sizeof(long long) &&
		sizeof(size_t) == sizeof(long long),
	    "taken alike below");
	if (strchr("fg", kind) != NULL)
		buf_print(out, hole, va_arg(*arguments, double));
	else if (strpbrk(hole, "lz") != NULL)
		buf_print(out, hole, va_arg(*arguments, long long));
	else
		buf_print(out, hole, va_arg(*arguments, int));
}
#pragma GCC diagnostic pop

void
html_put(struct buf *out, const char *markup, ...)
{
	va_list arguments;

	va_start(arguments, markup);
	for (const char *hole; (hole = strchr(markup, '%')) != NULL;) {
		size_t length = strcspn(hole + 1, "cdfgsu%") + 2;
		char form[HOLE_MAX + 1] = "";

		buf_put(out, markup, (size_t)(hole - markup));
		markup = hole + length;
		if (hole[length - 1] == '%') {
			buf_char(out, '%');
		} else if (hole[length - 1] == 's') {
			html_text(out, va_arg(arguments, const char *));
		} else if (length <= HOLE_MAX) {
			memcpy(form, hole, length);
			put_number(out, form, &arguments);
		}
	}
	va_end(arguments);
	buf_text(out, markup);
}

bool
html_url_ok(const char *url)
{
	static const char *const schemes[] = { "https://", "http://",
		"mailto:" };

	for (const char *p = url; *p != '\0'; p++)
		if ((unsigned char)*p <= 0x20 || *p == 0x7f || *p == '\\')
			return false;
	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++)
		if (strncasecmp(url, schemes[i], strlen(schemes[i])) == 0)
			return true;
	return false;
}

void
html_json_text(struct buf *out, const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	const unsigned char *end = p + strlen(text);

	buf_char(out, '"');
	while (p < end) {
		uint32_t code;
		size_t length = decode(p, (size_t)(end - p), &code);

		if (code == '"' || code == '\\')
			buf_print(out, "\\%c", (char)code);
		else if (code < 0x20 || code == '<' || code == 0x7f ||
		    code == 0x2028 || code == 0x2029)
			buf_print(out, "\\u%04x", (unsigned)code);
		else if (code == 0xfffd)
			buf_text(out, REPLACEMENT);
		else
			buf_put(out, p, length);
		p += length;
	}
	buf_char(out, '"');
}
