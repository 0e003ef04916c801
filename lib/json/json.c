#include "json/json.h"

#include <fcntl.h>
#include <string.h>

#include "base/io.h"
#include "base/num.h"

#define FILE_LIMIT ((size_t)4 << 20)

int
json_limits(
    const json_t *value, int depth, size_t *members, struct failure *why)
{
	const char *name;
	json_t *member;
	size_t i;

	if (depth > JSON_DEPTH_MAX)
		return failure_set(why, EXIT_REFUSED,
		    "is nested deeper than %d", JSON_DEPTH_MAX);
	if (json_is_string(value) &&
	    json_string_length(value) > JSON_STRING_MAX)
		return failure_set(why, EXIT_REFUSED,
		    "has a string longer than %d bytes", JSON_STRING_MAX);
	*members += json_is_object(value) ? json_object_size(value)
					  : json_array_size(value);
	if (*members > JSON_MEMBERS_MAX)
		return failure_set(why, EXIT_REFUSED,
		    "has more than %d members", JSON_MEMBERS_MAX);
	json_object_foreach((json_t *)(uintptr_t)value, name, member)
	{
		if (json_limits(member, depth + 1, members, why) < 0)
			return -1;
	}
	json_array_foreach(value, i, member)
	{
		if (json_limits(member, depth + 1, members, why) < 0)
			return -1;
	}
	return 0;
}

json_t *
json_read(const char *text, size_t size, struct failure *why)
{
	json_error_t error;
	json_t *value;
	size_t members = 0;

	/* jansson takes a NUL behind the value for the end of the text. */
	if (memchr(text, '\0', size) != NULL) {
		failure_set(why, EXIT_REFUSED, "is no JSON: has a NUL byte");
		return NULL;
	}
	value = json_loadb(
	    text, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (value == NULL) {
		char *near = strstr(error.text, " near '");

		/* what stands there may be secret, and logs are kept */
		if (near != NULL)
			*near = '\0';
		failure_set(why, EXIT_REFUSED, "is no JSON: %s at byte %d",
		    error.text, error.position);
		return NULL;
	}
	if (json_limits(value, 1, &members, why) < 0) {
		json_decref(value);
		return NULL;
	}
	return value;
}

json_t *
json_file(const char *path, struct failure *why)
{
	struct buf text = { 0 };
	json_error_t error;
	json_t *value = NULL;

	if (io_file_read(AT_FDCWD, path, FILE_LIMIT, &text, why) == 0) {
		value = json_loadb(
		    text.data, text.size, JSON_REJECT_DUPLICATES, &error);
		if (value == NULL)
			failure_set(why, EXIT_WRONG, "%s:%d: %s", path,
			    error.line, error.text);
	}
	buf_free(&text);
	return value;
}

static void
put_escape(struct buf *out, unsigned char c)
{
	static const char plain[] = "\b\f\n\r\t\"\\";
	static const char letters[] = "bfnrt\"\\";
	const char *found = memchr(plain, c, sizeof(plain) - 1);

	if (found != NULL) {
		buf_char(out, '\\');
		buf_char(out, letters[found - plain]);
	} else {
		buf_print(out, "\\u%04x", c);
	}
}

void
json_put_text(struct buf *out, const char *text, size_t size)
{
	size_t start = 0;

	if (!num_utf8(text, size)) {
		/* Byte by byte: what is ASCII stays, the rest is unknown. */
		buf_char(out, '"');
		for (size_t i = 0; i < size; i++) {
			unsigned char c = (unsigned char)text[i];

			if (c >= 0x80)
				buf_text(out, "\xef\xbf\xbd");
			else if (c < 0x20 || c == '"' || c == '\\')
				put_escape(out, c);
			else
				buf_char(out, text[i]);
		}
		buf_char(out, '"');
		return;
	}
	buf_char(out, '"');
	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		buf_put(out, text + start, i - start);
		put_escape(out, c);
		start = i + 1;
	}
	buf_put(out, text + start, size - start);
	buf_char(out, '"');
}

void
json_put_name(struct buf *out, const char *name)
{
	char last = out->size > 0 ? out->data[out->size - 1] : '{';

	if (last != '{' && last != '[' && last != ',')
		buf_char(out, ',');
	json_put_text(out, name, strlen(name));
	buf_char(out, ':');
}

char *
json_canonical(struct arena *arena, const json_t *value, size_t *size)
{
	const size_t flags = JSON_COMPACT | JSON_ENCODE_ANY;
	size_t need = json_dumpb(value, NULL, 0, flags);
	char *text = arena_alloc(arena, need + 1);

	*size = json_dumpb(value, text, need, flags);
	text[*size] = '\0';
	return text;
}

char *
json_compact(struct arena *arena, const char *text, size_t size, size_t *left)
{
	char *out = arena_alloc(arena, size + 1);
	bool inside = false;
	size_t n = 0;

	for (size_t i = 0; i < size; i++) {
		char c = text[i];

		if (!inside &&
		    (c == ' ' || c == '\t' || c == '\r' || c == '\n'))
			continue;
		out[n++] = c;
		if (c == '"')
			inside = !inside;
		else if (inside && c == '\\' && i + 1 < size)
			out[n++] = text[++i];
	}
	out[n] = '\0';
	*left = n;
	return out;
}

int
json_member_text(const json_t *object, const char *name, bool must,
    const char **value, struct failure *why)
{
	const json_t *member = json_object_get(object, name);

	if (member == NULL)
		return !must
		    ? 0
		    : failure_set(why, EXIT_REFUSED, "has no \"%s\"", name);
	if (!json_is_string(member) ||
	    strlen(json_string_value(member)) != json_string_length(member))
		return failure_set(
		    why, EXIT_REFUSED, "\"%s\" is no text", name);
	*value = json_string_value(member);
	return 0;
}

int
json_member_integer(const json_t *object, const char *name, bool must,
    int64_t low, int64_t high, int64_t *value, struct failure *why)
{
	const json_t *member = json_object_get(object, name);

	if (member == NULL)
		return !must
		    ? 0
		    : failure_set(why, EXIT_REFUSED, "has no \"%s\"", name);
	if (!json_is_integer(member) || json_integer_value(member) < low ||
	    json_integer_value(member) > high)
		return failure_set(why, EXIT_REFUSED,
		    "\"%s\" is no whole "
		    "number from %lld to %lld",
		    name, (long long)low, (long long)high);
	*value = json_integer_value(member);
	return 0;
}

int
json_member_bool(
    const json_t *object, const char *name, bool *value, struct failure *why)
{
	const json_t *member = json_object_get(object, name);

	if (member == NULL)
		return 0;
	if (!json_is_boolean(member))
		return failure_set(why, EXIT_REFUSED,
		    "\"%s\" is neither true nor false", name);
	*value = json_is_true(member);
	return 0;
}

int
json_members_known(
    const json_t *object, const char *const *names, struct failure *why)
{
	const char *name;
	json_t *member;

	json_object_foreach((json_t *)(uintptr_t)object, name, member)
	{
		size_t i = 0;

		while (names[i] != NULL && strcmp(names[i], name) != 0)
			i++;
		if (names[i] == NULL)
			return failure_set(why, EXIT_REFUSED,
			    "\"%.100s\" is an unknown member", name);
	}
	return 0;
}
